//! The options of client authentication and of the grant, which the environment and a profile have too.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::client_auth::values::{AlgorithmArg, ClientAuthArg, GrantArg, known};
use crate::env::{VARIABLE_NAME, is_variable_name, variable};
use crate::error::{CliError, Exit};

/// Options of client authentication and of the grant.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = AUTH_HEADING)]
pub(crate) struct AuthArgs {
    /// Method of client authentication [env: EDGE_OAUTH_CLIENT_AUTH] [default: by the given credential: a client
    /// secret in the body, a key or an assertion by private-key-jwt, a certificate by tls-client-auth]
    #[arg(long, value_name = "METHOD", global = true)]
    pub(crate) client_auth: Option<ClientAuthArg>,

    /// File with the private key that signs assertions: PEM, DER or a JWK [env: EDGE_OAUTH_KEY_FILE]
    #[arg(
        id = "signing_key_file",
        long = "key-file",
        value_name = "FILE",
        global = true
    )]
    pub(crate) key_file: Option<PathBuf>,

    /// Key id (`kid`) of assertions [env: EDGE_OAUTH_KEY_ID] [default: the JWK's own, else the key's thumbprint]
    #[arg(long, value_name = "ID", global = true, hide_short_help = true)]
    pub(crate) key_id: Option<String>,

    /// Algorithm of assertions [env: EDGE_OAUTH_ALG] [default: the JWK's own, else the first that fits the key]
    #[arg(long, value_name = "ALG", global = true, hide_short_help = true)]
    pub(crate) alg: Option<AlgorithmArg>,

    /// Audience (`aud`) of assertions [env: EDGE_OAUTH_ASSERTION_AUDIENCE] [default: the token endpoint]
    #[arg(long, value_name = "AUDIENCE", global = true, hide_short_help = true)]
    pub(crate) assertion_audience: Option<String>,

    /// Subject (`sub`) of a signed grant, the account to act for [env: EDGE_OAUTH_ASSERTION_SUBJECT] [default: the
    /// client id]
    #[arg(long, value_name = "SUBJECT", global = true, hide_short_help = true)]
    pub(crate) assertion_subject: Option<String>,

    /// File with a JWT from another program to authenticate with, such as a Kubernetes service account token [env:
    /// EDGE_OAUTH_CLIENT_ASSERTION_FILE]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) client_assertion_file: Option<PathBuf>,

    /// Variable with such a JWT, as GitLab's `id_tokens:` sets it [env: EDGE_OAUTH_CLIENT_ASSERTION_ENV]
    #[arg(long, value_name = "VARIABLE", global = true, hide_short_help = true)]
    pub(crate) client_assertion_env: Option<String>,

    /// Command that prints such a JWT; a shell runs it [env: EDGE_OAUTH_CLIENT_ASSERTION_COMMAND]
    #[arg(long, value_name = "COMMAND", global = true, hide_short_help = true)]
    pub(crate) client_assertion_command: Option<String>,

    /// PEM file of the client certificate and its intermediate certificates [env: EDGE_OAUTH_CLIENT_CERT]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) client_cert: Option<PathBuf>,

    /// PEM file of the certificate's private key [env: EDGE_OAUTH_CLIENT_KEY] [default: the file of --client-cert]
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(crate) client_key: Option<PathBuf>,

    /// Grant: client-credentials, jwt-bearer, token-exchange, or the URI of an extension grant [env: EDGE_OAUTH_GRANT]
    /// [default: client-credentials]
    #[arg(long, value_name = "GRANT", value_parser = GrantArg::parse, global = true, hide_short_help = true)]
    pub(crate) grant: Option<GrantArg>,

    /// File with the JWT of --grant jwt-bearer [env: EDGE_OAUTH_GRANT_ASSERTION_FILE] [default: --key-file signs one]
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(crate) grant_assertion_file: Option<PathBuf>,

    /// Variable with the JWT of --grant jwt-bearer [env: EDGE_OAUTH_GRANT_ASSERTION_ENV]
    #[arg(long, value_name = "VARIABLE", global = true, hide_short_help = true)]
    pub(crate) grant_assertion_env: Option<String>,

    /// File with the subject token of --grant token-exchange [env: EDGE_OAUTH_SUBJECT_TOKEN_FILE]
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(crate) subject_token_file: Option<PathBuf>,

    /// Variable with the subject token of --grant token-exchange [env: EDGE_OAUTH_SUBJECT_TOKEN_ENV]
    #[arg(long, value_name = "VARIABLE", global = true, hide_short_help = true)]
    pub(crate) subject_token_env: Option<String>,

    /// Type of the subject token: jwt, access-token, id-token, saml2 or a URI [env: EDGE_OAUTH_SUBJECT_TOKEN_TYPE]
    /// [default: jwt]
    #[arg(long, value_name = "TYPE", global = true, hide_short_help = true)]
    pub(crate) subject_token_type: Option<String>,

    /// Parameter of the token request with its value in a file, such as for an extension grant; may be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = pair::<PathBuf>, global = true, hide_short_help = true)]
    pub(crate) param_file: Vec<(String, PathBuf)>,

    /// Parameter of the token request with its value in a variable; may be repeated
    #[arg(long, value_name = "NAME=VARIABLE", value_parser = variable_pair, global = true, hide_short_help = true)]
    pub(crate) param_env: Vec<(String, String)>,
}

