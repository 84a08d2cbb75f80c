#!/usr/bin/env bash
# Records docs/session.md: a session of the program with a local Experience Edge, as a new user has it.
# What differs from run to run (tokens, ports, times) is masked, so that a second run writes the same
# file. Fails where a command ends otherwise than it should.
#
#   docs/record-session.sh            writes docs/session.md
#   docs/record-session.sh --check    fails where it would write something else
#
# Needs cargo, curl, and nothing beyond the loopback once cargo has what it builds.
set -euo pipefail

# Of the width of what it stands for, so that columns stay.
hash=$(printf 'f%.0s' {1..64})

mask() {
    sed -E \
        -e "s#$home#~#g" \
        -e 's/eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+/eyJ.../g' \
        -e 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z/TIME/g' \
        -e 's/, (in [0-9]+[dhms]( [0-9]+[hms])?|now|[0-9]+[ms] ago)/, .../g' \
        -e 's/token after [^:]+: its lifetime is .+/token after ...: its lifetime is .../' \
        -e 's/expires in [0-9]+[dhms]( [0-9]+[hms])?/expires in .../g' \
        -e 's/^( +(exp|iat) +)[0-9]+/\1SECONDS/' \
        -e 's/"expires_in":[0-9]+/"expires_in":SECONDS/' \
        -e 's/[0-9]+ characters/N characters/g' \
        -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,16}Z?/TIME/g' \
        -e 's/[0-9a-f]{64}/'"$hash"'/g' \
        -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g' \
        -e 's/job_[0-9a-f]{32}/job_ID/g' \
        -e 's/^[0-9a-f]{12} /ID           /'
}

case "${1:-}" in
"" | --check | play) ;;
*) echo "usage: docs/record-session.sh [--check]" >&2 && exit 2 ;;
esac

# The session itself runs in an empty environment, below.
if [ "${1:-}" != play ]; then
    cd "$(dirname "$0")/.."
    cargo build --locked --quiet --package edge-oauth-cli
    programs=$(cd "${CARGO_TARGET_DIR:-target}/debug" && pwd)
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    env -i "PATH=$programs:$PATH" "HOME=$home" LC_ALL=C \
        bash docs/record-session.sh play | mask >"$home/session.md"
    case "${1:-}" in
    "") cp "$home/session.md" docs/session.md ;;
    --check) diff -u docs/session.md "$home/session.md" ;;
    esac
    exit
fi

# say TEXT: a paragraph of the page.
say() { printf '%s\n\n' "$*"; }

# run STATUS COMMAND: a command of the session, with what the terminal would show.
run() {
    local expected=$1 command=$2 status=0
    printf '```console\n$ %s\n' "$command"
    (set +e && set -o pipefail && eval "$command") >"$HOME/shown" 2>&1 || status=$?
    if [ "$status" != "$expected" ]; then
        cat "$HOME/shown" >&2
        printf 'ended with %s instead of %s: %s\n' "$status" "$expected" "$command" >&2
        exit 1
    fi
    # What ends without a line break gets one.
    awk 1 "$HOME/shown"
    if [ "$status" != 0 ]; then
        printf '$ echo $?\n%s\n' "$status"
    fi
    printf '```\n\n'
}

cd "$HOME"
cat <<'PAGE'
# A session

What a new user sees, recorded by [`docs/record-session.sh`](record-session.sh); tokens, ports and times
are masked. Nothing here leaves the machine: a local Experience Edge plays the service.

PAGE

say "In one terminal, the server. It prints the variables that a client needs:"
true >said
edge-oauth serve >env 2>said &
server=$!
trap 'kill "$server"' EXIT
until [ "$(wc -l <said)" -ge 2 ]; do
    kill -0 "$server"
    sleep 0.1
done
printf '```console\n$ edge-oauth serve > env\n'
cat said
printf '```\n\n'
say "In another, with those variables set (\`. ./env\`):"
run 0 'cat env'
. ./env
keys=$SITECORE_EDGE_URL/.well-known/jwks.json
api=$SITECORE_EDGE_URL/api/admin/v1/settings

