#!/bin/sh
# check-windows.sh: whether what is for Windows alone compiles.
# BoringSSL is not needed for it, so neither is a compiler of C for Windows; only Rust's
# standard library for that target: rustup target add x86_64-pc-windows-gnu

set -eu
cd "$(dirname "$0")/.."
target=x86_64-pc-windows-gnu
root=$PWD
work=$root/target/check-windows

if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "skipped windows: no standard library for $target"
    exit 0
fi
mkdir -p "$work"
cat >"$work/Cargo.toml" <<EOF
[package]
name = "check-windows"
version = "0.0.0"
edition = "2024"

[lib]
path = "lib.rs"

[dependencies]
data-encoding = "2"
$(grep '^windows-sys = ' Cargo.toml)

[workspace]
EOF
# The rooms it lives on, and of its C side the module that is for Windows.
{
    for room in cert error json stores; do
        file=$root/src/$room.rs
        [ -e "$file" ] || file=$root/src/$room/mod.rs
        echo "#[path = \"$file\"]"
        echo "pub mod $room;"
    done
    sed -n '/^mod windows {/,/^}/p' src/ffi/stores.rs | sed 's/^mod/pub mod/'
} >"$work/lib.rs"
cp Cargo.lock "$work/Cargo.lock"
cargo check --quiet --target "$target" --manifest-path "$work/Cargo.toml"
echo "ok      Windows ($target)"
