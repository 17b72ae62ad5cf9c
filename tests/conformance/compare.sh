#!/bin/sh
# compare.sh: has every language's driver make the connections of scenarios.tsv, and compares
# what they print with what the table expects, and with each other.
#
# The driver of a language is `bindings/LANGUAGE/scenarios.sh TABLE DIR`, run with the library's
# files in target/dist. It prints what README.md says, or, where the language or its tools are
# not installed, says why in one line on stderr and ends with status 77.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
for needed in target/dist/libtlswrap.a target/release/examples/make-certs; do
    [ -e "$needed" ] || { echo 'compare.sh: not built yet: make build make-certs' >&2; exit 1; }
done
table=$here/scenarios.tsv
work=target/test-scenarios
rm -rf "$work"
mkdir -p "$work"
work=$(cd "$work" && pwd)
target/release/examples/make-certs "$work/pki"

passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); echo "ok      $1"; }
bad() { failed=$((failed + 1)); echo "FAILED  $1"; }

# Prints what the table expects and the results in file $1 do not have.
missing() {
    awk -F '\t' 'FNR == NR { seen[$1 "\t" $2] = $3; next }
        /^#/ || /^$/ { next }
        { rows++; count = split($3, wanted, " ")
          for (i = 1; i <= count; i++) {
              at = index(wanted[i], "="); key = substr(wanted[i], 1, at - 1); value = substr(wanted[i], at + 1)
              if (!(($1 "\t" key) in seen)) print $1 ": no " key
              else if (seen[$1 "\t" key] != value) print $1 ": " key " is " seen[$1 "\t" key] ", expected " value
          } }
        END { if (!rows) print "the table is empty" }' "$1" "$table"
}

judge() { # judge LANGUAGE STATUS
    case $2 in
        0) ;;
        77) skipped=$((skipped + 1)); echo "skipped $1: $(tail -n 1 "$work/$1.err")"; return ;;
        *) bad "$1: its driver ended with status $2"; tail -n 20 "$work/$1.err" | sed 's/^/        /'; return ;;
    esac
    missing "$work/$1.txt" >"$work/$1.missing"
    if [ -s "$work/$1.missing" ]; then
        bad "$1 observes what the table expects"
        head -n 20 "$work/$1.missing" | sed 's/^/        /'
    else
        ok "$1 observes what the table expects"
    fi
    [ "$1" != c ] || return 0
    if cmp -s "$work/c.txt" "$work/$1.txt"; then
        ok "$1 observes what C does, byte for byte"
    else
        bad "$1 observes what C does, byte for byte"
        diff "$work/c.txt" "$work/$1.txt" | cut -c 1-300 | head -n 20 | sed 's/^/        /'
    fi
}

${CC:-cc} -std=c99 -O1 -Iinclude "$here/driver.c" target/dist/libtlswrap.a -lpthread -ldl -lm -o "$work/driver"
status=0
"$work/driver" "$table" "$work/pki" >"$work/c.txt" 2>"$work/c.err" || status=$?
judge c "$status"

for driver in bindings/*/scenarios.sh; do
    [ -e "$driver" ] || continue
    language=$(basename "$(dirname "$driver")")
    status=0
    "$driver" "$table" "$work/pki" >"$work/$language.txt" 2>"$work/$language.err" || status=$?
    judge "$language" "$status"
done

printf '\n%d passed, %d failed' "$passed" "$failed"
[ "$skipped" = 0 ] && echo || echo ", $skipped skipped"
[ "$failed" = 0 ]
