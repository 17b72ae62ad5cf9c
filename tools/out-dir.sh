#!/bin/sh
# out-dir.sh MESSAGES LIBRARY: prints the folder of the build script that had LIBRARY linked, in the
# build of which MESSAGES tells (tools/cargo-library.sh); nothing if none did. Not by looking at what
# is in target: files of other builds are there too, and cargo changes the names of its folders.

set -eu
[ -e "$1" ] || { echo "out-dir.sh: $1 is not there; make build writes it" >&2; exit 1; }
sed -nE "/\"reason\":\"build-script-executed\"/{/\"linked_libs\":\[[^]]*=$2\"/s/.*\"out_dir\":\"([^\"]*)\".*/\1/p;}" "$1"
