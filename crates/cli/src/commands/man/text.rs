//! The text of the manual page beside the commands' own help.

pub(super) const DESCRIPTION: &str = "edge-oauth asks an OAuth 2.0 server for access tokens with the client \
    credentials grant, or another grant for machines, keeps them, encrypted, between runs, and shows what went wrong \
    where there is none. The client authenticates with a secret, a private key, an assertion of its platform, or a \
    certificate. \
    Sitecore Experience Edge is the default server; --endpoint names any other. Standard output has the \
    answer to the command and nothing else; all the rest goes to standard error. Each value is taken from \
    the command line, else from the environment, else from the profile. In admin and keys, the client's \
    --scope, --body and --key-file are --token-scope, --token-body and --token-key-file.";

pub(super) const OF_COMMANDS: &str = "exec ends as its command does, with 127 where there is no such command and 126 \
    where it cannot be run. explain ends with 0 whatever the answer means, inspect --jwks with 4 where the \
    token fails a check, doctor with the status of the first check that failed. keys rotate ends as its \
    command does, where that fails.";

pub(super) const ENVIRONMENT: &[(&str, &str)] = &[
    ("SITECORE_CLIENT_ID", "The client id."),
    (
        "SITECORE_CLIENT_SECRET",
        "The client secret. Commands that exec runs do not get it.",
    ),
    (
        "SITECORE_AUTH_URL",
        "Another token endpoint of Experience Edge.",
    ),
    (
        "SITECORE_EDGE_URL",
        "Where admin and keys find the APIs, such as a local Edge.",
    ),
    ("SITECORE_AUDIENCE", "The audience."),
    (
        "EDGE_OAUTH_CLIENT_AUTH",
        "How the client authenticates, as --client-auth.",
    ),
    (
        "EDGE_OAUTH_KEY_FILE, EDGE_OAUTH_KEY_ID, EDGE_OAUTH_ALG",
        "The private key that signs assertions, its key id and its algorithm.",
    ),
    (
        "EDGE_OAUTH_ASSERTION_AUDIENCE, EDGE_OAUTH_ASSERTION_SUBJECT",
        "The audience of signed assertions, and the subject of a signed grant.",
    ),
    (
        "EDGE_OAUTH_CLIENT_ASSERTION_FILE, EDGE_OAUTH_CLIENT_ASSERTION_ENV",
        "The file of an assertion that something else makes, or the name of its variable.",
    ),
    (
        "EDGE_OAUTH_CLIENT_CERT, EDGE_OAUTH_CLIENT_KEY",
        "The client certificate and its private key, in PEM.",
    ),
    (
        "EDGE_OAUTH_GRANT, EDGE_OAUTH_GRANT_ASSERTION_FILE, EDGE_OAUTH_GRANT_ASSERTION_ENV, \
         EDGE_OAUTH_SUBJECT_TOKEN_FILE, EDGE_OAUTH_SUBJECT_TOKEN_ENV, EDGE_OAUTH_SUBJECT_TOKEN_TYPE",
        "The grant, and what it needs, as the options of these names.",
    ),
    (
        "EDGE_OAUTH_TRUST_FILES",
        "If it is 1, files that others can read or write are accepted: something else guards them.",
    ),
    (
        "EDGE_OAUTH_TOKEN",
        "Where exec puts the token, and token -o env and -o powershell assign it, unless told otherwise.",
    ),
    (
        "SITECORE_API_KEY",
        "What keys create -o env and -o powershell assign the new key to, unless told otherwise.",
    ),
    (
        "CI",
        "Where it is set, nobody is asked for the secret, or whether to go on.",
    ),
    ("NO_COLOR", "Where it is set, messages have no colour."),
    (
        "GITHUB_OUTPUT",
        "The file that token -o github and keys create -o github append to.",
    ),
    (
        "KUBERNETES_EXEC_INFO",
        "What kubectl tells token -o exec-credential.",
    ),
    (
        "HTTPS_PROXY, ALL_PROXY, NO_PROXY",
        "The proxy for https endpoints, and the hosts that are reached without it, as curl reads them.",
    ),
    (
        "EDGE_OAUTH_STORE",
        "The URL of a Redis server that machines share as their token cache, redis:// or rediss://. It may contain a \
         password.",
    ),
    (
        "XDG_CONFIG_HOME, XDG_CACHE_HOME",
        "The user's configuration and cache folders, ~/.config and ~/.cache by default.",
    ),
];

pub(super) const FILES: &[(&str, &str)] = &[
    (
        "~/.config/edge-oauth/config.toml",
        "The profiles, a table [profiles.NAME] each. A client secret in it is refused; client_secret_file \
         names the file that has it.",
    ),
    (
        "~/.cache/edge-oauth/",
        "The cached tokens, the error responses that runs share, and locks. They are encrypted under a key \
         that is derived from the client's credentials.",
    ),
];

pub(super) const EXAMPLES: &[(&str, &str)] = &[
    (
        "edge-oauth exec -- ./publish.sh",
        "Runs a script with the token in EDGE_OAUTH_TOKEN.",
    ),
    (
        "edge-oauth token -o curl | curl -K - https://edge.sitecorecloud.io/api/admin/v1/settings",
        "Calls an API, and no argument has the token.",
    ),
    (
        "edge-oauth token --key-file key.pem",
        "Authenticates with a private key: no secret is sent.",
    ),
    (
        "edge-oauth token --client-assertion-file /var/run/secrets/tokens/login",
        "Authenticates with the service account token of a pod in Kubernetes.",
    ),
    (
        "edge-oauth admin cache clear",
        "Clears the cache of the tenant, such as after a deployment.",
    ),
    (
        "edge-oauth keys rotate --label www --yes -- gh secret set SITECORE_API_KEY",
        "Gives a site a new Delivery key without downtime: the command has it on standard input, and the old \
         keys of the label are revoked when the command has succeeded.",
    ),
    (
        "curl -si ... | edge-oauth explain",
        "Says what an answer of a token endpoint means.",
    ),
];
