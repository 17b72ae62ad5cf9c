#!/bin/sh
# test.sh: the tests of the Go binding, against the library as it was built in this tree.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$root/bindings/go/env.sh"
[ -e "$root/target/dist/tlswrap-chain" ] || { echo 'test.sh: not built yet: make build' >&2; exit 1; }
why=$(go_missing "$root")
[ -z "$why" ] || { echo "skipped go: $why"; exit 0; }
go_environment "$root"
cd "$root/bindings/go"

passed=0 failed=0 skipped=0
check() { # check WHAT COMMAND...: good if it succeeds and says nothing
    what=$1
    shift
    if said=$("$@" 2>&1) && [ -z "$said" ]; then
        echo "ok      $what"
        passed=$((passed + 1))
    else
        echo "FAILED  $what"
        echo "$said" | sed 's/^/        /'
        failed=$((failed + 1))
    fi
}

# Every test and subtest counts; of those that fail, and of the rest of a failing run, all is shown.
tests() { # tests WHAT ARGUMENT...
    what=$1
    shift
    log=$root/target/go/$what.log
    status=0
    go test -v "$@" >"$log" 2>&1 || status=$?
    p=$(grep -c -- '--- PASS: ' "$log") || true
    f=$(grep -c -- '--- FAIL: ' "$log") || true
    s=$(grep -c -- '--- SKIP: ' "$log") || true
    sed -n "s/^ *--- SKIP: \([^ ]*\).*/skipped \1/p" "$log"
    [ "$status" = 0 ] || [ "$f" -gt 0 ] || f=1
    [ "$p" -gt 0 ] || f=$((f + 1))
    if [ "$f" = 0 ]; then
        echo "ok      $what: $p tests"
    else
        echo "FAILED  $what"
        grep -v -- '^=== \|--- PASS: ' "$log" | sed 's/^/        /'
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

static_alone() { # a program of the static library wants no other
    go build -tags tlsw_static -o "$root/target/go/static" ./cmd/tlswrap-chain
    if readelf -d "$root/target/go/static" | grep tlswrap; then return; fi
    env -u LD_LIBRARY_PATH "$root/target/go/static" -h >/dev/null 2>&1 || echo "it ends with status $?"
}

check gofmt gofmt -l .
check vet go vet ./...
check 'vet, static' go vet -tags tlsw_static ./...
check 'static alone' static_alone
tests race -race -timeout 300s ./...
tests leaks -timeout 300s -run NoLeak .
tests static -tags tlsw_static -timeout 300s -run 'Interop|Error|Close|Same' ./...

printf '\n%d passed, %d failed' "$passed" "$failed"
[ "$skipped" = 0 ] && echo || echo ", $skipped skipped"
[ "$failed" = 0 ]
