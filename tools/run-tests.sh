#!/bin/sh
# run-tests.sh [PART...]: runs every part of the tests, or those named, and sums them up.
#
# One line a part. What a part prints goes to target/test-logs; of one that fails it is
# shown. The last line is `N passed, M failed`, with `, K skipped` if any were, and the
# exit status is 0 only if nothing failed.

set -eu
cd "$(dirname "$0")/.."
logs=target/test-logs
mkdir -p "$logs"

# ---- The parts: a name, what it is, and a command ----

parts='format clippy windows scripts docs rust once program c bogo fault symbols examples chain packaging scenarios go node python demo'

title() {
    case $1 in
        format) echo 'Rust formatting' ;;
        clippy) echo 'Rust lints' ;;
        windows) echo 'Windows' ;;
        scripts) echo 'shell scripts' ;;
        docs) echo 'documentation' ;;
        rust) echo 'Rust tests' ;;
        once) echo 'compiled once' ;;
        program) echo 'Rust program' ;;
        c) echo 'C tests' ;;
        bogo) echo 'BoringSSL tests' ;;
        fault) echo 'faults' ;;
        symbols) echo 'symbols' ;;
        packaging) echo 'packaging' ;;
        examples) echo 'C examples' ;;
        chain) echo 'tlswrap-chain' ;;
        node) echo 'Node binding' ;;
        scenarios) echo 'one behaviour' ;;
        go) echo 'Go binding' ;;
        python) echo 'Python binding' ;;
        demo) echo 'demo' ;;
        *) return 1 ;;
    esac
}

run() {
    case $1 in
        format) cargo fmt --check ;;
        clippy) cargo clippy --release --all-targets -- --deny warnings ;;
        windows) tools/check-windows.sh ;;
        scripts) shell_scripts ;;
        docs) rust_docs && pages && tests/c/docs.sh ;;
        rust) cargo test --release --no-fail-fast ;;
        once) compiled_once ;;
        program) tests/rust-program/run.sh ;;
        c) tests/c/run.sh ;;
        bogo) tests/bogo/run.sh ;;
        fault) tests/fault/run.sh ;;
        symbols) tests/c/symbols.sh ;;
        packaging) tests/c/packaging.sh ;;
        examples) tests/c/examples.sh ;;
        chain) tests/c/chain_cmd.sh ;;
        node) TLSWRAP_SOAK=${TLSWRAP_SOAK:-0.2} bindings/node/test.sh ;;
        scenarios) tests/conformance/compare.sh ;;
        go) bindings/go/test.sh ;;
        python) bindings/python/test.sh ;;
        demo) tools/demo.sh ;;
    esac
}

rust_docs() { # for us who work on it, so what is private is not hidden
    RUSTDOCFLAGS='--deny warnings --allow rustdoc::private-intra-doc-links' \
        cargo doc --release --no-deps --document-private-items
}

pages() {
    if ! command -v python3 >/dev/null; then
        echo 'skipped links and names of the pages: python3 is not installed'
        echo '0 passed, 0 failed, 1 skipped'
        return 0
    fi
    tools/check-docs.py
}

# Cargo compiles the library again, at worst with BoringSSL, if anything below it has other
# features with the dev-dependencies than without. After the Rust tests that would show here,
# and the cure is to ask for these features in Cargo.toml always.
compiled_once() {
    cargo build --release --lib --message-format json >"$logs/once.json" &&
        ! sed -nE '/"fresh":false/s/.*"package_id":"([^"]*)".*/compiled twice: \1/p' "$logs/once.json" | grep .
}

shell_scripts() {
    if ! command -v shellcheck >/dev/null; then
        echo 'skipped shellcheck: it is not installed'
        return 0
    fi
    # shellcheck disable=SC2046 # none of our files has a space in its name
    shellcheck .ci/run $(find bindings tests tools -name '*.sh')
}

# ---- Counting ----

# What the tests themselves say at the end, added up: cargo's `test result: ok. N passed; M
# failed; K ignored; …` for each test binary, or `N passed, M failed, K skipped`.
told() { # told LOG: "passed failed skipped", or nothing
    sed -nE 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed; ([0-9]+) ignored;.*/\1 \2 \3/p
             s/^([0-9]+) passed, ([0-9]+) failed$/\1 \2 0/p
             s/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$1" |
        awk '{ p += $1; f += $2; s += $3 } END { if (NR) print p, f, s }'
}

# A part that tells no numbers is one test by itself. However it counts, a part that ends
# badly has failed, and one that ends well without having run anything did not run.
count() { # count LOG STATUS: sets $p, $f and $s
    numbers=$(told "$1")
    if [ -z "$numbers" ]; then
        numbers='1 0 0'
        ! grep -q '^skipped ' "$1" || numbers='0 0 1'
        [ "$2" = 0 ] || numbers='0 1 0'
    fi
    read -r p f s <<EOF
$numbers
EOF
    [ "$2" = 0 ] || [ "$f" -gt 0 ] || f=1
    [ $((p + f + s)) -gt 0 ] || f=1
}

# ---- All of it ----

# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $parts
passed=0 failed=0 skipped=0
for part; do
    title "$part" >/dev/null || { echo "run-tests: no part '$part'; there are: $parts" >&2; exit 2; }
done
for part; do
    log=$logs/$part.log
    started=$(date +%s)
    printf '%-16s ' "$(title "$part")"
    status=0
    run "$part" >"$log" 2>&1 </dev/null || status=$?
    count "$log" "$status"
    line="$p passed"
    [ "$f" = 0 ] || line="$line, $f FAILED"
    [ "$s" = 0 ] || line="$line, $s skipped"
    echo "$line ($(($(date +%s) - started)) s)"
    sed -nE 's/^skipped /    skipped /p; s/^test (.*) \.\.\. ignored,? ?/    skipped \1: /p' "$log"
    if [ "$f" != 0 ]; then
        echo "    all of it is in $log; this is it without what passed:"
        sed '/^ok  /d; /^test .* ok$/d; s/^/    | /' "$log"
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

echo
echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
