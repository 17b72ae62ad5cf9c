#!/bin/sh
# run.sh [STEP]: what a system may do to a program. alloc.c: every STEP-th allocation fails (1: each,
# which takes some minutes; 61 if it is not said). system.c: no descriptors left, a signal in every
# wait, a full disk, pipes for files, a peer without an end. `make build` comes first.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/fault
work=$root/target/test-fault
step=${1:-61}
export TLSW_TEST_PKI="$root/target/test-pki"

# The library that cargo built, which has its symbols still: alloc.c tells a crash by their names.
library=$root/target/release/libtlswrap.so
[ -e "$library" ] || { echo 'run.sh: there is no library yet: make build' >&2; exit 1; }
mkdir -p "$work"
soname=$(objdump -p "$library" | sed -n 's/^ *SONAME *//p')
ln -sf "$library" "$work/libtlswrap.so"
ln -sf "$library" "$work/$soname"
(cd "$root" && cargo run --quiet --release --example make-certs -- "$TLSW_TEST_PKI")

build() { # build NAME
    "${CC:-cc}" -std=c99 -Wall -Wextra -Werror -g -O1 -I"$root/include" -o "$work/$1" "$here/$1.c" \
        -L"$work" -Wl,--disable-new-dtags,-rpath,"$work" -ltlswrap -lpthread -ldl
}

{
    build system
    timeout 300 "$work/system" || true
    if ! echo '__GLIBC__' | "${CC:-cc}" -E -include features.h -x c - 2>/dev/null | tail -n 1 | grep -q '^[0-9]'; then
        echo 'skipped allocations that fail: they take glibc'
    elif ! command -v addr2line >/dev/null; then
        echo 'skipped allocations that fail: addr2line is not installed'
    else
        build alloc
        timeout 3000 "$work/alloc" "$step" || echo 'FAILED  allocations that fail'
    fi
} | tee "$work/report"

count() { grep -c "^$1" "$work/report" || true; }
skipped=$(count skipped)
echo
echo "$(count ok) passed, $(count FAILED) failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$(count FAILED)" = 0 ]
