#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Finds the program: the one that IN_BINARY names, or the release IN_VERSION,
# whose bytes must have the SHA-256 that is known of them. Nothing that was
# downloaded is run before it was compared.
#
# The sum is IN_CHECKSUM, or else the one in SHA256SUMS beside this script (then
# whoever pins the action by its commit pins the program with it), or else the
# one of the release itself, which proves that the download is whole and not
# whose it is.
set -eu

stop() {
	printf '::error title=Sekisho::%s\n' "$1"
	exit 1
}

sum() {
	if command -v sha256sum >/dev/null; then
		sha256sum "$1" | cut -d ' ' -f 1
	else
		shasum -a 256 "$1" | cut -d ' ' -f 1
	fi
}

found() {
	printf 'binary=%s\n' "$1" >>"$GITHUB_OUTPUT"
	exit 0
}

hex() { case $1 in *[!0-9a-f]*) return 1 ;; esac && [ ${#1} = 64 ]; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
checksum=$(printf %s "${IN_CHECKSUM:-}" | tr 'A-F' 'a-f')
checksum=${checksum#sha256:}
[ -z "$checksum" ] || hex "$checksum" || stop "checksum: a SHA-256 of 64 hexadecimal digits is wanted"

if [ -n "${IN_BINARY:-}" ]; then
	binary=$(command -v -- "$IN_BINARY") || stop "binary: there is no program of this name; install it in an earlier step, or leave binary away"
	[ -z "$checksum" ] || [ "$(sum "$binary")" = "$checksum" ] || stop "binary: the program has another SHA-256 than checksum says"
	found "$binary"
fi

version=${IN_VERSION:-}
if [ -z "$version" ] && [ -f "$here/SHA256SUMS" ]; then
	version=$(sed -n 's/^[0-9a-f]\{64\}  sekisho-\(.*\)-linux-amd64$/\1/p' "$here/SHA256SUMS")
fi
version=${version#v}
case $version in
'') stop "version: name the release to use, such as version: 1.2.3, with its checksum" ;;
[!0-9]* | *[!0-9A-Za-z.+-]*) stop "version: a version such as 1.2.3 is wanted" ;;
esac

case ${RUNNER_OS:-Linux} in
Linux) system=linux ;;
macOS) system=darwin ;;
*) stop "there is no release for $RUNNER_OS: run this job on Linux or macOS" ;;
esac
case ${RUNNER_ARCH:-X64} in
X64) system=$system-amd64 ;;
ARM64) system=$system-arm64 ;;
*) stop "there is no release for $RUNNER_ARCH: run this job on x64 or arm64" ;;
esac
name=sekisho-$version-$system

from=${IN_SOURCE:-https://github.com/sekisho/sekisho/releases/download}/v$version
fetch() {
	curl --fail --silent --show-error --location --proto '=https' --proto-redir '=https' \
		--retry 3 --max-time 600 --output "$2" "$from/$1" || stop "$from/$1 could not be fetched: is there such a release?"
}

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sekisho-install.XXXXXX")
if [ -z "$checksum" ]; then
	if [ -f "$here/SHA256SUMS" ]; then
		checksum=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\$/\1/p" "$here/SHA256SUMS")
	fi
	if [ -z "$checksum" ]; then
		printf '::notice title=Sekisho::%s\n' "No checksum was given: the sum of the release itself is used. Set checksum to pin the program."
		fetch SHA256SUMS "$work/SHA256SUMS"
		checksum=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\$/\1/p" "$work/SHA256SUMS")
	fi
	hex "$checksum" || stop "no SHA-256 is known of $name: set checksum, or is it another version?"
fi

# What an earlier job of this runner kept is compared like a download.
kept=${RUNNER_TOOL_CACHE:-$work}/sekisho/$checksum/sekisho
if [ -f "$kept" ] && [ "$(sum "$kept")" = "$checksum" ]; then
	found "$kept"
fi
fetch "$name" "$work/sekisho"
[ "$(sum "$work/sekisho")" = "$checksum" ] || stop "$name has another SHA-256 than $checksum: it was not run"
chmod 755 "$work/sekisho"
mkdir -p "$(dirname "$kept")"
mv "$work/sekisho" "$kept"
found "$kept"
