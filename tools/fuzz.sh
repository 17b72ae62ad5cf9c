#!/bin/sh
# fuzz.sh [TARGET...]: runs the fuzz targets, all of them or those named, one after the other, a
# minute each (SECONDS_EACH). It begins with the inputs in fuzz/corpus and with seeds made from what
# the tests know, and keeps what it found worth keeping in target/fuzz-corpus. One line a target, and
# `N passed, M failed` at the end.
#
# It takes cargo-fuzz (`cargo install cargo-fuzz`). The sanitizer is a feature of nightly Rust, which the
# stable compiler has too and gives to those who insist.

set -eu
cd "$(dirname "$0")/.."
export RUSTC_BOOTSTRAP=1
each=${SECONDS_EACH:-60}
logs=target/test-logs
found=target/fuzz-corpus
mkdir -p "$logs"
if ! cargo fuzz --version >/dev/null 2>&1; then
    echo 'fuzz.sh: there is no cargo-fuzz: cargo install cargo-fuzz' >&2
    exit 1
fi

# BoringSSL as it was built for the library, if it was: it is fuzzed by its own people, and building
# it again takes minutes.
if boringssl=$(tools/out-dir.sh target/release/libtlswrap.json ssl 2>/dev/null) && [ -d "$boringssl/build" ]; then
    export BORING_BSSL_PATH="$boringssl/build" BORING_BSSL_INCLUDE_PATH="$boringssl/boringssl/include"
    export BORING_BSSL_ASSUME_PATCHED=1
fi

cargo run --quiet --release --manifest-path fuzz/Cargo.toml --example seeds -- "$found"
cargo fuzz build >"$logs/fuzz-build.log" 2>&1 || { cat "$logs/fuzz-build.log"; exit 1; }

passed=0 failed=0
# shellcheck disable=SC2046 # a list of words
[ $# -gt 0 ] || set -- $(cargo fuzz list)
for target; do
    log=$logs/fuzz-$target.log
    mkdir -p "$found/$target"
    if cargo fuzz run "$target" "$found/$target" "fuzz/corpus/$target" -- \
        -max_total_time="$each" -timeout=30 -print_final_stats=1 \
        >"$log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        cover=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
        echo "ok      $target: $runs runs, $cover edges"
        passed=$((passed + 1))
    else
        echo "FAILED  $target; all of it is in $log"
        tail -n 30 "$log" | sed 's/^/        /'
        failed=$((failed + 1))
    fi
done
echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
