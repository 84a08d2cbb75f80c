//! The names of each option: on the command line, in the environment, and in a profile.

/// The names of one option.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) flag: &'static str,
    pub(super) variable: &'static str,
    pub(super) key: &'static str,
}

macro_rules! names {
    ($($name:ident = $flag:literal, $variable:literal, $key:literal;)+) => {
        $(pub(super) const $name: Name = Name {
            flag: $flag,
            variable: $variable,
            key: $key,
        };)+
    };
}

names! {
    CLIENT_AUTH = "--client-auth", "EDGE_OAUTH_CLIENT_AUTH", "client_auth";
    KEY_FILE = "--key-file", "EDGE_OAUTH_KEY_FILE", "key_file";
    KEY_ID = "--key-id", "EDGE_OAUTH_KEY_ID", "key_id";
    ALG = "--alg", "EDGE_OAUTH_ALG", "alg";
    ASSERTION_AUDIENCE = "--assertion-audience", "EDGE_OAUTH_ASSERTION_AUDIENCE", "assertion_audience";
    ASSERTION_SUBJECT = "--assertion-subject", "EDGE_OAUTH_ASSERTION_SUBJECT", "assertion_subject";
    CLIENT_ASSERTION_FILE = "--client-assertion-file", "EDGE_OAUTH_CLIENT_ASSERTION_FILE", "client_assertion_file";
    CLIENT_ASSERTION_ENV = "--client-assertion-env", "EDGE_OAUTH_CLIENT_ASSERTION_ENV", "client_assertion_env";
    CLIENT_ASSERTION_COMMAND = "--client-assertion-command", "EDGE_OAUTH_CLIENT_ASSERTION_COMMAND", "client_assertion_command";
    CLIENT_CERT = "--client-cert", "EDGE_OAUTH_CLIENT_CERT", "client_cert";
    CLIENT_KEY = "--client-key", "EDGE_OAUTH_CLIENT_KEY", "client_key";
    GRANT = "--grant", "EDGE_OAUTH_GRANT", "grant";
    GRANT_ASSERTION_FILE = "--grant-assertion-file", "EDGE_OAUTH_GRANT_ASSERTION_FILE", "grant_assertion_file";
    GRANT_ASSERTION_ENV = "--grant-assertion-env", "EDGE_OAUTH_GRANT_ASSERTION_ENV", "grant_assertion_env";
    SUBJECT_TOKEN_FILE = "--subject-token-file", "EDGE_OAUTH_SUBJECT_TOKEN_FILE", "subject_token_file";
    SUBJECT_TOKEN_ENV = "--subject-token-env", "EDGE_OAUTH_SUBJECT_TOKEN_ENV", "subject_token_env";
    SUBJECT_TOKEN_TYPE = "--subject-token-type", "EDGE_OAUTH_SUBJECT_TOKEN_TYPE", "subject_token_type";
}
