#!/usr/bin/env bash
# Tests of the command tlswrap-chain, against our own server, `openssl s_server` and the odd
# servers of chain_peers.py, all on loopback, with certificates made now.
#
#     chain_cmd.sh             after `make build`; CHAIN names another tlswrap-chain
set -u

cd "$(dirname "$0")/../.." || exit
root=$PWD
here=$root/tests/c
CHAIN=${CHAIN:-$root/target/dist/tlswrap-chain}

# ---- the frame ----

dir=$(mktemp -d)
cleanup() { # shellcheck disable=SC2317 # the trap calls it
    stop
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); printf 'ok      %s\n' "$1"; }
no() {
    failed=$((failed + 1))
    printf 'FAILED  %s\n' "$1"
    [ -z "${2:-}" ] || printf '%s\n' "$2" | cat -v | sed 's/^/         | /'
}
skip() { skipped=$((skipped + 1)); printf 'skipped %s: %s\n' "$1" "$2"; }

# check NAME COMMAND...: passes if the command succeeds.
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then ok "$name"; else no "$name" "$said"; fi
}

# expect STATUS NAME ARGUMENT...: runs the command; what it wrote is in $dir/out and $dir/err.
expect() {
    local expected=$1 name=$2 status
    shift 2
    timeout 20 "$CHAIN" "$@" >"$dir/out" 2>"$dir/err" </dev/null
    status=$?
    if [ "$status" = "$expected" ]; then
        ok "$name: exit status $expected"
    else
        no "$name: exit status $expected" "got $status from: tlswrap-chain $*
$(cat "$dir/err")"
    fi
}

says() { grep -qF -- "$2" "$dir/$1" || { echo "\"$2\" is not in:"; cat "$dir/$1"; return 1; }; }
silent() { [ ! -s "$dir/$1" ] || { echo "expected nothing, got:"; cat "$dir/$1"; return 1; }; }
has_not() { ! grep -qF -- "$2" "$dir/$1"; }
holds() { cat "${@:2}" | cmp - "$dir/$1"; }
json() { python3 "$here/chain_json.py" "$dir/out" "$@"; }

