#!/bin/sh
# run.sh: builds a Rust program that depends on the crate, as others' programs do, and runs it.
# BoringSSL is not compiled again: the program has the crate's own profile, and its target directory.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/rust-program
mkdir -p "$work"
{
    cat <<END
[package]
name = "rust-program"
version = "0.0.0"
edition = "2024"

[[bin]]
name = "rust-program"
path = "$here/main.rs"

[dependencies]
tlswrap = { path = "$root" }

[workspace]

END
    sed -n '/^\[profile\.release/,/^$/p' "$root/Cargo.toml"
} >"$work/Cargo.toml"
cp "$root/Cargo.lock" "$work/Cargo.lock"
CARGO_TARGET_DIR=$root/target cargo build --release --offline --quiet --manifest-path "$work/Cargo.toml"
"$root/target/release/rust-program"
echo 'ok      the panic hook of a Rust program stays'
