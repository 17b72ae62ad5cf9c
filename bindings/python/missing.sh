#!/bin/sh
# missing.sh: what the Python binding needs and this machine lacks, in one line; nothing if it can run.
if ! command -v python3 >/dev/null; then
    echo 'there is no python3'
elif ! python3 -c 'import sys, ctypes, venv, ensurepip; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
    echo "$(python3 --version) is older than 3.9, or lacks ctypes or venv"
fi
