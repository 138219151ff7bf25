#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Times `sekisho scan sbom:` of 800 packages, and the start of the program, as
# whole processes: medians of N runs. Flags go to scan, such as --db DIR.
#   bench/sbom.sh [FLAG ...]
set -eu
cd "$(dirname "$0")/.."
[ -x bin/sekisho ] || make build
exec go run ./bench/sbom -sekisho bin/sekisho -n "${N:-20}" -keep "${KEEP:-}" -- "$@"
