#!/bin/sh
# bench.sh [COUNT]: measures this package and crypto/tls side by side, COUNT times (5) in turns,
# and prints the medians and their ratio; more than 1 is in favour of this package.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$root/bindings/go/env.sh"
why=$(go_missing "$root")
[ -z "$why" ] || { echo "bench.sh: $why" >&2; exit 1; }
go_environment "$root"
cd "$root/bindings/go"
log=$root/target/go/bench.log
mkdir -p "$root/target/go"
go test -c -o "$root/target/go/bench.test" .
: >"$log"
for _ in $(seq "${1:-5}"); do
    "$root/target/go/bench.test" -test.run XXX -test.bench . -test.benchtime 1s | tee -a "$log" | grep '^Benchmark' >&2
done

awk '/^Benchmark/ {
        name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
        samples[name] = samples[name] " " $3
    }
    function median(text,    n, i, j, swap, value) {
        n = split(text, value, " ")
        for (i = 1; i <= n; i++) value[i] += 0
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && value[j - 1] > value[j]; j--) { swap = value[j]; value[j] = value[j - 1]; value[j - 1] = swap }
        return n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2
    }
    END {
        printf "%-22s %12s %12s %7s\n", "ns, medians", "tlswrap", "crypto/tls", "ratio"
        for (name in samples) {
            if (name ~ /\/crypto-tls$/) continue
            ours = median(samples[name]); other = name
            if (sub(/\/tlswrap$/, "/crypto-tls", other)) {
                theirs = median(samples[other]); sub(/\/tlswrap$/, "", name)
                printf "%-22s %12.0f %12.0f %7.2f\n", name, ours, theirs, theirs / ours | "sort"
            } else
                printf "%-22s %12.0f\n", name, ours | "sort"
        }
    }' "$log"
