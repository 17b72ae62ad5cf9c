#!/bin/sh
# packaging.sh: installs into an empty prefix, and builds and runs tlswrap-chain from there
# in every way a program can get at the library.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
for needed in target/dist/tlswrap-chain target/release/examples/make-certs; do
    [ -e "$needed" ] || { echo 'packaging.sh: not built yet: make build make-certs' >&2; exit 1; }
done
work=$root/target/test-packaging
prefix=$work/prefix
rm -rf "$work"
mkdir -p "$work"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
unset PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

sources=$(find bindings/c/examples -path '*chain*' -name '*.c' | sed "s,^,$root/,")

passed=0 failed=0 skipped=0
there() { # there TOOL|HEADER
    case $1 in
        *.h) echo "#include <$1>" | cc -E -x c - >/dev/null 2>&1 ;;
        *) command -v "$1" >/dev/null ;;
    esac
}
check() { # check WHAT FUNCTION [NEEDED]: skipped where that is not installed
    if [ $# -gt 2 ] && ! there "$3"; then
        echo "skipped $1: $3 is not installed"
        skipped=$((skipped + 1))
        return
    fi
    # In the background, because the condition of an `if` would disarm -e.
    "$2" >"$work/log" 2>&1 &
    if wait $!; then
        echo "ok      $1"
        passed=$((passed + 1))
    else
        echo "FAILED  $1"
        sed 's/^/        /' "$work/log"
        failed=$((failed + 1))
    fi
}

works() { # works PROGRAM shared|static
    "$1" --help | grep tlswrap-chain
    if [ "$2" = shared ]; then
        readelf -d "$1" | grep 'NEEDED.*libtlswrap\.so\.'
    elif readelf -d "$1" | grep libtlswrap; then
        return 1
    fi
}

installs() {
    make install PREFIX="$prefix"
    # A second time over the first must do as well.
    make install PREFIX="$prefix"
    works "$prefix/bin/tlswrap-chain" static
}

# shellcheck disable=SC2046,SC2086 # lists of words
pkg_config_shared() {
    cc -std=c99 $sources -o "$work/pc-shared" $(pkg-config --cflags --libs tlswrap)
    LD_LIBRARY_PATH=$prefix/lib works "$work/pc-shared" shared
}

# shellcheck disable=SC2046,SC2086 # lists of words
pkg_config_static() {
    cc -std=c99 -static $sources -o "$work/pc-static" $(pkg-config --static --cflags --libs tlswrap)
    works "$work/pc-static" static
}

# Here OpenSSL's own functions come first, and must be what the program's calls reach.
beside_openssl() {
    cat >"$work/beside.c" <<'C'
#include <openssl/ssl.h>
#include <string.h>
#include <tlswrap.h>
int main(void) {
  SSL_CTX *theirs = SSL_CTX_new(TLS_method());
  tlsw_ctx *ours = NULL;
  int good = theirs != NULL && SSL_CTX_set1_groups_list(theirs, "P-521:ffdhe2048") == 1 &&
             strncmp(OpenSSL_version(OPENSSL_VERSION), "OpenSSL", 7) == 0 &&
             tlsw_ctx_new(TLSW_SERVER, &ours, NULL) == TLSW_OK;
  tlsw_ctx_free(ours);
  SSL_CTX_free(theirs);
  return good ? 0 : 1;
}
C
    archive="$prefix/lib/libtlswrap.a"
    cc "$work/beside.c" -I"$prefix/include" -o "$work/first" "$archive" -lssl -lcrypto -lpthread -ldl -lm
    cc "$work/beside.c" -I"$prefix/include" -o "$work/last" -lssl -lcrypto "$archive" -lpthread -ldl -lm
    "$work/first"
    "$work/last"
}

cmake_project() { # cmake_project LINE OPTION...: in $project, a program that gets the library by LINE
    mkdir -p "$project"
    cat >"$project/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.18)
project(user LANGUAGES C)
set(CMAKE_C_STANDARD 99)
$1
add_executable(chain $(echo "$sources" | tr '\n' ' '))
target_link_libraries(chain PRIVATE tlswrap::tlswrap)
CMAKE
    shift
    cmake -S "$project" -B "$project/build" "$@"
    cmake --build "$project/build"
}

find_package_in() { # find_package_in shared|static ON|OFF
    project=$work/find-$1
    cmake_project 'find_package(tlswrap 0.1 REQUIRED)' \
        -DCMAKE_PREFIX_PATH="$prefix" -Dtlswrap_USE_STATIC_LIBS="$2"
    works "$project/build/chain" "$1"
}
find_package_shared() { find_package_in shared OFF; }
find_package_static() { find_package_in static ON; }

# With the tree's own target directory, so that BoringSSL is not compiled again.
subdirectory_in() { # subdirectory_in shared|static ON|OFF
    project=$work/sub-$1
    cmake_project "add_subdirectory($root/bindings/c tlswrap)" \
        -DTLSWRAP_CARGO_DIR="$root/target" -DTLSWRAP_SHARED="$2"
    works "$project/build/chain" "$1"
}
subdirectory_shared() { subdirectory_in shared ON; }
subdirectory_static() { subdirectory_in static OFF; }

# As firmware takes it: the smallest code, in a program that shakes hands. BoringSSL is the one of
# `make build`; compiling it for size, too, would take minutes.
embedded() {
    project=$work/embedded
    boringssl=$(tools/out-dir.sh target/release/libtlswrap.json ssl)
    export BORING_BSSL_PATH="$boringssl/build" BORING_BSSL_INCLUDE_PATH="$boringssl/boringssl/include"
    export BORING_BSSL_ASSUME_PATCHED=1
    sources=$root/bindings/c/examples/memory.c
    cmake_project "add_subdirectory($root/bindings/c tlswrap)" \
        -DTLSWRAP_CARGO_DIR="$root/target" -DTLSWRAP_PROFILE=embedded
    # The one that is built: cargo, told of another BoringSSL, would build everything anew, twice.
    "$root/target/release/examples/make-certs" "$work/pki"
    cd "$work/pki"
    "$project/build/chain" localhost.chain.pem localhost.key.pem root.pem localhost
}

# What other builds have left in target is not sealed in, however new it is; nor does it matter how
# cargo names the folder of the right one. What belongs to no known build is refused.
sealing() {
    sealed=$work/sealing/sealed.a
    stale=target/release/build/tlswrap-0000000000000000
    in=$work/sealing/libtlswrap.a
    mkdir -p "$stale/out" "$work/sealing/build/tlswrap/0000/out"
    tools/seal-static.sh target/release/libtlswrap.a "$sealed"
    printf 'int tlsw_stale;\n' | cc -c -x c -o "$work/sealing/stale.o" -
    ar rc "$stale/out/libtlsw_record_buffers.a" "$work/sealing/stale.o"
    status=0
    tools/seal-static.sh target/release/libtlswrap.a "$work/sealing/again.a" || status=$?
    rm -rf "$stale"
    [ "$status" = 0 ]
    cmp "$sealed" "$work/sealing/again.a"

    out=$(tools/out-dir.sh target/release/libtlswrap.json tlsw_record_buffers)
    cp "$out/libtlsw_record_buffers.a" "$work/sealing/build/tlswrap/0000/out/"
    cp -p target/release/libtlswrap.a "$in"
    if tools/seal-static.sh "$in" "$work/sealing/unknown.a"; then return 1; fi
    sed "s,\"$out\",\"$work/sealing/build/tlswrap/0000/out\",g" target/release/libtlswrap.json >"${in%.a}.json"
    tools/seal-static.sh "$in" "$work/sealing/elsewhere.a"
    cmp "$sealed" "$work/sealing/elsewhere.a"
    rm "$work/sealing/build/tlswrap/0000/out/libtlsw_record_buffers.a"
    if tools/seal-static.sh "$in" "$work/sealing/lost.a"; then return 1; fi
}

uninstalls() {
    make uninstall PREFIX="$prefix"
    [ -z "$(find "$prefix" ! -type d)" ]
}

check 'make install' installs
check 'pkg-config, shared' pkg_config_shared pkg-config
check 'pkg-config, all static' pkg_config_static pkg-config
check 'static beside OpenSSL, in either order' beside_openssl openssl/ssl.h
check 'CMake find_package, shared' find_package_shared
check 'CMake find_package, static' find_package_static
check 'CMake add_subdirectory, shared' subdirectory_shared
check 'CMake add_subdirectory, static' subdirectory_static
check 'CMake add_subdirectory, for small targets' embedded
check 'sealing takes the record buffers of its own build' sealing
check 'make uninstall' uninstalls

echo
echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
