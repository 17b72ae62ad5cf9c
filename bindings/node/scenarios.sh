#!/bin/sh
# scenarios.sh TABLE DIR: the driver of Node, see ../../tests/conformance/README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=/dev/null
. "$root/tools/path.sh"
why=$("$here/missing.sh")
[ -z "$why" ] || { echo "$why" >&2; exit 77; }
TLSWRAP_TEST_PKI=$2 exec node "$here/test/scenarios.js" "$@"
