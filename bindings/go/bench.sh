#!/bin/sh
# bench.sh [COUNT]: measures this package and crypto/tls side by side, COUNT times (5) in turns,
# and prints the medians and their ratios; more than 1 is in favour of this package. Beside the time
# of the clock stands that of the processor, of both ends together, which says more on a machine that
# has other work.
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
    "$root/target/go/bench.test" -test.run XXX -test.bench . -test.benchtime 1s >>"$log" || { tail "$log" >&2; exit 1; }
done

awk '/^Benchmark/ {
        name = $1; sub(/^Benchmark/, "", name); sub(/-[0-9]+$/, "", name)
        for (i = 3; i < NF; i += 2) {
            if ($(i + 1) == "ns/op") clock[name] = clock[name] " " $i
            if ($(i + 1) == "cpu-ns/op") cpu[name] = cpu[name] " " $i
        }
    }
    function median(text,    n, i, j, swap, value) {
        n = split(text, value, " ")
        for (i = 1; i <= n; i++) value[i] += 0
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && value[j - 1] > value[j]; j--) { swap = value[j]; value[j] = value[j - 1]; value[j - 1] = swap }
        return n % 2 ? value[(n + 1) / 2] : (value[n / 2] + value[n / 2 + 1]) / 2
    }
    END {
        printf "%-12s %10s %10s %6s %12s %10s %6s\n", "ns, medians", "tlswrap", "crypto/tls", "ratio", "processor:", "", "ratio"
        for (name in clock) {
            if (name ~ /\/crypto-tls$/) continue
            ours = median(clock[name]); ours_cpu = median(cpu[name]); other = name
            if (sub(/\/tlswrap$/, "/crypto-tls", other)) {
                theirs = median(clock[other]); theirs_cpu = median(cpu[other]); sub(/\/tlswrap$/, "", name)
                printf "%-12s %10.0f %10.0f %6.2f %12.0f %10.0f %6.2f\n", name, ours, theirs, theirs / ours, ours_cpu, theirs_cpu, theirs_cpu / ours_cpu | "sort"
            } else
                printf "%-12s %10.0f %10s %6s %12.0f\n", name, ours, "", "", ours_cpu | "sort"
        }
    }' "$log"
