#!/bin/sh
# examples.sh: the examples of bindings/c compile without a warning, as C and as C++, and do
# what they say. (tlswrap-chain has tests of its own, in chain_cmd.sh.)

set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
examples=$root/bindings/c/examples
dist=$root/target/dist
work=$root/target/test-examples
[ -e "$dist/libtlswrap.so" ] || { echo 'examples.sh: there is no library yet: make build' >&2; exit 1; }
rm -rf "$work"
mkdir -p "$work"
cd "$work"

passed=0 failed=0 skipped=0
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

# shellcheck disable=SC2046 # a list of words
compiles() { # compiles EXAMPLE COMPILER OPTION...
    source=$examples/$1
    compiler=$2
    shift 2
    "$compiler" "$@" -Wall -Wextra -Wpedantic -Werror -I"$root/include" \
        "$source.c" $(find "$source" -name '*.c' 2>/dev/null) \
        -o "$(basename "$source")" -L"$dist" -Wl,-rpath,"$dist" -ltlswrap
}

for file in "$examples"/*.c; do
    name=$(basename "$file" .c)
    for way in 'g++ -x c++ -std=c++17' 'clang++ -x c++ -std=c++17' 'clang -std=c99' 'gcc -std=c99'; do
        if command -v "${way%% *}" >/dev/null; then
            # shellcheck disable=SC2086 # a list of words
            check "$name: $way" compiles "$name" $way
        else
            echo "skipped $name: $way: not installed"
            skipped=$((skipped + 1))
        fi
    done
done

(cd "$root" && cargo run --quiet --release --example make-certs -- "$work/pki")
check 'memory: client and server shake hands' \
    ./memory pki/localhost.chain.pem pki/localhost.key.pem pki/root.pem localhost

talk() { # a client of the server that listens on $port
    timeout 20 ./client localhost "$port" pki/root.pem
}
# The server says its port in its first line; the pipe lets us wait for that.
mkfifo said
./server pki/localhost.chain.pem pki/localhost.key.pem 2 >said 2>server.errors &
read -r line <said || line=
port=${line##*[!0-9]}
check 'client: talks with server' talk
check 'server: serves one client after the other' talk
check 'server: ends when told to' wait $!

echo
echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
