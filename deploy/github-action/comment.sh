#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts a report into one comment of a pull request (GitHub) or a note of a merge
# request (GitLab), and updates that comment from then on. It touches no comment
# of anybody else and deletes none. The token is in this step alone, not where
# the scan runs, and on no command line.
#
#   COMMENT_TOKEN     GitHub: pull-requests: write; GitLab: scope api
#   COMMENT_BODY      file with the report, of sekisho scan -f markdown: its first
#                     line is hidden, and the comment is known by it
#   COMMENT_KEY       takes the place of the key in that line
#   COMMENT_FINDINGS  how many findings it has; with 0 and COMMENT_DECISION=allow
#                     no comment is begun, and one that is there says so
#   COMMENT_AUTHOR    login that owns the comments; found out when it is empty
set -eu

stop() {
	printf 'sekisho: comment: %s\n' "$1" >&2
	exit 1
}

for program in curl jq; do
	command -v "$program" >/dev/null || stop "the program $program is needed: install it in an earlier step"
done
lf='
'
case ${COMMENT_TOKEN:-} in
'') stop "there is no token: pass one as COMMENT_TOKEN" ;;
*["$lf"]*) stop "the token has more than one line" ;;
esac
[ -f "${COMMENT_BODY:-}" ] || stop "there is no report: COMMENT_BODY names its Markdown file"

number() { case $1 in '' | *[!0-9]*) return 1 ;; esac }

if [ -n "${CI_API_V4_URL:-}" ]; then
	number "${CI_MERGE_REQUEST_IID:-}" || stop "this is no pipeline of a merge request"
	number "${CI_PROJECT_ID:-}" || stop "CI_PROJECT_ID is not set"
	api=$CI_API_V4_URL header=PRIVATE-TOKEN value=$COMMENT_TOKEN
	list=projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
	one=$list order='&sort=asc&order_by=created_at' change=PUT who=username most=900000
	page_url=${CI_JOB_URL:-}
	hint="the token needs the scope api and the role Reporter"
else
	number "${PR_NUMBER:-}" || stop "this is no pull request"
	case ${GITHUB_REPOSITORY:-} in
	*/*/* | *[!0-9A-Za-z._/-]*) stop "GITHUB_REPOSITORY names no repository" ;;
	?*/?*) ;;
	*) stop "GITHUB_REPOSITORY names no repository" ;;
	esac
	api=${GITHUB_API_URL:-https://api.github.com} header=Authorization value="Bearer $COMMENT_TOKEN"
	list=repos/$GITHUB_REPOSITORY/issues/$PR_NUMBER/comments
	one=repos/$GITHUB_REPOSITORY/issues/comments order='' change=PATCH who=login most=60000
	page_url=
	[ -z "${GITHUB_RUN_ID:-}" ] || page_url=${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
	hint="the job needs permissions: pull-requests: write"
fi
work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sekisho-comment.XXXXXX")
trap 'rm -rf "$work"' EXIT

# request METHOD PATH [FILE]: the status is in $code, the answer in $work/answer.
request() {
	again=0
	[ "$1" != GET ] || again=3
	: >"$work/answer"
	set -- --request "$1" --url "$api/$2" ${3:+--data-binary "@$3"}
	code=$(printf '%s: %s\n' "$header" "$value" | curl --silent --show-error --proto '=https' --max-time 60 --retry "$again" \
		--header @- --header 'Content-Type: application/json' --user-agent sekisho \
		--dump-header "$work/headers" --output "$work/answer" --write-out '%{http_code}' "$@") ||
		stop "$api did not answer"
}

refuse() {
	said=$(jq -r '[.message?, .error?] | map(select(. != null) | tostring) | join(" ")' "$work/answer" 2>/dev/null |
		tr -d '\000-\037\177' | cut -c 1-200) || said=
	stop "$1: $2 answered $code${said:+ ($said)}; $hint"
}

author=${COMMENT_AUTHOR:-}
if [ -z "$author" ]; then
	request GET user
	case $code in
	200) author=$(jq -r ".$who // empty" "$work/answer") ;;
	401) refuse "who owns the token" "$api" ;;
	esac
	# The token that a workflow of GitHub is given may not ask, and is this one.
	[ -n "$author" ] || [ "$who" != login ] || author='github-actions[bot]'
	[ -n "$author" ] || refuse "who owns the token" "$api"
fi

key=$(printf %s "${COMMENT_KEY:-}" | tr -c '0-9A-Za-z._/:@-' _ | tr -s - | cut -c 1-200)
line=$(sed -n '1s/^<!-- sekisho:\([0-9A-Za-z._/:@-]*\) -->$/\1/p' "$COMMENT_BODY")
marker="<!-- sekisho:${key:-${line:-report}} -->"

page=1 id=
while [ -z "$id" ] && [ "$page" -le 100 ]; do
	request GET "$list?per_page=100&page=$page$order"
	[ "$code" = 200 ] || refuse "read the comments" "$api"
	id=$(jq -r --arg author "$author" --arg marker "$marker" --arg who "$who" '
		[.[] | select((.user // .author)[$who] == $author and (.body // "" | startswith($marker))) | .id][0] // empty' "$work/answer") ||
		stop "$api answered with something else than a list of comments"
	grep -q -i '^link:.*rel="next"' "$work/headers" || break
	page=$((page + 1))
done
[ -z "$id" ] || number "$id" || stop "$api named a comment by no number"

clean=
if [ "${COMMENT_FINDINGS:-}" = 0 ] && [ "${COMMENT_DECISION:-}" = allow ]; then
	clean='Nothing (new) is found any more.'
	case ${SEKISHO_LANG:-} in ja*) clean='(新たな) 検出結果はなくなりました。' ;; esac
	if [ -z "$id" ]; then
		echo "sekisho: comment: nothing was found, and there is no comment to update"
		exit 0
	fi
fi

# write MOST: the body, cut at the end of a line where it is too long. No line
# begins with a slash: that would be a command to GitLab and to many robots.
write() {
	jq -n --rawfile text "$COMMENT_BODY" --arg marker "$marker" --arg page "$page_url" --arg clean "$clean" --arg line "$line" --argjson most "$1" '
		(if $line != "" then $text | sub("^[^\n]*\n"; "") else $text end) as $text
		| ($text | gsub("(?<start>^|\n)(?<space>[ \t\r]*)/"; "\(.start)\(.space)&#47;")) as $text
		| (if ($text | length) > $most then ($text[:$most] | sub("\n[^\n]*$"; "")) + "\n\n_This report was cut: it is too long for a comment._\n" else $text end) as $text
		| (if $page | test("^https?://[0-9A-Za-z._:/?=&%-]+$") then "\n[Run](" + $page + ")\n" else "" end) as $run
		| {body: ($marker + "\n" + (if $clean != "" then "**" + $clean + "**\n\n" else "" end) + $text + $run)}' >"$work/body"
}

send() {
	if [ -n "$id" ]; then
		request "$change" "$one/$id" "$work/body"
		if [ "$code" = 404 ]; then # it was deleted meanwhile
			id=
			[ -z "$clean" ] || exit 0
		fi
	fi
	[ -n "$id" ] || request POST "$list" "$work/body"
}

write "$most"
send
if [ "$code" = 422 ] || [ "$code" = 413 ]; then # too long by the measure of the server
	write $((most / 4))
	send
fi
case $code in
200) echo "sekisho: comment: updated" ;;
201) echo "sekisho: comment: written" ;;
*) refuse "write the comment" "$api" ;;
esac
