#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Tidemark with curl alone (and jq, to read the answers):
#
#	TIDEMARK_API_KEY=tm-... sh tidemark.sh BASE "QUESTION" FILE...
#
# It makes the base when it is missing, sends the files, says how far they are,
# names those that failed and prints what answers the question best.
set -eu

[ $# -ge 3 ] || { echo "usage: tidemark.sh BASE QUESTION FILE..." >&2; exit 2; }
url=${TIDEMARK_URL:-http://127.0.0.1:8420}/tidemark/v1
base=$(jq -rn --arg name "$1" '$name | @uri')
name=$1
question=$2
shift 2

# api METHOD PATH [CURL'S OPTIONS]: the answer; what is refused ends the script.
api() {
	method=$1
	path=$2
	shift 2
	answer=$(curl -sS -X "$method" -H "Authorization: Bearer $TIDEMARK_API_KEY" \
		-w '\n%{http_code}' "$@" "$url$path")
	status=$(printf '%s' "$answer" | tail -n 1)
	answer=$(printf '%s' "$answer" | sed '$d')
	if [ "$status" -ge 300 ]; then
		printf '%s' "$answer" | jq -r \
			'"the server said: \(.error.code): \(.error.message)"' >&2
		exit 1
	fi
	printf '%s\n' "$answer"
}

# The base.  What is there already is 409, which is as good.
curl -sS -o /dev/null -H "Authorization: Bearer $TIDEMARK_API_KEY" \
	--json "$(jq -n --arg name "$name" '{name: $name}')" "$url/bases"

# The files, all in one request, which makes one job.  curl wants quotes and
# backslashes in a name escaped.
count=$#
while [ "$count" -gt 0 ]; do
	file=$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')
	shift
	set -- "$@" -F "file=@\"$file\""
	count=$((count - 1))
done
answer=$(api POST "/bases/$base/documents" "$@")
job=$(printf '%s' "$answer" | jq .job)

# of FILTER: a text made of the job.
of() {
	printf '%s' "$job" | jq -r "$1"
}

# Each answer comes as soon as the job has changed.
while :; do
	of '"\(.state) \(.percent) %"' >&2
	[ "$(of .finished_at)" = null ] || break
	job=$(api GET "$(of '"/jobs/\(.id)?after=\(.revision)&wait=60"')")
done

of '"\(.counts.completed) of \(.counts.total) completed"'
failed=$(api GET "/jobs/$(of .id)/items?state=failed&limit=1000")
printf '%s' "$failed" |
	jq -r '.items[] | "failed: \(.name): \(.error.code): \(.error.message)"'
found=$(api POST "/bases/$base/query" -H 'Content-Type: application/json' \
	-d "$(jq -n --arg query "$question" '{query: $query, limit: 3}')")
printf '%s' "$found" |
	jq -r 'def fixed: (. * 1000 | round) as $n | "\($n / 1000 | floor)." +
			("00\($n % 1000)" | .[-3:]);
		.results[] | "\(.score | fixed) \(.name): " +
			(.text | gsub("\\s+"; " ") | .[:60])'
