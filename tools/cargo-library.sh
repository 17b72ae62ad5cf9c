#!/bin/sh
# cargo-library.sh MESSAGES ARGUMENT...: `cargo build --lib ARGUMENT...`, and what cargo says of the
# build for programs is left in the file MESSAGES. That has, for what was built just now and for what
# was there already, where each build script has put its files: tools/out-dir.sh asks it.

set -eu
messages=$1
shift
mkdir -p "$(dirname "$messages")"
"${CARGO:-cargo}" build --lib --message-format json-render-diagnostics "$@" >"$messages.new" || {
    rm -f "$messages.new"
    exit 1
}
mv "$messages.new" "$messages"
