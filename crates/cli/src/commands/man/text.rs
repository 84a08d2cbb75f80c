//! The text of the manual page beside the commands' own help.

pub(super) const DESCRIPTION: &str = "edge-oauth requests access tokens from an OAuth 2.0 server with the client credentials grant, or another grant for machines, caches them, encrypted, between runs, and explains errors. The client authenticates with a secret, a private key, an assertion of its platform, or a certificate. Sitecore Experience Edge is the default server; --endpoint names any other. Standard output contains only the command's output; messages go to standard error. Each value is taken from the command line, else from the environment, else from the profile. In admin, publish and keys, the client's --scope, --body and --key-file are --token-scope, --token-body and --token-key-file.";

pub(super) const OF_COMMANDS: &str = "exec ends with the status of its command, with 127 if the command is missing and 126 if it cannot be run. explain ends with 0 for every response that it can read, inspect --jwks with 4 if the token fails a check, doctor with the status of the first check that failed. keys rotate ends with the status of its command, if that fails. publish --wait ends with 0 if the job is completed, with 5 if the time is over and the job goes on, and with 128 and the signal's number if a signal interrupts it.";

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
        "The URL of the APIs for admin, publish, keys and api, such as that of a local Edge.",
    ),
    (
        "EDGE_OAUTH_PROFILE, EDGE_OAUTH_CONFIG",
        "The profile and the configuration file, as --profile and --config.",
    ),
    ("SITECORE_AUDIENCE", "The audience."),
    (
        "EDGE_OAUTH_CLIENT_AUTH",
        "The method of client authentication, as --client-auth.",
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
        "EDGE_OAUTH_CLIENT_ASSERTION_FILE, EDGE_OAUTH_CLIENT_ASSERTION_ENV, EDGE_OAUTH_CLIENT_ASSERTION_COMMAND",
        "The file of an assertion from another program, the name of its variable, or the command that prints it.",
    ),
    (
        "EDGE_OAUTH_CLIENT_CERT, EDGE_OAUTH_CLIENT_KEY",
        "The client certificate and its private key, in PEM.",
    ),
    (
        "EDGE_OAUTH_GRANT, EDGE_OAUTH_GRANT_ASSERTION_FILE, EDGE_OAUTH_GRANT_ASSERTION_ENV, \
         EDGE_OAUTH_SUBJECT_TOKEN_FILE, EDGE_OAUTH_SUBJECT_TOKEN_ENV, EDGE_OAUTH_SUBJECT_TOKEN_TYPE",
        "The grant and its values, as the options of these names.",
    ),
    (
        "EDGE_OAUTH_TRUST_FILES",
        "If it is 1, files that others can read or write are accepted, since another system protects them.",
    ),
    (
        "EDGE_OAUTH_TOKEN",
        "The default variable for the token of exec, and of token -o env and -o powershell.",
    ),
    (
        "SITECORE_API_KEY",
        "The default variable for the new key of keys create -o env and -o powershell.",
    ),
    (
        "CI",
        "If it is set, there are no prompts for the secret or for confirmation.",
    ),
    ("NO_COLOR", "If it is set, messages have no colour."),
    (
        "GITHUB_OUTPUT",
        "The file that token -o github and keys create -o github append to.",
    ),
    (
        "GITHUB_ENV, GITHUB_ACTIONS",
        "The file that -o github-env appends to; true in a GitHub workflow, where exec masks the token in the log.",
    ),
    (
        "KUBERNETES_EXEC_INFO",
        "The input of kubectl for token -o exec-credential.",
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
         names the file that has it, and client_secret_command the command that prints it. login creates both files.",
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
        "Calls an API, without the token in an argument.",
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
        "edge-oauth publish all --locale en --wait",
        "Publishes what has changed in the environment, and ends with the job.",
    ),
    (
        "edge-oauth keys rotate --label www --yes -- gh secret set SITECORE_API_KEY",
        "Gives a site a new Delivery key without downtime: the command reads it from standard input, and the old keys of the label are revoked when the command has succeeded.",
    ),
    (
        "curl -si ... | edge-oauth explain",
        "Explains a response of a token endpoint.",
    ),
];
