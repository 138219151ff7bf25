#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hands a SARIF file to GitHub's code scanning, by the request that is documented
# for it (https://docs.github.com/rest/code-scanning#upload-an-analysis-as-sarif-data),
# so that no action of a third party is needed. The token is in this step alone.
set -eu

stop() {
	printf '::error title=Sekisho::%s\n' "$1"
	exit 1
}

for program in curl jq gzip base64; do
	command -v "$program" >/dev/null || stop "the program $program is needed: install it in an earlier step"
done
[ -n "${SARIF_TOKEN:-}" ] || stop "there is no token for code scanning"
[ -f "${SARIF_FILE:-}" ] || stop "there is no SARIF file"
api=${GITHUB_API_URL:-https://api.github.com}
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sekisho-sarif.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Two scans of a commit replace each other unless their categories differ.
jq --arg category "${SARIF_CATEGORY:-sekisho}/" '.runs[].automationDetails.id = $category' "$SARIF_FILE" >"$work/sarif"
gzip -c "$work/sarif" | base64 | tr -d '\n' >"$work/packed"
jq -n --arg commit "$GITHUB_SHA" --arg ref "$GITHUB_REF" --rawfile sarif "$work/packed" \
	'{commit_sha: $commit, ref: $ref, sarif: $sarif, tool_name: "Sekisho"}' >"$work/body"
code=$(printf 'Authorization: Bearer %s\n' "$SARIF_TOKEN" | curl --silent --show-error --proto '=https' --max-time 120 \
	--header @- --header 'Content-Type: application/json' --user-agent sekisho --data-binary "@$work/body" \
	--output "$work/answer" --write-out '%{http_code}' --url "$api/repos/$GITHUB_REPOSITORY/code-scanning/sarifs") ||
	stop "$api did not answer"
case $code in
202) echo "sekisho: SARIF handed to code scanning" ;;
*)
	said=$(jq -r '.message // empty' "$work/answer" 2>/dev/null | tr -d '\000-\037\177' | cut -c 1-200) || said=
	stop "code scanning answered $code${said:+ ($said)}; the job needs permissions: security-events: write, and the repository code scanning"
	;;
esac
