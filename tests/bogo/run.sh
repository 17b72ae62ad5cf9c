#!/bin/sh
# run.sh [PATTERN...]: runs BoringSSL's own tests of TLS, all of them or those whose names match one
# of the patterns, on this library. README.md says how. `make build` comes first.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/target/bogo
# shellcheck source=/dev/null
. "$root/tools/path.sh"
[ -e "$root/target/dist/libtlswrap.a" ] || { echo 'run.sh: not built yet: make build' >&2; exit 1; }
mkdir -p "$work"

skip() {
    echo "skipped BoringSSL's test runner: $*"
    printf '\n0 passed, 0 failed, 1 skipped\n'
    exit 0
}

for tool in go python3 openssl; do
    command -v "$tool" >/dev/null || skip "$tool is not installed"
done

# The runner wants a newer Go than most systems have; from 1.21 on Go fetches that by itself.
export GOTOOLCHAIN=auto GOFLAGS='' GOWORK=off
go_version=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
case $go_version in
    go1.[0-9] | go1.[0-9].* | go1.1* | go1.20 | go1.20.*) skip "$go_version cannot fetch a newer Go by itself" ;;
esac

boringssl=$(cd "$root" && cargo metadata --quiet --format-version 1 | python3 -c '
import json, pathlib, sys
packages = json.load(sys.stdin)["packages"]
[manifest] = [p["manifest_path"] for p in packages if p["name"] == "boring-sys"]
print(pathlib.Path(manifest).parent / "deps/boringssl")')

# ---- The runner, which is compiled when BoringSSL is another one than the last time ----

# The private keys that the crate leaves out of the tree; any others do as well.
make_keys() { # make_keys FOLDER
    for bits in 1024 2048; do
        openssl genpkey -quiet -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits" -out "$1/rsa_${bits}_key.pem"
    done
    for bits in 256 384 521; do
        openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:P-$bits" -out "$1/ecdsa_p${bits}_key.pem"
    done
    openssl genpkey -algorithm ED25519 -out "$1/ed25519_key.pem"
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1/channel_id_key.pem"
}

if [ "$boringssl" != "$(cat "$work/runner-of" 2>/dev/null)" ] || [ ! -x "$work/runner" ]; then
    rm -rf "$work/source" "$work/runner-of"
    mkdir -p "$work/source/ssl/test" "$work/source/util"
    cp "$boringssl/go.mod" "$boringssl/go.sum" "$work/source/"
    cp -R "$boringssl/ssl/test/runner" "$work/source/ssl/test/"
    cp -R "$boringssl/util/testresult" "$work/source/util/"
    make_keys "$work/source/ssl/test/runner"
    cd "$work/source/ssl/test/runner"
    go list -deps -test . >"$work/modules.log" 2>&1 ||
        skip "Go cannot have what it is made of: $(tail -n 1 "$work/modules.log")"
    go test -c -vet=off -o "$work/runner" .
    printf '%s' "$boringssl" >"$work/runner-of"
fi

# ---- The shim ----

python3 "$here/reasons.py" "$boringssl" >"$work/reasons.h"
"${CC:-cc}" -std=c99 -O1 -g -Wall -Wextra -Wpedantic -Werror -I"$root/include" -I"$work" "$here"/shim/*.c \
    -o "$work/shim" "$root/target/dist/libtlswrap.a" -lpthread -ldl -lm

# ---- The tests; those that are listed as different are run too, for judge.py to see whether they still are ----

cd "$work"
rm -f results.json lacking
: >lacking
patterns=$(printf '%s;' "$@")
patterns=${patterns%;}
status=0
TLSW_BOGO_LACKING=$work/lacking ./runner -pipe -shim-path "$work/shim" -shim-config "$here/config.json" \
    -include-disabled -allow-unimplemented -test "$patterns" -num-workers $(($(getconf _NPROCESSORS_ONLN) * 2)) \
    -idle-timeout 120s -json-output results.json >runner.log 2>&1 </dev/null || status=$?
if [ ! -s results.json ]; then
    tail -n 50 runner.log
    echo "FAILED  the runner ended with status $status and without results"
    exit 1
fi
python3 "$here/judge.py" results.json runner.log "$here/config.json" lacking "$@"
