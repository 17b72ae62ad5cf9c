#!/bin/sh
# run.sh [NAME...]: runs the C tests, all of them or those named, in every way that
# README.md beside this file describes. `make build` comes first.

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/tests/c
dist=$root/target/dist
work=$root/target/test-c
export TLSW_TEST_PKI="$root/target/test-pki"
export TLSW_LIBRARY="$dist/libtlswrap.so"

strict="-Wall -Wextra -Wpedantic -Werror -g -I$root/include"
shared="-L$dist -Wl,-rpath,$dist -Wl,--as-needed -ltlswrap"
static="-x none $dist/libtlswrap.a -lpthread -ldl -lm"
sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=all'

# What a test's first comment says about itself in a line of this form: " * WORD: ...".
says() { # says NAME WORD
    sed -n "/\*\//q; s/^ \* $2: *//p" "$here/$1.c"
}

variants() { # the ways of a test
    echo c99-gcc c99-clang c++17-gcc c++17-clang sanitizers
    says "$1" Also
}

compiler() { # the compiler of a variant
    case $1 in
        c99-gcc | static | valgrind) echo gcc ;;
        c99-clang | sanitizers) echo clang ;;
        c++17-gcc) echo g++ ;;
        c++17-clang) echo clang++ ;;
        *) echo "$1-is-no-variant" ;;
    esac
}

# Prints what a test cannot be built or run without in this way, if that is not there.
lacks() { # lacks NAME VARIANT
    for tool in "$(compiler "$2")" $([ "$2" != valgrind ] || echo valgrind); do
        command -v "$tool" >/dev/null || { echo "$tool is not installed"; return; }
    done
    for header in $(says "$1" Needs); do
        echo "#include <$header>" | "$(compiler "$2")" -E -x c - >/dev/null 2>&1 ||
            { echo "<$header> is not installed"; return; }
    done
    [ "$2" = sanitizers ] || return 0
    # shellcheck disable=SC2086 # a list of words
    echo 'int main(void) { return 0; }' | clang $sanitizers -o /dev/null -x c - >/dev/null 2>&1 ||
        echo "clang's sanitizers are not installed"
}

# ---- One test in one way; everything it has to say goes to its log ----

build() { # build NAME VARIANT: $program
    case $2 in
        c++17-*) language='-x c++ -std=c++17' ;;
        *) language='-x c -std=c99' ;;
    esac
    case $2 in
        sanitizers) extra=$sanitizers library=$shared ;;
        static) extra='' library=$static ;;
        *) extra='' library=$shared ;;
    esac
    # shellcheck disable=SC2046,SC2086 # lists of words
    "$(compiler "$2")" $strict $language $extra "$here/$1.c" -o "$program" $library $(says "$1" Link)
}

run() { # run VARIANT: $program, its standard output in $program.out
    case $1 in
        valgrind)
            # Not "possible": a process-wide hash table of the crate boring points into its own
            # middle, which valgrind cannot tell from a leak.
            set -- timeout 300 valgrind --quiet --error-exitcode=99 --leak-check=full \
                --errors-for-leak-kinds=definite,indirect "$program"
            ;;
        *) set -- timeout 60 "$program" ;;
    esac
    UBSAN_OPTIONS=print_stacktrace=1 "$@" >"$program.out" </dev/null && return 0
    status=$?
    echo "ended with status $status; its output:"
    cat "$program.out"
    return 1
}

test_one() { # test_one NAME VARIANT
    program=$work/$1.$2
    build "$1" "$2" || return 1
    case $2 in
        c99-clang | c++17-*) return 0 ;; # that it compiles is the test
    esac
    run "$2" || return 1
    [ ! -e "$here/$1.out" ] || diff -u "$here/$1.out" "$program.out"
}

if [ "${1:-}" = --one ]; then # run.sh calls itself so, several at a time
    shift
    if test_one "$1" "$2" >"$work/$1.$2.log" 2>&1; then
        echo "ok      $1 $2"
    else
        echo "FAILED  $1 $2"
    fi
    exit 0
fi

# ---- All of them ----

[ -e "$TLSW_LIBRARY" ] || { echo 'run.sh: there is no library yet: make build' >&2; exit 1; }
rm -rf "$work"
mkdir -p "$work"
(cd "$root" && cargo run --quiet --release --example make-certs -- "$TLSW_TEST_PKI")

if [ $# -eq 0 ]; then
    for file in "$here"/*.c; do
        set -- "$@" "$(basename "$file" .c)"
    done
fi
: >"$work/jobs"
for name; do
    for variant in $(variants "$name"); do
        reason=$(lacks "$name" "$variant")
        if [ -n "$reason" ]; then
            echo "skipped $name $variant: $reason"
        else
            echo "$name $variant" >>"$work/jobs"
        fi
    done
done | tee "$work/report"
xargs -n 2 -P "$(getconf _NPROCESSORS_ONLN)" "$0" --one <"$work/jobs" | tee -a "$work/report"

sed -n 's/^FAILED *//p' "$work/report" | while read -r name variant; do
    printf '\n---- %s %s\n' "$name" "$variant"
    cat "$work/$name.$variant.log"
done

count() { grep -c "^$1" "$work/report" || true; }
skipped=$(count skipped)
echo
echo "$(count ok) passed, $(count FAILED) failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$(count FAILED)" = 0 ]