say "## A token"
say "The first run asks the server; the next ones take the token from the encrypted cache."
run 0 'edge-oauth -v token -o json'
run 0 'edge-oauth -v token -o json'
run 0 'edge-oauth cache list'

say "The client, as its token tells, and the APIs that its kind can call:"
run 0 'edge-oauth whoami'

say "An API call, with the token in no argument, and a command with the token but without the secret:"
run 0 "edge-oauth token -o curl | curl -s -K - $api"
run 0 "edge-oauth exec -- sh -c 'echo \"\${#EDGE_OAUTH_TOKEN} characters; the secret: \${SITECORE_CLIENT_SECRET:-none}\"'"

say "What is sent, the secret redacted:"
run 0 'edge-oauth request'

say "## When there is none"
run 4 'edge-oauth token --audience https://api.example'
run 3 'SITECORE_CLIENT_SECRET= edge-oauth token < /dev/null'
run 2 'edge-oauth token --client-secret hunter2'

say "A response that curl received, explained without a network:"
run 0 "curl -si \$SITECORE_AUTH_URL -d grant_type=client_credentials -d client_id=me -d client_secret=no | edge-oauth explain"
run 0 "printf 'HTTP/2 429\\nretry-after: 7\\n\\n' | edge-oauth explain"

say "## What a token says, and whether it is true"
run 0 "edge-oauth token | edge-oauth inspect --jwks $keys"

say "## Each step on the way to a token"
run 0 'edge-oauth doctor'
run 4 'SITECORE_CLIENT_SECRET=wrong edge-oauth doctor'

say "## The APIs behind the token"
say "The cache is cleared after a deployment by one command:"
run 0 'edge-oauth admin cache clear'
run 0 'edge-oauth admin settings set --content-cache-ttl 15m'
say "A webhook, with a header from standard input, since an argument is visible to everyone:"
run 0 "printf 'x-revalidate: hunter2' | edge-oauth admin webhooks create --label Revalidate --uri https://www.example.com/api/revalidate --header @-"
say "A Delivery key is printed once; here it goes to a file. To replace it without downtime, the new one is handed to a command, and the old one is revoked when that has succeeded:"
run 0 'umask 077; edge-oauth keys create --label www > key'
run 0 "edge-oauth keys rotate --label www --yes -- sh -c 'cat > key'"
run 0 'edge-oauth keys list'
run 0 'edge-oauth keys get --key-file key'
run 2 'edge-oauth admin content delete < /dev/null'
say "Publishing: the id of the job goes to a file. A watch that ends before the job says how to go on:"
run 0 'edge-oauth publish all --locale en > job'
run 5 'edge-oauth publish status "$(cat job)" --wait --wait-timeout 0s'
run 0 'edge-oauth publish cancel "$(cat job)"'

say "## Any API"
say "As \`gh api\`: a path, the name of a service, or a URL; the program adds the token."
run 0 'edge-oauth api admin/settings'
run 0 'edge-oauth api admin/webhooks --pointer /0/label'
run 0 'edge-oauth api tokens --paginate --pointer /0/label'
run 4 'edge-oauth api DELETE admin/webhooks/none'
run 2 'edge-oauth api https://api.example/items'

say "## A profile in the place of variables"
say "On a terminal, \`edge-oauth login\` asks for these values. It requests a token before it writes the profile:"
run 0 'printf %s "$SITECORE_CLIENT_SECRET" | env -u SITECORE_AUTH_URL -u SITECORE_EDGE_URL edge-oauth login --profile local --client-id local-client --auth-url "$SITECORE_AUTH_URL" --edge-url "$SITECORE_EDGE_URL" --client-secret-file -'
unset SITECORE_AUTH_URL SITECORE_EDGE_URL SITECORE_CLIENT_ID SITECORE_CLIENT_SECRET
say "Without the variables:"
run 0 'edge-oauth profile list'
run 0 'edge-oauth admin settings get --profile local'
run 0 'edge-oauth profile remove local'

say "## And at the end"
run 0 'edge-oauth cache clear'
