#!/bin/sh
# symbols.sh: what the library offers to the world and asks of it.
# The list in tests/abi/symbols.txt is the header's functions; after a change that was
# meant, TLSW_BLESS=1 writes it anew.

set -eu
cd "$(dirname "$0")/../.."
shared=target/dist/libtlswrap.so
static=target/dist/libtlswrap.a
list=tests/abi/symbols.txt
work=target/test-c-symbols
[ -e "$shared" ] || { echo 'symbols.sh: there is no library yet: make build' >&2; exit 1; }
if ! command -v gcc >/dev/null; then
    echo 'skipped symbols: gcc is not installed'
    exit 0
fi
rm -rf "$work"
mkdir -p "$work"
export LC_ALL=C # one order for sort, on every machine

passed=0 failed=0
check() { # check WHAT COMMAND...: which succeeds and is silent if it holds
    what=$1
    shift
    if "$@" >"$work/log" 2>&1 && [ ! -s "$work/log" ]; then
        echo "ok      $what"
        passed=$((passed + 1))
    else
        echo "FAILED  $what"
        sed 's/^/        /' "$work/log"
        failed=$((failed + 1))
    fi
}

lines_not() { # lines_not PATTERN: prints what it reads except for matching lines
    grep -vE "$1" || true
}

# The compiler itself says which functions the header declares.
gcc -x c -fsyntax-only -aux-info "$work/declared" include/tlswrap.h
sed -n 's,^/\* include/tlswrap\.h:.*[ *]\(tlsw_[a-z0-9_]*\) (.*,\1,p' "$work/declared" | sort >"$work/header"
nm -D --defined-only --format=posix "$shared" | cut -d ' ' -f 1 | sort >"$work/shared"
nm -g --defined-only --format=posix "$static" | sed -n 's/ [A-Z] .*//p' | sort >"$work/static"
[ -z "${TLSW_BLESS:-}" ] || cp "$work/header" "$list"

check "the header declares what $list lists" diff -u "$list" "$work/header"
check 'the shared object exports just that' diff -u "$list" "$work/shared"
check 'the static library has no other global symbol' diff -u "$list" "$work/static"

needed() {
    readelf -d "$shared" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' |
        lines_not '^(ld-linux.*|lib(c|m|dl|rt|util|pthread|gcc_s)\.so\.[0-9]+)$'
}
cxx() { nm -u --format=posix "$1" | sed 's/ .*//' | lines_not '^[^_]|^_[^Z]'; }
check 'the shared object needs nothing but the C library' needed
check 'nothing of C++ is left open in the shared object' cxx "$shared"
check 'nor in the static library' cxx "$static"

version=$(sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -n 1)
case $version in
    0.*) abi=${version%.*} ;;
    *) abi=${version%%.*} ;;
esac
dynamic() { readelf -d "$shared" | grep -qE "$1"; }
# Left to itself the stack of a process is not executable; one object that asks for it is enough.
stack() { readelf -lW "$shared" | grep GNU_STACK | lines_not ' RW +0'; }
check "its soname is libtlswrap.so.$abi" dynamic "SONAME.*\[libtlswrap\.so\.$abi\]"
check 'it stays loaded after dlclose' dynamic 'FLAGS_1.*NODELETE'
check 'its stack is not executable' stack

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
