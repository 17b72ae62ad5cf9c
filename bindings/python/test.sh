#!/bin/sh
# test.sh [PART...]: the tests of the Python binding, see tests/run.py. Its last line counts them.

set -eu
here=$(cd "$(dirname "$0")" && pwd)

why=$("$here/missing.sh")
if [ -n "$why" ]; then
    echo "skipped the Python binding: $why"
    printf '\n0 passed, 0 failed, 1 skipped\n'
    exit 0
fi
for needed in target/dist/libtlswrap.so target/release/examples/make-certs; do
    [ -e "$here/../../$needed" ] || { echo 'test.sh: not built yet: make build make-certs' >&2; exit 1; }
done
exec python3 "$here/tests/run.py" "$@"
