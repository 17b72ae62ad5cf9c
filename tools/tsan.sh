#!/bin/sh
# tsan.sh [NAME...]: runs tests under ThreadSanitizer, which tells where two threads touch the same
# memory with nothing to say which comes first: all of the list below, or those named (c/NAME is
# tests/c/NAME.c). One line a program, and `N passed, M failed, K skipped` at the end.
#
# All that runs in the process must be compiled for it: BoringSSL (without its assembly, into which
# nothing could look), Rust's std, the library and the test. That takes a nightly Rust with its
# source, clang, and five minutes the first time; what was built stays in target/tsan.

set -eu
cd "$(dirname "$0")/.."
tests='c/sharing c/threads lib threads bio errors fd hooks late psk session settings sni sockets stats'
runs=${RUNS:-20} # of a C test: they are short, and what is done once for a process is done in each
work=$PWD/target/tsan
logs=target/test-logs
mkdir -p "$work/c" "$logs"
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $tests

lacks() { # what is not there
    command -v clang++ >/dev/null || { echo 'clang is not installed'; return; }
    nightly=$(rustc +nightly --print sysroot 2>/dev/null) &&
        [ -d "$nightly/lib/rustlib/src/rust/library/std" ] ||
        echo 'nightly Rust with its source is not installed:' \
            'rustup toolchain install nightly --component rust-src'
}
reason=$(lacks)
if [ -n "$reason" ]; then
    printf 'tsan.sh: %s\n\n0 passed, 0 failed, %s skipped\n' "$reason" $#
    exit 1
fi

export CC=clang CXX=clang++ CFLAGS=-fsanitize=thread CXXFLAGS=-fsanitize=thread
export RUSTFLAGS=-Zsanitizer=thread CARGO_TARGET_DIR="$work"
export CMAKE_TOOLCHAIN_FILE="$work/no-assembly.cmake"
echo 'set(OPENSSL_NO_ASM ON)' >"$CMAKE_TOOLCHAIN_FILE"
# The target has to be named, or build scripts would be compiled in the same way.
target=$(rustc +nightly -vV | sed -n 's/^host: //p')
instrumented() { # instrumented COMMAND ARGUMENT...
    command=$1
    shift
    timeout 1800 cargo +nightly "$command" -Zbuild-std --target "$target" --release "$@"
}

# The sanitizer itself comes from rustc, whose LLVM is as new as clang's or newer. It is the
# program's, and the library finds it there.
run_c() { # run_c c/NAME
    clang -std=c99 -O1 -g -fsanitize=thread -Iinclude -c "tests/$1.c" -o "$work/$1.o" &&
        clang "$work/$1.o" -o "$work/$1" -rdynamic "$work/$soname" -Wl,-rpath,"$work" \
            -Wl,--whole-archive "$(rustc +nightly --print target-libdir)/librustc-nightly_rt.tsan.a" \
            -Wl,--no-whole-archive -lpthread -lrt -ldl -lm || return
    for _ in $(seq "$runs"); do
        TLSW_TEST_PKI="$work/pki" timeout 300 "$work/$1" || return
    done
}

run() { # run NAME
    case $1 in
        c/*) run_c "$1" ;;
        lib) instrumented test --lib ;;
        *) instrumented test --test "$1" ;;
    esac
}

{
    instrumented build --lib &&
        library=$work/$target/release/libtlswrap.so &&
        soname=$(objdump -p "$library" | sed -n 's/^ *SONAME *//p') &&
        cp "$library" "$work/$soname" &&
        instrumented run --example make-certs -- "$work/pki"
} >"$logs/tsan-build.log" 2>&1 || { cat "$logs/tsan-build.log"; exit 1; }

passed=0 failed=0
for name; do
    log=$logs/tsan-$(echo "$name" | tr / -).log
    if run "$name" >"$log" 2>&1; then
        echo "ok      $name"
        passed=$((passed + 1))
    else
        echo "FAILED  $name; all of it is in $log"
        grep -m 10 -A 12 '^WARNING: ThreadSanitizer' "$log" || tail -n 30 "$log"
        failed=$((failed + 1))
    fi
done
echo
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
