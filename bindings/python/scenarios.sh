#!/bin/sh
# scenarios.sh TABLE DIR: the driver of Python, see ../../tests/conformance/README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
why=$("$here/missing.sh")
[ -z "$why" ] || { echo "$why" >&2; exit 77; }
PYTHONPATH=$here exec python3 -m tlswrap "$here/tests/scenarios.py" "$@"
