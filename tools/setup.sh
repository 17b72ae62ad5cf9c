#!/bin/sh
# Makes a machine able to build tlswrap (`setup.sh build`) or to run all its tests
# (`setup.sh test`, which includes the former).
#
# Every tool is looked for, each time, in the way it will be used; what is missing, and
# only that, is installed with apt. Where that cannot be done this says which packages
# are needed and by which command they come, and ends with status 1.
#
# Where the system's Go or Node is too old for the tests, a newer one is put into target/tools;
# nothing of the system is changed for that. tools/path.sh makes the tests find it.

set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

die() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

at_least() { # at_least WANTED FOUND: compares two version numbers; none is older than any
    [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# ---- What is needed. A line adds a Debian package to $missing unless its check succeeds. ----

need() { # need PACKAGE CHECK...
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}

first_of() { # whether any of the given files is there; the arguments may be globs without match
    for file; do
        [ -e "$file" ] && return 0
    done
    return 1
}

compiles() { # compiles COMPILER ARGUMENTS... < source
    "$@" -c -o /dev/null -
}

libclang() { # where bindgen looks for it, and the compiler's own headers beside it
    [ -z "${LIBCLANG_PATH:-}" ] || return 0
    first_of /usr/lib/libclang*.so* /usr/lib64/libclang*.so* /usr/local/lib/libclang*.so* \
        /usr/lib/*/libclang*.so* /usr/lib/llvm*/lib/libclang*.so* &&
        first_of /usr/lib/clang/*/include/stddef.h /usr/lib64/clang/*/include/stddef.h \
            /usr/local/lib/clang/*/include/stddef.h /usr/lib/llvm*/lib/clang/*/include/stddef.h
}

cxx() { # the compiler that BoringSSL will be built with: see the Makefile
    for compiler in ${CXX:-clang++ g++}; do
        have "$compiler" && break
    done
    compiles "$compiler" -x c++
}

for_building() {
    need git have git
    need make have make
    need cmake have cmake
    need binutils have objcopy
    need gcc have cc
    need libc6-dev compiles cc -x c <<'C'
#include <stdio.h>
#include <pthread.h>
C
    # bindgen's library and its headers; on Debian they come with the compiler that
    # BoringSSL is fastest with.
    need clang libclang
    need g++ cxx <<'C'
#include <string_view>
C
}

for_testing() {
    need gcc have gcc
    need g++ have g++
    need clang have clang
    need clang have clang++
    need curl have curl
    need python3 have python3
    need python3-venv python3 -c 'import ensurepip'
    # CPython's own suites. Only Debian's own Python has them in a package of their own, which
    # carries Python's number; that is known once Python is here.
    [ "$(command -v python3)" != /usr/bin/python3 ] ||
        need "libpython$(python3_version)-testsuite" python3 -c 'import test.test_ssl'
    need openssl have openssl
    need gnutls-bin have gnutls-cli
    need gnutls-bin have gnutls-serv
    need pkg-config have pkg-config
    need shellcheck have shellcheck
    need golang-go have go
    need nodejs have node
    need npm have npm
    need ca-certificates test -s /etc/ssl/certs/ca-certificates.crt
    need libssl-dev compiles cc -x c <<'C'
#include <openssl/ssl.h>
C
    need valgrind have valgrind
    need libc6-dbg valgrind -q true
    need "$(sanitizers)" clang -fsanitize=address,undefined -o /dev/null -x c - <<'C'
int main(void) { return 0; }
C
}

# The package of clang's sanitizers, which carries the number of the installed clang. Where
# clang is missing too, the unnumbered one brings that of the clang about to be installed.
sanitizers() {
    number=$(clang -dumpversion 2>/dev/null | cut -d . -f 1)
    echo "libclang-rt-${number:+$number-}dev"
}

python3_version() { python3 -c 'import sys; print("{}.{}".format(*sys.version_info))'; }

# ---- Rust, which is not ours to install ----

rust() {
    wanted=$(sed -n 's/^rust-version *= *"\(.*\)".*/\1/p' Cargo.toml)
    if ! have cargo || ! have rustc; then
        die "Rust is missing: cargo and rustc, version $wanted or later, must be on the PATH." \
            'On most systems rustup installs them; see https://rust-lang.org/tools/install'
    fi
    found=$(rustc --version | cut -d ' ' -f 2)
    at_least "$wanted" "$found" ||
        die "Rust is too old: rustc is $found, and tlswrap needs $wanted or later." \
            'With rustup: rustup update stable'
}

rust_components() {
    for tool in fmt clippy; do
        cargo "$tool" --version >/dev/null 2>&1 && continue
        component=$(echo "$tool" | sed 's/^fmt$/rustfmt/')
        say "installing the Rust component $component"
        { have rustup && rustup component add "$component"; } ||
            die "cargo $tool is missing: install $component from where Rust came from" \
                "(with rustup: rustup component add $component)"
    done
}

# ---- Installing ----

install_missing() {
    # shellcheck disable=SC2086 # a list of words
    missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
    missing=${missing% }

    command="apt-get install $missing"
    have apt-get ||
        die 'these tools are missing, by the names of the Debian packages that hold them:' \
            "    $missing" 'This system has no apt-get: please install their like and start again.'

    root=
    if [ "$(id -u)" -ne 0 ]; then
        have sudo || die 'some packages are missing, and installing them takes root. Please run as root:' \
            "    $command"
        root=sudo
        # Nobody is there to type a password.
        [ -t 0 ] || root='sudo -n'
        command="sudo $command"
    fi

    say "installing $missing"
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # The lists of packages may not be there yet, or be too old for the server.
    if ! { lists_there && apt_get install; } && ! { apt_get update && apt_get install; }; then
        tail -n 20 "$log" | sed 's/^/    /' >&2
        die 'apt-get could not install what is missing (its words are above). Please make this work:' \
            "    $command"
    fi
}

lists_there() { first_of /var/lib/apt/lists/*_Packages*; }

apt_get() { # apt_get install|update, its output added to $log
    packages=
    [ "$1" = update ] || packages=$missing
    # shellcheck disable=SC2086 # both are lists of words
    $root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 \
        -qq -y --no-install-recommends "$1" $packages >>"$log" 2>&1 </dev/null
}

# ---- Go and Node newer than the system's, in target/tools ----

fetched=$PWD/target/tools
# Go fetches the version that BoringSSL's runner (tests/bogo) wants by itself from 1.21 on.
go_wanted=$(sed -n 's/^go //p' bindings/go/go.mod)
go_fetched=1.27.0
node_wanted=$(sed -nE 's/.*"node": *">=([0-9.]+)".*/\1/p' bindings/node/package.json)
node_fetched=22

newer_tools() {
    newer go "$go_wanted" "$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//')" fetch_go
    newer node "$node_wanted" "$(node --version 2>/dev/null | sed 's/^v//')" fetch_node
}

newer() { # newer TOOL WANTED FOUND HOW: fetches TOOL if the system's version, FOUND, is too old
    if at_least "$2" "$3"; then
        rm -f "$fetched/bin/$1" # of a time when the system's was older
        return
    fi
    [ ! -x "$fetched/bin/$1" ] || return 0
    say "putting a newer $1 into target/tools: the system's is ${3:-missing}, and $2 is needed"
    mkdir -p "$fetched/bin"
    log=$(mktemp)
    if ! "$4" >"$log" 2>&1; then
        tail -n 5 "$log" | sed 's/^/    /' >&2
        say "$1 could not be fetched; its tests will be skipped"
    fi
    rm -f "$log"
}

# Go's own way to newer versions of itself, which commands before 1.21 do not know: a module of
# which the checksum is verified like that of any other, and in which the bits of executable files
# and the names of two go.mod have to be set right.
fetch_go() {
    platform=$(go env GOOS)-$(go env GOARCH) &&
        rm -rf "$fetched/go" "$fetched/cache" &&
        (cd / && GOTOOLCHAIN=local GOFLAGS=-modcacherw GOMODCACHE=$fetched/cache \
            go mod download "golang.org/toolchain@v0.0.1-go$go_fetched.$platform") &&
        mv "$fetched/cache/golang.org/toolchain@v0.0.1-go$go_fetched.$platform" "$fetched/go" &&
        rm -rf "$fetched/cache" &&
        chmod +x "$fetched"/go/bin/* "$fetched"/go/pkg/tool/*/* &&
        mv "$fetched/go/src/_go.mod" "$fetched/go/src/go.mod" &&
        mv "$fetched/go/src/cmd/_go.mod" "$fetched/go/src/cmd/go.mod" &&
        ln -sf ../go/bin/go ../go/bin/gofmt "$fetched/bin/" &&
        "$fetched/bin/go" version
}

fetch_node() { # the npm package `node` holds the program
    npm install --no-audit --no-fund --prefix "$fetched/node" "node@$node_fetched" &&
        ln -sf ../node/node_modules/node/bin/node "$fetched/bin/" &&
        "$fetched/bin/node" --version
}

look() { # sets $missing
    missing=
    for_building
    [ "$1" = build ] || for_testing
}

case ${1:-} in
    build | test) ;;
    *) die 'usage: tools/setup.sh build|test' ;;
esac

rust
look "$1"
# Twice, because what is looked for may depend on what was installed: a number in a package's name.
for _ in first second; do
    [ -z "$missing" ] || { install_missing; look "$1"; }
done
[ -z "$missing" ] ||
    die "installed, and still not usable:$missing" 'Is another version of it first on the PATH?'
[ "$1" = build ] || {
    rust_components
    newer_tools
}
