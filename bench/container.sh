#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What could hold a shard of the database, measured: size on disk, opening plus
# 1,000 look-ups, peak memory of the process. Medians of N runs.
#   bench/container.sh DATABASE [WORLD]     DATABASE as `sekisho db build -o` wrote it
set -eu
db=$1 world=${2:-debian/12} n=${N:-9}
here=$(cd "$(dirname "$0")/container" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
(cd "$here" && CGO_ENABLED=0 go build -mod=mod -o "$tmp/container" .)
digest=$(sed 's/},{/}\n{/g' "$db/manifest.json" | sed -n "s|.*\"world\":\"$world\",\"digest\":\"sha256:\([0-9a-f]*\)\".*|\1|p")
[ -n "$digest" ] || { echo "$db has no part $world" >&2; exit 1; }
"$tmp/container" write "$db/shards/sha256/$digest" "$tmp/c"
printf 'kind\tbytes\tms\tMiB\n'
for kind in own bbolt sqlite pebble; do
	i=0
	while [ "$i" -lt "$n" ]; do
		"$tmp/container" read "$kind" "$tmp/c"
		i=$((i + 1))
	done | sort -t "$(printf '\t')" -k3 -n | sed -n "$((n / 2 + 1))p" | cut -f1-4
done
