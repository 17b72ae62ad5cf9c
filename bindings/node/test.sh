#!/bin/sh
# test.sh: the tests of the Node binding. Ends with `N passed, M failed`, or says in one line why it skipped them.

set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
# shellcheck source=/dev/null
. "$root/tools/path.sh"

for needed in ../../target/dist/libtlswrap.so ../../target/release/examples/make-certs; do
    [ -e "$needed" ] || { echo 'test.sh: not built yet: make build make-certs' >&2; exit 1; }
done
why=$(./missing.sh)
if [ -n "$why" ]; then
    echo "skipped the Node binding: $why"
    exit 0
fi
exec node --test --test-reporter=./test/reporter.mjs test/*.test.js
