#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Scans a source tree for everything (packages, vulnerabilities, configuration,
# secrets) and searches it for a plain string with grep -r, in turn; prints the
# medians of the wall clock and their ratio. The tree is the module cache of
# this repository unless one is named: make build && bench/tree.sh [DIR] [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
tree=${1:-$(go env GOMODCACHE)/github.com}
runs=${2:-7}
[ -x bin/sekisho ] || make build
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
clock() {
	local start=$EPOCHREALTIME
	"$@" >/dev/null 2>&1 || true
	local end=$EPOCHREALTIME
	echo $(((${end/./} - ${start/./}) / 1000))
}
median() { sort -n "$1" | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
echo "$(find "$tree" -type f | wc -l) files, $(du -sm --apparent-size "$tree" | cut -f1) MB in $tree; load $(cut -d' ' -f1 /proc/loadavg)"
clock grep -rF sekisho-no-such-string "$tree" >/dev/null # warms the page cache
for _ in $(seq "$runs"); do
	clock grep -rF sekisho-no-such-string "$tree" >>"$out/grep"
	clock ./bin/sekisho scan -q --offline --skip-db-update "repo:$tree" -f json -o "$out/r.json" >>"$out/scan"
done
echo "grep -rF: $(median "$out/grep") ms; scan of everything: $(median "$out/scan") ms; ratio $(awk "BEGIN {printf \"%.2f\", $(median "$out/scan") / $(median "$out/grep")}")"