# serve COMMAND...: starts a server and sets $port, the number that ends the first such line.
servers=()
serve() {
    mkfifo "$dir/said"
    "$@" >"$dir/said" 2>"$dir/server.err" </dev/null &
    servers+=($!)
    port=$(sed -n '/[0-9]$/{s/.*[^0-9]//;p;q;}' "$dir/said")
    rm "$dir/said"
    [ -n "$port" ] || { echo "chain_cmd: $1 did not start:" >&2; cat "$dir/server.err" >&2; exit 1; }
}
stop() {
    [ ${#servers[@]} = 0 ] || kill "${servers[@]}" 2>/dev/null
    wait "${servers[@]}" 2>/dev/null
    servers=()
}
peer() { serve python3 "$here/chain_peers.py" "$@"; }
# With -www it wants nothing from its standard input.
s_server() { serve openssl s_server -www -accept 127.0.0.1:0 "$@"; }

for tool in openssl python3; do
    command -v $tool >/dev/null || { echo "skipped tlswrap-chain: $tool is not installed"; exit 0; }
done
${CARGO:-cargo} run --release --quiet --example make-certs -- "$dir" || exit
${CC:-cc} -std=c99 -Iinclude bindings/c/examples/server.c -o "$dir/server" \
    -Ltarget/dist -Wl,-rpath,"$root/target/dist" -ltlswrap || exit
cd "$dir" || exit
# Nothing of the caller's terminal and trust may decide what is tested.
unset NO_COLOR SSL_CERT_FILE SSL_CERT_DIR
export LC_ALL=C.UTF-8 TERM=xterm

# ---- a good server: our own, sending leaf and intermediate ----

serve ./server localhost.chain.pem localhost.key.pem
ours=$port

expect 0 "text, root trusted" "localhost:$ours" --cafile root.pem
check "text: says so" says out "localhost:$ours is verified"
check "text: protocol" says out "TLSv1.3"
check "text: names" says out "localhost, 127.0.0.1, ::1"
check "text: where the leaf is from" says out "┌─ CN=localhost  [sent]"
check "text: where the root is from" says out "└─ CN=tlswrap test root,O=tlswrap  [from the trust store]"
check "text: days left" says out "89 days left"
check "text: key" says out "EC, 256 bits"
check "text: fingerprint" says out "$(openssl x509 -in root.pem -outform DER | sha256sum | cut -d' ' -f1)"
check "text: no message" silent err
LC_ALL=C expect 0 "text in ASCII" "localhost:$ours" --cafile root.pem
check "text in ASCII: drawn" says out ",- CN=localhost  [sent]"
check "text in ASCII: only ASCII" python3 -c 'open("out", encoding="ascii").read()'

expect 0 "--pem" "localhost:$ours" --cafile root.pem --pem
check "--pem: what was sent" holds out localhost.chain.pem
expect 0 "--pem --verified" "localhost:$ours" --cafile root.pem --pem --verified
check "--pem --verified: up to the root" holds out localhost.chain.pem root.pem
expect 0 "--pem --both" --both --pem --cafile root.pem "localhost:$ours"
check "--pem --both: everything once" holds out localhost.chain.pem root.pem

expect 0 "--json" "localhost:$ours" --cafile root.pem --json
check "--json: every field" json 'host="localhost"' "port=$ours" 'protocol="TLSv1.3"' 'group="X25519MLKEM768"' \
    'alpn=null' 'verified=true' 'verify_error=null' sent=localhost.chain.pem \
    verified_chain=<(cat localhost.chain.pem root.pem)

expect 0 "an IPv4 literal" "127.0.0.1:$ours" --cafile root.pem
expect 0 "--option=value" "127.0.0.1:$ours" --cafile=root.pem --servername=localhost
check "--servername: shown" says out "127.0.0.1:$ours is verified as localhost"

# ---- verification fails: the chain all the same, the reason on stderr, status 1 ----

expect 1 "untrusted root" "localhost:$ours"
check "untrusted root: chain drawn" says out "CN=tlswrap test intermediate,O=tlswrap  [sent]  ✗ verification failed here"
check "untrusted root: what is missing" says out "✗ CN=tlswrap test root,O=tlswrap  [not sent, not in the trust store]"
check "untrusted root: reason" says err "tlswrap test intermediate"
expect 1 "untrusted root, --pem" "localhost:$ours" --pem
check "untrusted root, --pem: what was sent" holds out localhost.chain.pem
expect 1 "untrusted root, --json" "localhost:$ours" --json
check "untrusted root, --json: every field" json 'host="localhost"' "port=$ours" 'verified=false' \
    'verify_error.code=20' 'verify_error.depth=1' 'verify_error.reason="unable to get local issuer certificate"' \
    'verify_error.subject="CN=tlswrap test intermediate,O=tlswrap"' sent=localhost.chain.pem verified_chain=null
expect 1 "--verified without one" "localhost:$ours" --verified --pem
check "--verified without one: nothing on stdout" silent out
check "--verified without one: why" says err "there is no verified chain: verification failed"

expect 0 "--insecure" "localhost:$ours" --insecure --json
check "--insecure: what would have failed" json 'verified=false' 'verify_error.code=20' sent=localhost.chain.pem
check "--insecure: said, too" says err "would have failed"
expect 0 "--insecure, trusted" "127.0.0.1:$ours" --servername other.example --insecure --cafile root.pem
check "--insecure, trusted: not called verified" says out "is NOT verified as other.example"
expect 0 "--insecure --verified" "localhost:$ours" --insecure --verified --cafile root.pem
check "--insecure --verified: why there is none" says err "nothing was verified"

expect 1 "wrong name" "localhost:$ours" --cafile root.pem --servername other.example --json
check "wrong name: code" json 'verify_error.code=62' 'verify_error.depth=0' 'verify_error.subject="CN=localhost"'
check "wrong name: the names there are" says err "127.0.0.1"
stop

# refused CODE DEPTH NAME: what becomes of a server that shows NAME.
refused() {
    local above=()
    sed '1,/END CERTIFICATE/d' "$3.chain.pem" >above.pem
    [ ! -s above.pem ] || above=(-cert_chain above.pem)
    s_server -cert "$3.pem" -key "$3.key.pem" "${above[@]}"
    expect 1 "$3" "localhost:$port" --cafile root.pem --json
    check "$3: code and depth" json 'verified=false' "verify_error.code=$1" "verify_error.depth=$2" "sent=$3.chain.pem" verified_chain=null
    expect 1 "$3, text" "localhost:$port" --cafile root.pem
    stop
}
refused 10 0 expired
check "expired: since when" says out "expired 12 days ago"
refused 9 0 not-yet-valid
check "not-yet-valid: for how long" says out "not valid for another 30 days"
refused 62 0 wrong-name
refused 62 0 cn-only
check "cn-only: no name" says out "names     none"
refused 10 1 under-expired-intermediate
refused 26 0 wrong-use
refused 20 0 untrusted
refused 18 0 self-signed
check "self-signed: where" says out "── CN=localhost  [sent, not in the trust store]  ✗ verification failed here"
refused 18 0 superfluous
check "self-signed, may not sign: where" says out "[sent, not in the trust store]  ✗ verification failed here"

# ---- what openssl s_server can be that ours is not ----

s_server -cert rsa.pem -key rsa.key.pem -cert_chain intermediate.pem -tls1_2 -alpn http/1.1,h2
expect 0 "TLS 1.2, RSA, ALPN" "localhost:$port" --cafile root.pem --alpn h2,http/1.1 --json
check "TLS 1.2, RSA, ALPN: agreed" json 'protocol="TLSv1.2"' 'cipher="ECDHE-RSA-AES128-GCM-SHA256"' 'alpn="http/1.1"' sent=rsa.chain.pem
expect 0 "ALPN: one name" "localhost:$port" --cafile root.pem --alpn h2
check "ALPN: one name" says out "alpn      h2"
expect 3 "--min-tls 1.3 and TLS 1.2" "localhost:$port" --cafile root.pem --min-tls 1.3
check "--min-tls 1.3 and TLS 1.2: nothing on stdout" silent out
expect 0 "--min-tls 1.2" "localhost:$port" --cafile root.pem --min-tls 1.2
stop

cat intermediate.pem superfluous.pem >above.pem
s_server -cert localhost.pem -key localhost.key.pem -cert_chain above.pem
expect 0 "a superfluous certificate" "localhost:$port" --cafile root.pem
check "a superfluous certificate: told apart" says out "── CN=superfluous.example.test  [sent, not used]"
expect 0 "a superfluous certificate, --sent --pem" "localhost:$port" --cafile root.pem --sent --pem
check "a superfluous certificate: kept in wire order" holds out localhost.superfluous.chain.pem
expect 0 "a superfluous certificate, --verified" "localhost:$port" --cafile root.pem --verified
check "a superfluous certificate: not of the verified chain" has_not out superfluous
expect 0 "a superfluous certificate, --both --pem" "localhost:$port" --cafile root.pem --both --pem
check "a superfluous certificate: both chains once" holds out localhost.superfluous.chain.pem root.pem
stop

s_server -cert cross.pem -key cross.key.pem -cert_chain cross-intermediate-by-old-root.pem
expect 0 "cross-signed" "localhost:$port" --cafile cross-store.pem --json
check "cross-signed: sent and verified differ" json sent=cross.chain.pem \
    verified_chain=<(cat cross.pem cross-intermediate.pem root.pem)
expect 0 "cross-signed, text" "localhost:$port" --cafile cross-store.pem
check "cross-signed: what was sent in vain" says out "── CN=tlswrap cross-signed intermediate,O=tlswrap  [sent, not used]"
stop

s_server -cert many-names.pem -key many-names.key.pem -cert_chain intermediate.pem
expect 0 "61 names" "localhost:$port" --cafile root.pem
check "61 names: wrapped" python3 -c 'assert max(map(len, open("out", encoding="utf-8").read().splitlines())) <= 80'
check "61 names: all there" says out "host-60.example.test,"
check "61 names: the last, too" says out "│              localhost"
stop

if (exec 3<>/dev/tcp/::1/1) 2>&1 | grep -q 'refused'; then
    serve openssl s_server -www -accept '[::1]:0' -cert localhost.pem -key localhost.key.pem -cert_chain intermediate.pem
    expect 0 "IPv6" "[::1]:$port" --cafile root.pem --json
    check "IPv6: host without brackets" json 'host="::1"' "port=$port"
    expect 0 "IPv6, text" "[::1]:$port" --cafile root.pem
    check "IPv6, text: host with brackets" says out "[::1]:$port is verified"
    stop
else
    skip "IPv6" "no IPv6 loopback here"
fi

# ---- names that attack the terminal ----

# Fails if the file has a control character but the end of a line, or one that reorders text.
harmless() {
    python3 - "$@" <<'EOF'
import sys, unicodedata
for name in sys.argv[1:]:
    for c in set(open(name, encoding="utf-8").read()) - {"\n"}:
        assert unicodedata.category(c) not in ("Cc", "Cf"), f"{name}: U+{ord(c):04X}"
EOF
}

s_server -cert terminal-escapes.pem -key terminal-escapes.key.pem -cert_chain intermediate.pem
for locale in C C.UTF-8; do
    LC_ALL=$locale expect 0 "hostile names, $locale" "localhost:$port" --cafile root.pem
    check "hostile names, $locale: harmless" harmless out err
    LC_ALL=$locale expect 1 "hostile names, refused, $locale" "localhost:$port" --cafile root.pem --servername other.example
    check "hostile names, refused, $locale: harmless" harmless out err
done
check "hostile names: shown as what they are" says out "a<U+001B>[31m.test"
expect 0 "hostile names, --json" "localhost:$port" --cafile root.pem --json
check "hostile names, --json: every field" json sent=terminal-escapes.chain.pem
stop

# ---- colour ----

# on_terminal NAME=VALUE...: what the command writes to a terminal.
on_terminal() {
    env "$@" script -qec "'$CHAIN' localhost:$port --cafile root.pem" /dev/null </dev/null
}
coloured() { on_terminal "$@" | grep -q "$(printf '\033\[')"; }
plain() { ! coloured "$@"; }

s_server -cert localhost.pem -key localhost.key.pem -cert_chain intermediate.pem
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    check "colour on a terminal" coloured TERM=xterm
    check "no colour with NO_COLOR" plain TERM=xterm NO_COLOR=1
    check "colour with an empty NO_COLOR" coloured TERM=xterm NO_COLOR=
    check "no colour on a dumb terminal" plain TERM=dumb
else
    skip "colour" "no pseudo-terminal can be made here, or there is no script(1)"
fi
expect 0 "no terminal" "localhost:$port" --cafile root.pem
check "no colour without a terminal" has_not out "$(printf '\033')"

timeout 20 "$CHAIN" "localhost:$port" --cafile root.pem >/dev/full 2>err
check "a full disk: exit status 3" test $? = 3
stop

# ---- STARTTLS ----

for protocol in smtp imap pop3 ftp; do
    peer $protocol localhost.chain.pem localhost.key.pem
    expect 0 "--starttls $protocol" "localhost:$port" --cafile root.pem --starttls $protocol --pem
    check "--starttls $protocol: the chain" holds out localhost.chain.pem
    stop
done
peer smtp-refuses
expect 3 "STARTTLS refused" "localhost:$port" --starttls smtp
check "STARTTLS refused: the answer shown" says err "STARTTLS: the server answered \"502 "
check "STARTTLS refused: harmless" harmless err
stop
peer smtp-injects localhost.chain.pem localhost.key.pem
expect 3 "STARTTLS with more in the clear" "localhost:$port" --cafile root.pem --starttls smtp
check "STARTTLS with more in the clear: said" says err "more than its answer before TLS"
stop

# another KIND PROTOCOL MESSAGE...: a peer that speaks another protocol than --starttls says is told at once.
another() {
    local kind=$1 protocol=$2 message
    shift 2
    peer "$kind"
    expect 3 "--starttls $protocol, and $kind answers" "localhost:$port" --starttls "$protocol" --timeout 30
    for message; do check "--starttls $protocol, and $kind answers: $message" says err "$message"; done
    check "--starttls $protocol, and $kind answers: harmless" harmless err
    stop
}
another imap smtp 'answered "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready"' 'that is IMAP, not SMTP'
another pop3 ftp 'answered "+OK ready"' 'that is POP3, not FTP'
another smtp imap 'answered "220-mail.example.test at your service"' 'that is SMTP or FTP, not IMAP'
another ssh smtp 'answered "SSH-2.0-OpenSSH_9.2 <U+001B>[2J"' 'that is SSH, not SMTP'
another ssh pop3 'that is SSH, not POP3'
another tls-at-once smtp 'speaks TLS at once; leave --starttls out'
peer half-a-line
expect 3 "half a greeting" "localhost:$port" --starttls smtp --timeout 1
check "half a greeting: shown" says err 'answered "* OK half a gree"; that is IMAP, not SMTP'
check "half a greeting: not all of it" says err "did not answer in time"
stop

# ---- no TLS there ----

# in_a_second ARGUMENT...: fails with status 3 after --timeout 1, not much earlier or later.
in_a_second() {
    local start end
    start=$(date +%s%N)
    expect 3 "$@" --timeout 1
    end=$(date +%s%N)
    check "$1: in time" test $(((end - start) / 1000000)) -ge 950 -a $(((end - start) / 1000000)) -le 1300
    check "$1: nothing on stdout" silent out
}
peer hang
in_a_second "a server that hangs" "127.0.0.1:$port"
in_a_second "a server that hangs before STARTTLS" "127.0.0.1:$port" --starttls imap
check "a server that hangs before STARTTLS: said" says err "greeting: the server did not answer in time"
check "a server that hangs before STARTTLS: a hint" says err "leave --starttls out"
stop
peer reset localhost.chain.pem localhost.key.pem
expect 1 "a server that resets behind its certificate" "localhost:$port" --pem
check "a server that resets behind its certificate: the chain" holds out localhost.chain.pem
check "a server that resets behind its certificate: why it was refused" says err "tlswrap test intermediate"
stop
peer reset-behind-a-greeting
expect 3 "a server that resets behind a greeting" "localhost:$port"
check "a server that resets behind a greeting: said" says err "not TLS"
stop
for kind in http close; do
    peer $kind
    expect 3 "a server of another kind: $kind" "127.0.0.1:$port"
    check "a server of another kind: $kind: nothing on stdout" silent out
    check "a server of another kind: $kind: a message" says err "STARTTLS first?"
    stop
done
expect 3 "nobody listens" "127.0.0.1:$port"
check "nobody listens: said" says err "Connection refused"
expect 3 "no such host" "no-such-host.invalid"
check "no such host: named" says err "no-such-host.invalid: "

# ---- usage ----

# misuse MESSAGE ARGUMENT...: status 2, and the message says what was expected of what.
misuse() {
    local message=$1
    shift
    expect 2 "misuse: $*" "$@"
    check "misuse: $*: explained" says err "$message"
    check "misuse: $*: nothing on stdout" silent out
}
misuse 'HOST: expected a name or address, got nothing'
misuse 'HOST: expected a name or address, got ""' ''
misuse 'HOST: expected a name or address, got ":443"' :443
misuse 'HOST: expected a name or address without a scheme' https://localhost/
misuse 'HOST: expected [ADDRESS] or [ADDRESS]:PORT' '[::1'
misuse 'HOST: expected [ADDRESS] or [ADDRESS]:PORT' '[::1]443'
misuse 'HOST: expected one host only, got "two"' one two
for bad in '' 0 65536 x -1 +1 443x 0000443; do
    misuse "PORT: expected a number from 1 to 65535, got \"$bad\"" "localhost:$bad"
done
misuse '--starttls: expected smtp, imap, pop3 or ftp, got "ldap"' localhost --starttls ldap
misuse '--min-tls: expected 1.2 or 1.3, got "1.1"' localhost --min-tls 1.1
for bad in '' 0 -1 x 1x nan inf; do
    misuse "--timeout: expected a number of seconds, from 0.001 to 86400, got \"$bad\"" localhost --timeout "$bad"
done
for bad in '' ',' 'h2,' ',h2' "$(printf '%256s' '' | tr ' ' x)"; do
    misuse '--alpn: expected protocol names of 1 to 255 bytes' localhost --alpn "$bad"
done
misuse '--servername: expected a host name or address, got ""' localhost --servername=
misuse '--cafile: expected a file, got nothing' localhost --cafile
misuse 'no-such-file.pem' localhost --cafile no-such-file.pem
misuse 'empty.pem' localhost --cafile bad/empty.pem
misuse '--verified: expected without --sent' localhost --sent --verified
misuse '--json: expected without --pem' localhost --pem --json
misuse '--insecure=1: no such option' localhost --insecure=1
misuse '--cafil: no such option' localhost --cafil x
misuse '-k: no such option' localhost -k
expect 0 "--help" --help
check "--help: on stdout" says out "Usage: tlswrap-chain HOST[:PORT]"
expect 0 "--version" --version
check "--version: on stdout" says out "tlswrap-chain "

printf '\n%d passed, %d failed' "$passed" "$failed"
[ "$skipped" = 0 ] && echo || echo ", $skipped skipped"
[ "$failed" = 0 ]
