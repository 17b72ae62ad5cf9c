#!/bin/sh
# scenarios.sh TABLE DIR: the driver of Go, see ../../tests/conformance/README.md.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=/dev/null
. "$root/bindings/go/env.sh"
why=$(go_missing "$root")
[ -z "$why" ] || { echo "$why" >&2; exit 77; }
go_environment "$root"
cd "$root/bindings/go"
exec go run ./internal/scenarios "$@"