impl AuthArgs {
    /// Reads the variables of the environment. Parameters have no variables, just as `--param` has none.
    pub(crate) fn from_env() -> Result<Self, CliError> {
        let path = |name| Ok::<_, CliError>(variable(name)?.map(PathBuf::from));
        let grant = match variable(GRANT)? {
            Some(text) => Some(GrantArg::parse(&text).map_err(|known| unknown(GRANT, known))?),
            None => None,
        };
        Ok(Self {
            client_auth: one_of("EDGE_OAUTH_CLIENT_AUTH")?,
            key_file: path("EDGE_OAUTH_KEY_FILE")?,
            key_id: variable("EDGE_OAUTH_KEY_ID")?,
            alg: one_of("EDGE_OAUTH_ALG")?,
            assertion_audience: variable("EDGE_OAUTH_ASSERTION_AUDIENCE")?,
            assertion_subject: variable("EDGE_OAUTH_ASSERTION_SUBJECT")?,
            client_assertion_file: path("EDGE_OAUTH_CLIENT_ASSERTION_FILE")?,
            client_assertion_env: variable("EDGE_OAUTH_CLIENT_ASSERTION_ENV")?,
            client_assertion_command: variable("EDGE_OAUTH_CLIENT_ASSERTION_COMMAND")?,
            client_cert: path("EDGE_OAUTH_CLIENT_CERT")?,
            client_key: path("EDGE_OAUTH_CLIENT_KEY")?,
            grant,
            grant_assertion_file: path("EDGE_OAUTH_GRANT_ASSERTION_FILE")?,
            grant_assertion_env: variable("EDGE_OAUTH_GRANT_ASSERTION_ENV")?,
            subject_token_file: path("EDGE_OAUTH_SUBJECT_TOKEN_FILE")?,
            subject_token_env: variable("EDGE_OAUTH_SUBJECT_TOKEN_ENV")?,
            subject_token_type: variable("EDGE_OAUTH_SUBJECT_TOKEN_TYPE")?,
            param_file: Vec::new(),
            param_env: Vec::new(),
        })
    }
}

fn one_of<T: ValueEnum>(name: &'static str) -> Result<Option<T>, CliError> {
    let Some(text) = variable(name)? else {
        return Ok(None);
    };
    let value = T::from_str(&text, false);
    value.map(Some).map_err(|_| unknown(name, &known::<T>()))
}

/// The value is not shown: it may be a secret in the wrong place.
fn unknown(name: &str, known: &str) -> CliError {
    let message = format!("the variable {name} has no known value");
    CliError::new(Exit::Usage, message).next(format!("use one of {known}"))
}

fn variable_pair(text: &str) -> Result<(String, String), &'static str> {
    let (name, variable): (String, String) = pair(text)?;
    match is_variable_name(&variable) {
        true => Ok((name, variable)),
        false => Err(VARIABLE_NAME),
    }
}

fn pair<T: for<'a> From<&'a str>>(text: &str) -> Result<(String, T), &'static str> {
    match text.split_once('=') {
        Some((name, place)) if !name.is_empty() && !place.is_empty() => {
            Ok((name.to_owned(), place.into()))
        }
        _ => Err("it is of the form NAME=FILE or NAME=VARIABLE"),
    }
}

/// The heading of these options in the help.
pub(crate) const AUTH_HEADING: &str = "Client authentication and grant";

const GRANT: &str = "EDGE_OAUTH_GRANT";
