#!/bin/sh
# seal-static.sh IN.a OUT.a: makes the static library that is shipped from the one that
# cargo writes. Beside IN.a lies what cargo said when it built that, IN.json: tools/cargo-library.sh.
#
# Cargo's archive holds BoringSSL's and Rust's symbols for all to see. Beside OpenSSL in one
# program some 2,000 names clash, silently where the linker takes the first it finds; and it
# wants a C++ runtime. Here all of it becomes one object in which only tlsw_* is global and
# the C++ runtime's part is played by src/bssl/cxx_shim.c.
#
# Tools are taken from CC, NM, OBJCOPY and AR where set, for cross builds.

set -eu
[ $# -eq 2 ] || { echo 'usage: seal-static.sh IN.a OUT.a' >&2; exit 2; }
in=$1 out=$2
root=$(dirname "$0")/..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Rust's archive has members in a newer LLVM's format, of which an older nm complains.
"${NM:-nm}" --defined-only --extern-only --format=posix "$in" 2>"$work/complaints" |
    sed -n 's/^\(tlsw_[a-z0-9_]*\) T .*/\1/p' | sort -u >"$work/symbols"
[ -s "$work/symbols" ] || { cat "$work/complaints" >&2; echo "seal-static: no tlsw_* in $in" >&2; exit 1; }

for file in bssl/cxx_shim ffi/std_own; do
    "${CC:-cc}" -O2 -fPIC -ffunction-sections -c "$root/src/$file.c" -o "$work/${file#*/}.o"
done

# What build.rs puts in the place of a part of BoringSSL; it says why it is not in the archive. The
# one of this very build: that of another may be for other structures of BoringSSL's.
messages=${in%.a}.json
buffers=$("$root/tools/out-dir.sh" "$messages" tlsw_record_buffers)
[ -z "$(find "$in" -newer "$messages")" ] || {
    echo "seal-static: $messages does not tell of this $in: build it with tools/cargo-library.sh" >&2
    exit 1
}
buffers=${buffers:+$buffers/libtlsw_record_buffers.a}

# Groups are dissolved because their names would still be shared with those of other
# objects, and the linker keeps one group of a name only.
# GNU's linker, whatever the compiler would take else: lld collects no garbage here.
sed 's/^/-Wl,-u,/' "$work/symbols" >"$work/roots"
"${CC:-cc}" -fuse-ld=bfd -nostdlib -r -Wl,--gc-sections -Wl,--force-group-allocation \
    -o "$work/tlswrap.o" "@$work/roots" "$work/cxx_shim.o" "$work/std_own.o" \
    ${buffers:+-Wl,--whole-archive "$buffers" -Wl,--no-whole-archive} "$in"

# Embedded LLVM bitcode is of no use any more, and some versions of ar stumble over it. Names
# that nothing uses go too: weak ones the collector turned into demands on the C library.
"${OBJCOPY:-objcopy}" --keep-global-symbols="$work/symbols" --strip-unneeded \
    --remove-section=.llvmbc --remove-section=.llvmcmd "$work/tlswrap.o"

rm -f "$out"
"${AR:-ar}" rcsD "$out" "$work/tlswrap.o"
