#!/bin/sh
# test.sh [PART...]: the tests of the Python binding, see tests/run.py. Its last line counts them.

set -eu
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v python3 >/dev/null; then
    echo 'skipped the Python binding: there is no python3'
    printf '\n0 passed, 0 failed, 1 skipped\n'
    exit 0
fi
if ! python3 -c 'import sys, ctypes, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    echo "skipped the Python binding: $(python3 --version) is older than 3.9, or lacks ctypes or venv"
    printf '\n0 passed, 0 failed, 1 skipped\n'
    exit 0
fi
for needed in target/dist/libtlswrap.so target/release/examples/make-certs; do
    [ -e "$here/../../$needed" ] || { echo 'test.sh: not built yet: make build make-certs' >&2; exit 1; }
done
exec python3 "$here/tests/run.py" "$@"
