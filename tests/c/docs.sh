#!/bin/sh
# docs.sh [PAGE...]: the C in the pages of docs compiles and does what the page says.
#
# The blocks of a page marked as C, one after another, are the file PAGE.inc, which
# tests/c/docs/PAGE.c includes and calls: the page has the text, the test has `main`. Built with
# gcc as C99 and with g++, where it is there, as C++17. `make build` comes first.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/c
dist=$root/target/dist
work=$root/target/test-docs
[ -e "$dist/libtlswrap.so" ] || { echo 'docs.sh: there is no library yet: make build' >&2; exit 1; }
rm -rf "$work"
mkdir -p "$work"
cd "$work"
export TLSW_TEST_PKI="$work/pki"
(cd "$root" && cargo run --quiet --release --example make-certs -- "$TLSW_TEST_PKI")

passed=0 failed=0
check() { # check WHAT COMMAND...
    what=$1
    shift
    if "$@" >log 2>&1; then
        echo "ok      $what"
        passed=$((passed + 1))
    else
        echo "FAILED  $what"
        sed 's/^/        /' log
        failed=$((failed + 1))
    fi
}

extract() { # extract PAGE: its C, with the lines where it stands for the compiler to name
    awk -v page="$1" '
        /^```c$/ { on = 1; printf "#line %d \"%s\"\n", NR + 1, page; next }
        /^```/ { on = 0 }
        on' "$root/$1"
}

compiles() { # compiles NAME COMPILER OPTION...
    name=$1
    compiler=$2
    shift 2
    "$compiler" "$@" -Wall -Wextra -Wpedantic -Werror -Wno-unused-function -D_POSIX_C_SOURCE=200809L \
        -I"$work" -I"$here" -I"$root/include" "$here/docs/$name.c" \
        -o "$name" -L"$dist" -Wl,-rpath,"$dist" -ltlswrap -lpthread
}

pages=$(cd "$root" && grep -l '^```c$' README.md docs/*.md)
for page in $pages; do
    name=$(basename "$page" .md)
    [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    extract "$page" >"$name.inc"
    if command -v g++ >/dev/null; then
        check "$page: g++" compiles "$name" g++ -x c++ -std=c++17
    fi
    check "$page: gcc" compiles "$name" gcc -std=c99
    check "$page: does what it says" timeout 60 "./$name"
done
for file in "$here"/docs/*.c; do
    name=$(basename "$file" .c)
    echo "$pages" | grep -Eq "(^|/)$name.md$" || check "$name.c has a page with C" false
done

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
