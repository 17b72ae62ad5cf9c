#!/bin/sh
# check-bare.sh [bookworm|trixie]: runs `make demo` and `make test` of HEAD on a Debian that has
# nothing but git, make and Rust, which is all that README.md asks for. It is the check before a
# release: docs/building.md.
#
# The Debian is made anew with mmdebstrap in a temporary folder (TMPDIR). Rust is this machine's,
# read-only. Root is needed. Exit status 0: both succeeded, and `make test` skipped nothing but
# what is listed in `may_skip` below.
#
# KEEP=1 keeps the folder and says where it is. WARM=1 takes what this tree has compiled and
# cargo's downloads along: for those who change this script or a test, it is no check of a release.

set -eu
here=$(cd "$(dirname "$0")/.." && pwd)

# What a Debian as bare as this cannot have: the lines of tests that may be skipped, as extended
# regular expressions. Other Pythons, and what is theirs; the Rust of another target; and what
# BoringSSL's runner asks that the ABI has no way to.
may_skip='^    skipped (Python 3\.[0-9]+: it is not here|windows: no standard library|[0-9]+ of BoringSSL.s [0-9]+ tests)
^    skipped test_(interpreters|psk|versions)\.py:
^    skipped test_nntplib: Python 3\.1[3-9] has no such suite
^    skipped test_ssl [A-Za-z.]+[a-z_.]+: skips itself in Python 3\.'

die() { printf 'check-bare: %s\n' "$*" >&2; exit 2; }
say() { printf 'check-bare: %s\n' "$*"; }

# ---- Inside: mount namespace and process namespace are ours and end with us ----

# Device files are bound one by one: nothing of this machine's /dev can be removed by accident.
# Pseudo-terminals get an instance of their own.
mounts() { # mounts ROOT RUST
    mount -t proc proc "$1/proc"
    mount -t tmpfs -o mode=755 tmpfs "$1/dev"
    for device in null zero full random urandom tty; do
        : >"$1/dev/$device"
        mount --bind "/dev/$device" "$1/dev/$device"
    done
    mkdir "$1/dev/pts" "$1/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$1/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm"
    ln -s pts/ptmx "$1/dev/ptmx"
    ln -s /proc/self/fd "$1/dev/fd"
    mkdir -p "$1$2"
    mount --bind "$2" "$1$2"
    mount -o remount,bind,ro "$1$2" 2>/dev/null || say "note: Rust's folder could not be made read-only"
}

# The names of variables that programs need to reach their registries through a proxy.
network='http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY GOPROXY GOSUMDB
    PIP_INDEX_URL PIP_CERT NODE_EXTRA_CA_CERTS'

walk() { # walk ROOT RUST COMMAND...: the command, in the clone, in a bare environment
    root=$1 rust=$2
    shift 2
    set -- "PATH=$rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        HOME=/root LANG=C.UTF-8 "$@"
    for name in $network; do
        eval "value=\${$name-}"
        [ -z "$value" ] || set -- "$name=$value" "$@"
    done
    chroot "$root" env -i "$@"
}

if [ "${1:-}" = --inside ]; then
    root=$2 rust=$3
    mounts "$root" "$rust"
    [ ! -d "$root/usr/local/share/ca-certificates" ] || walk "$root" "$rust" update-ca-certificates >/dev/null
    status=0
    for target in demo test; do
        say "make $target"
        walk "$root" "$rust" make -C /root/tlswrap "$target" || status=$?
        [ "$status" = 0 ] || { say "make $target failed with status $status"; exit 1; }
    done
    exit 0
fi

# ---- Outside: the folder is made, and removed when nothing is mounted in it any more ----

suite=${1:-bookworm}
case $suite in
    bookworm | trixie) ;;
    *) die 'usage: tools/check-bare.sh [bookworm|trixie]' ;;
esac
[ "$(id -u)" = 0 ] || die 'this makes a chroot, which takes root'
for tool in mmdebstrap unshare git rustc; do
    command -v "$tool" >/dev/null || die "$tool is missing"
done
cd "$here"
[ -z "$(git status --porcelain)" ] || say 'note: changes that are not committed are not tested'
rust=$(rustc --print sysroot)

work=$(mktemp -d "${TMPDIR:-/tmp}/tlswrap-bare.XXXXXX")
child=
# shellcheck disable=SC2317 # it is called by the trap
clean() {
    # Not TERM, which unshare ignores while it waits.
    [ -z "$child" ] || { kill -KILL "$child" 2>/dev/null && wait "$child" 2>/dev/null; } || true
    if [ -n "${KEEP:-}" ]; then
        say "kept: $work"
    else
        # All mounts were made in a namespace that is gone. `--one-file-system` in case that is untrue.
        rm -rf --one-file-system "$work"
    fi
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "making $suite in $work"
root=$work/root
mmdebstrap --quiet --variant=minbase --include=git,make,ca-certificates "$suite" "$root"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
# Certificates of the local administrator: those of a proxy's.
mkdir -p "$root/usr/local/share/ca-certificates"
cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null || true
git clone --quiet --no-local "$here" "$root/root/tlswrap"
if [ -n "${WARM:-}" ]; then
    say 'taking along what is compiled: this is no check of a release'
    cp -a target "$root/root/tlswrap/"
    mkdir -p "$root/root/.cargo"
    # With other settings cargo would compile it again.
    cp ../.cargo/config.toml "$root/root/.cargo/" 2>/dev/null || true
    cp -a "${CARGO_HOME:-$HOME/.cargo}/registry" "$root/root/.cargo/"
fi

# The process namespace, and everything in it, ends with its first process, and that with unshare.
log=$work/log
: >"$log"
unshare --mount --propagation private --pid --fork --kill-child "$here/tools/check-bare.sh" --inside "$root" "$rust" \
    >"$log" 2>&1 </dev/null &
child=$!
tail -n +1 -f --pid="$child" "$log" &
status=0
wait "$child" || status=1
child=
wait

skipped=$(grep '^    skipped ' "$log" | grep -vE "$may_skip" || true)
if [ -n "$skipped" ]; then
    say 'skipped, though it must not be:'
    printf '%s\n' "$skipped"
    status=1
fi
if [ "$status" = 0 ]; then say "$suite: good"; else say "$suite: FAILED"; fi
exit "$status"
