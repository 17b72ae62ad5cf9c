#!/bin/sh
# test.sh: the tests of the Node binding. Ends with `N passed, M failed`, or says in one line why it skipped them.

set -eu
cd "$(dirname "$0")"

skip() {
    echo "skipped the Node binding: $1"
    exit 0
}

wanted=$(sed -nE 's/.*"node": *">=([0-9.]+)".*/\1/p' package.json)
command -v node >/dev/null 2>&1 || skip "there is no node; $wanted or later is wanted"
command -v npm >/dev/null 2>&1 || skip 'there is no npm'
found=$(node --version | sed 's/^v//')
[ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
    skip "node is $found, and $wanted or later is wanted"
for needed in ../../target/dist/libtlswrap.so ../../target/release/examples/make-certs; do
    [ -e "$needed" ] || { echo 'test.sh: not built yet: make build make-certs' >&2; exit 1; }
done
if [ -z "$(find node_modules/.package-lock.json -newer package-lock.json 2>/dev/null)" ]; then
    npm ci --no-audit --no-fund || skip 'npm cannot install what the tests need (its words are above)'
fi
npm run --silent build

exec node --test --test-reporter=./test/reporter.mjs test/*.test.js
