#!/bin/sh
# check-cargo-c.sh: `cargo cinstall` into an empty prefix gives the files of `make install`, and a
# program builds, runs and shakes hands from there.
#
# Not a part of the tests, because few machines have cargo-c: `apt-get install cargo-c` on Debian 13
# (0.10.11, which was tried), elsewhere `cargo install cargo-c`. The library is compiled once more,
# for cargo-c has a place of its own for it; BoringSSL is taken from `make build`.

set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
cargo cinstall --version >/dev/null 2>&1 || { echo 'check-cargo-c.sh: cargo-c is not installed' >&2; exit 1; }
for needed in target/dist/tlswrap-chain target/release/examples/make-certs; do
    [ -e $needed ] || { echo 'check-cargo-c.sh: not built yet: make build make-certs' >&2; exit 1; }
done

boringssl=$(tools/out-dir.sh target/release/libtlswrap.json ssl)
export BORING_BSSL_PATH="$boringssl/build" BORING_BSSL_INCLUDE_PATH="$boringssl/boringssl/include"
export BORING_BSSL_ASSUME_PATCHED=1

work=$root/target/check-cargo-c
rm -rf "$work/ours" "$work/theirs"
mkdir -p "$work"
make install PREFIX="$work/ours"
cargo cinstall --release --target-dir "$work/target" --prefix "$work/theirs" --libdir "$work/theirs/lib"

# CMake's files and the command are make's alone.
layout() { (cd "$1" && find include lib \( -type f -o -type l \) ! -path '*/cmake/*' | sort); }
layout "$work/ours" >"$work/ours.txt"
layout "$work/theirs" >"$work/theirs.txt"
diff "$work/ours.txt" "$work/theirs.txt"
cmp include/tlswrap.h "$work/theirs/include/tlswrap.h"
soname() { readelf -d "$1/lib/libtlswrap.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'; }
[ "$(soname "$work/theirs")" = "$(soname "$work/ours")" ]
cmp "$work/theirs/lib/libtlswrap.so" "$work/theirs/lib/$(soname "$work/ours")"

target/release/examples/make-certs "$work/pki"
cd "$work/pki"
works() { "$1" localhost.chain.pem localhost.key.pem root.pem localhost; }
export PKG_CONFIG_PATH="$work/theirs/lib/pkgconfig"
source=$root/bindings/c/examples/memory.c
# shellcheck disable=SC2046 # lists of words
cc -std=c99 "$source" -o "$work/shared" $(pkg-config --cflags --libs tlswrap) -Wl,-rpath,"$work/theirs/lib"
works "$work/shared"
# This one is cargo's own static library, which still wants the C++ runtime.
# shellcheck disable=SC2046 # lists of words
cc -std=c99 $(pkg-config --cflags tlswrap) "$source" -o "$work/static" "$work/theirs/lib/libtlswrap.a" \
    -lstdc++ $(pkg-config --static --libs-only-l tlswrap | sed 's/-ltlswrap//')
works "$work/static"
echo 'cargo cinstall: as it should be'
