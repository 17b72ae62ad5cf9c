#!/bin/sh
# missing.sh: installs and builds what running the Node binding takes. Where that cannot be done it prints why, in one
# line, and nothing else on its standard output.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
# shellcheck source=/dev/null
. "$root/tools/path.sh"

wanted=$(sed -nE 's/.*"node": *">=([0-9.]+)".*/\1/p' package.json)
if ! command -v node >/dev/null 2>&1; then
    echo "there is no node; $wanted or later is wanted"
elif ! command -v npm >/dev/null 2>&1; then
    echo 'there is no npm'
elif found=$(node --version | sed 's/^v//'); [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
    echo "node is $found, and $wanted or later is wanted"
elif [ -z "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ] &&
    ! npm ci --no-audit --no-fund >&2; then
    echo 'npm cannot install what the tests need'
else
    npm run --silent build >&2
fi
