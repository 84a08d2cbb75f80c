#!/usr/bin/env bash
# Gets an access token for an ID token of GitHub, as an output of the step; `action.yml` runs it.
set -euo pipefail

if [ -z "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    echo "::error::this job gets no ID token of GitHub: add 'permissions: id-token: write'"
    exit 2
fi

folder=$(mktemp -d "$RUNNER_TEMP/edge-oauth.XXXXXX")
trap 'rm -r "$folder"' EXIT
umask 077
# By standard input, since others see the arguments of a program.
curl --config - --fail --silent --show-error --retry 3 --get --data-urlencode "audience=$EDGE_OAUTH_AUDIENCE" \
    --output "$folder/response" <<EOF
url = "$ACTIONS_ID_TOKEN_REQUEST_URL"
header = "Authorization: Bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN"
EOF
# A JWT has no character that JSON escapes.
sed -n 's/.*"value" *: *"\([A-Za-z0-9._-]*\)".*/\1/p' "$folder/response" >"$folder/assertion"
rm "$folder/response"

arguments=()
while IFS= read -r argument; do
    argument=${argument%$'\r'}
    test -z "$argument" || arguments+=("$argument")
done <<<"$EDGE_OAUTH_ARGUMENTS"
# The runner masks the token: `-o github` says so before it writes the output.
edge-oauth token --no-cache -o github --client-assertion-file "$folder/assertion" ${arguments[@]+"${arguments[@]}"}
