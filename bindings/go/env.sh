# shellcheck shell=sh
# Sourced by the scripts here, with the top of this tree in $root: makes `go` find the library as it was built in this tree. It is
# installed into a prefix of its own, for pkg-config is how this package finds it everywhere.

# shellcheck source=/dev/null disable=SC2154 # of the script that sources this
. "$root/tools/path.sh"

go_missing() { # go_missing ROOT: says why Go cannot be used, or nothing
    if ! command -v go >/dev/null; then
        echo 'Go is not installed'
        return
    fi
    wanted=$(sed -n 's/^go //p' "$1/bindings/go/go.mod")
    found=$(cd "$1/bindings/go" && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//')
    oldest=$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -n 1)
    if [ "$oldest" != "$wanted" ]; then
        echo "Go is $found, and $wanted or later is needed"
    elif ! command -v pkg-config >/dev/null; then
        echo 'pkg-config is not installed'
    elif ! (cd "$1/bindings/go" && GOTOOLCHAIN=local go mod download) >/dev/null 2>&1; then
        echo 'the modules of go.mod cannot be had'
    fi
}

go_environment() { # go_environment ROOT
    go_prefix=$1/target/go/prefix
    make -C "$1" install PREFIX="$go_prefix" >/dev/null
    export GOTOOLCHAIN=local
    export PKG_CONFIG_PATH="$go_prefix/lib/pkgconfig"
    export LD_LIBRARY_PATH="$go_prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export TLSWRAP_CHAIN="$go_prefix/bin/tlswrap-chain"
    unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
}
