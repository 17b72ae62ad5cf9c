#!/bin/sh
# Shows what tlswrap-chain does, against servers on this machine, with certificates made now.
# `make demo` calls it after the build. It ends with 0 only if each run ended as it should,
# so it is a test as well.
set -eu

cd "$(dirname "$0")/.."
dist=$PWD/target/dist

# Without any locale, a terminal of today still shows UTF-8.
[ -n "${LC_ALL:-}${LC_CTYPE:-}${LANG:-}" ] || export LC_ALL=C.UTF-8

# A shell runs its EXIT trap after a signal only if the signal's own trap ends it.
dir=$(mktemp -d)
servers=
# shellcheck disable=SC2317 # the traps call it
cleanup() {
    for pid in $servers; do kill "$pid" 2>/dev/null || :; done
    wait
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s\n' "$@"; }

headline() {
    [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && set -- "$(printf '\033[1;36m%s\033[0m' "$1")"
    printf '\n%s\n\n' "$1"
}

# Starts a server in the background; the port is the last number on the first line of its
# output that has one. Through a pipe, so that there is nothing to poll and nothing to guess.
start() {
    mkfifo "$dir/said"
    "$@" >"$dir/said" 2>"$dir/errors" &
    servers="$servers $!"
    port=$(sed -n '/[0-9]$/{s/.*[^0-9]//;p;q;}' "$dir/said")
    rm "$dir/said"
    [ -n "$port" ] || { echo "demo: $1 did not start:" >&2; cat "$dir/errors" >&2; exit 1; }
}

wrong=0
chain() {
    expected=$1
    shift
    say "\$ tlswrap-chain $*" ''
    status=0
    "$dist/tlswrap-chain" "$@" 2>&1 || status=$?
    say '' "(exit status $status)"
    [ "$status" = "$expected" ] || { say "demo: expected exit status $expected" >&2; wrong=1; }
}

${CARGO:-cargo} run --release --quiet --example make-certs -- "$dir"
${CC:-cc} -std=c99 -Iinclude bindings/c/examples/server.c -o "$dir/server" \
    -L"$dist" -Wl,-rpath,"$dist" -ltlswrap
cd "$dir"

start ./server localhost.chain.pem localhost.key.pem
say "A TLS server made of tlswrap listens on 127.0.0.1:$port. It sends its certificate and the" \
    "intermediate that signed it. The root it leaves out, as a server should."

headline "1. Trusting the root: what was sent, and what completed it"
chain 0 "localhost:$port" --cafile root.pem

headline "2. Not trusting it: the chain all the same, and where it breaks"
chain 1 "localhost:$port"

headline "3. Another server, with TLS 1.2, an RSA key and a certificate too many"
if command -v openssl >/dev/null; then
    cat intermediate.pem superfluous.pem >also-sent.pem
    start openssl s_server -www -accept 127.0.0.1:0 -tls1_2 -alpn h2,http/1.1 \
        -cert rsa.pem -key rsa.key.pem -cert_chain also-sent.pem
    say "\$ openssl s_server -accept 127.0.0.1:$port -tls1_2 -cert rsa.pem -cert_chain also-sent.pem …"
    chain 0 "localhost:$port" --cafile root.pem --alpn h2,http/1.1
else
    say "(skipped: there is no openssl here to run as the other server)"
fi

headline "For programs:  --json, one object with everything;  --pem, just the certificates."
exit "$wrong"
