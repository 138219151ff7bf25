#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Scans, and leaves the reports for the steps that follow. Inputs come by the
# environment and are never part of a script. No token is in it.
#
# The status of this step is 0 where there is a result: the last step of the
# action applies the gate, after everybody had the reports.
set -eu

stop() {
	printf '::error title=Sekisho::%s\n' "$1"
	exit 2
}

case ${IN_TARGET:-} in
'') stop "target: name what to scan, such as . or registry:example.com/app:1" ;;
-) stop "target: standard input is empty in an action; save the image to a file" ;;
esac
reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sekisho.XXXXXX")
lf='
'

# What is new is what this event brings: of a pull request, since it parted from
# its base; of a push, since the commit before.
since=${IN_SINCE:-}
fail_on=${IN_FAIL_ON:-}
if [ "$since" = auto ]; then
	since=
	if [ -n "${GITHUB_BASE_REF:-}" ]; then
		since=origin/$GITHUB_BASE_REF
	else
		case ${EVENT_BEFORE:-} in
		*[!0-9a-f]* | 0000000000000000000000000000000000000000) ;;
		*) since=${EVENT_BEFORE:-} ;;
		esac
	fi
	case $since${IN_BASELINE:-}$fail_on in
	new:*)
		printf '::warning title=Sekisho::%s\n' "This event has nothing to compare with: the gate $fail_on was not applied."
		fail_on=
		;;
	esac
fi

set -- scan --no-progress
[ -z "${IN_SCANNERS:-}" ] || set -- "$@" --scanners "$IN_SCANNERS"
# One argument a line: nothing is split or expanded.
ifs=$IFS
IFS=$lf
set -f
for argument in ${IN_ARGS:-}; do
	set -- "$@" "$argument"
done
set +f
IFS=$ifs

token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
# Names of a hostile tree are no commands to the runner.
quietly() {
	printf '::stop-commands::%s\n' "$token"
	code=0
	"$@" 2>&1 || code=$?
	printf '\n::%s::\n' "$token"
	return "$code"
}

# Code scanning compares by itself and so wants all findings.
whole=no
if [ "${IN_SARIF:-false}" != false ] && [ -n "$since" ]; then
	whole=yes
	quietly "$BINARY" "$@" --quiet -o "sarif=$reports/report.sarif" -- "$IN_TARGET" ||
		[ -f "$reports/report.sarif" ] || stop "there is no result: see the lines above"
fi

[ -z "$fail_on" ] || set -- "$@" --fail-on "$fail_on"
[ -z "${IN_BASELINE:-}" ] || set -- "$@" --baseline "$IN_BASELINE"
[ -z "$since" ] || set -- "$@" --since "$since"
[ -z "${IN_CATEGORY:-}" ] || set -- "$@" --comment-key "$IN_CATEGORY"
if [ -n "${IN_OUTPUT:-}" ]; then
	set -- "$@" -f "${IN_FORMAT:-json}"
	IFS=$lf
	set -f
	for file in $IN_OUTPUT; do
		set -- "$@" -o "$file"
	done
	set +f
	IFS=$ifs
	IN_FORMAT=
fi
[ "$whole" = yes ] || set -- "$@" -o "sarif=$reports/report.sarif"
counts='{{define "one"}}{{range .Findings}}{{if not .Suppressed}}{{.Severity}}{{"\n"}}{{end}}{{end}}{{end}}decision={{.Verdict.Decision}}{{"\n"}}{{template "one" .}}{{range .Platforms}}{{template "one" .}}{{end}}'
set -- "$@" -o "json=$reports/report.json" -o "markdown=$reports/report.md" -o "github=$reports/annotations" \
	-o "${IN_FORMAT:-table}=$reports/log" -o "template=$reports/counts" -t "$counts"

status=0
quietly "$BINARY" "$@" -- "$IN_TARGET" || status=$?
if [ ! -f "$reports/report.json" ] || [ ! -f "$reports/counts" ]; then
	[ "$status" != 0 ] || status=4
	exit "$status"
fi
quietly cat "$reports/log"
[ "${IN_ANNOTATIONS:-true}" = false ] || cat "$reports/annotations"
if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
	if [ "$(wc -c <"$reports/report.md")" -lt 1000000 ]; then
		cat "$reports/report.md" >>"$GITHUB_STEP_SUMMARY"
	else # a summary holds 1 MiB: whole lines of it
		head -c 1000000 "$reports/report.md" | sed '$d' >>"$GITHUB_STEP_SUMMARY"
	fi
fi
count() { grep -c -x "$1" "$reports/counts" || true; }
{
	printf 'status=%s\n' "$status"
	printf 'decision=%s\n' "$(sed -n '1s/^decision=//p' "$reports/counts" | tr -cd '[:lower:]')"
	printf 'findings=%s\n' "$(($(wc -l <"$reports/counts") - 1))"
	for severity in critical high medium low; do
		printf '%s=%s\n' "$severity" "$(count "$severity")"
	done
	printf 'json=%s\nmarkdown=%s\nsarif=%s\n' "$reports/report.json" "$reports/report.md" "$reports/report.sarif"
} >>"$GITHUB_OUTPUT"
