//! The options of client authentication and of the grant, which the environment and a profile have too.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use edge_oauth_no_io::Algorithm;

use crate::environment::variable;
use crate::failure::{Exit, Failure};

/// Options of client authentication and of the grant.
#[derive(Args, Clone, Debug, Default, PartialEq)]
#[command(next_help_heading = AUTH_HEADING)]
pub(crate) struct AuthArgs {
    /// How the client authenticates [env: EDGE_OAUTH_CLIENT_AUTH] [default: as the given credential does, a client
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
    #[arg(long, value_name = "ID", global = true)]
    pub(crate) key_id: Option<String>,

    /// Algorithm of assertions [env: EDGE_OAUTH_ALG] [default: the JWK's own, else the first that fits the key]
    #[arg(long, value_name = "ALG", global = true)]
    pub(crate) alg: Option<AlgorithmArg>,

    /// Audience (`aud`) of assertions [env: EDGE_OAUTH_ASSERTION_AUDIENCE] [default: the token endpoint]
    #[arg(long, value_name = "AUDIENCE", global = true)]
    pub(crate) assertion_audience: Option<String>,

    /// Subject (`sub`) of a signed grant, the account to act for [env: EDGE_OAUTH_ASSERTION_SUBJECT] [default: the
    /// client id]
    #[arg(long, value_name = "SUBJECT", global = true)]
    pub(crate) assertion_subject: Option<String>,

    /// File with a JWT that something else makes, such as a Kubernetes service account token, to authenticate with
    /// [env: EDGE_OAUTH_CLIENT_ASSERTION_FILE]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) client_assertion_file: Option<PathBuf>,

    /// Variable with such a JWT, as GitLab's `id_tokens:` sets it [env: EDGE_OAUTH_CLIENT_ASSERTION_ENV]
    #[arg(long, value_name = "VARIABLE", global = true)]
    pub(crate) client_assertion_env: Option<String>,

    /// PEM file of the client certificate, and of those between it and its authority [env: EDGE_OAUTH_CLIENT_CERT]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) client_cert: Option<PathBuf>,

    /// PEM file of the certificate's private key [env: EDGE_OAUTH_CLIENT_KEY] [default: the file of --client-cert]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) client_key: Option<PathBuf>,

    /// Grant: client-credentials, jwt-bearer, token-exchange, or the URI of an extension grant [env: EDGE_OAUTH_GRANT]
    /// [default: client-credentials]
    #[arg(long, value_name = "GRANT", value_parser = GrantArg::parse, global = true)]
    pub(crate) grant: Option<GrantArg>,

    /// File with the JWT of --grant jwt-bearer [env: EDGE_OAUTH_GRANT_ASSERTION_FILE] [default: --key-file signs one]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) grant_assertion_file: Option<PathBuf>,

    /// Variable with the JWT of --grant jwt-bearer [env: EDGE_OAUTH_GRANT_ASSERTION_ENV]
    #[arg(long, value_name = "VARIABLE", global = true)]
    pub(crate) grant_assertion_env: Option<String>,

    /// File with the subject token of --grant token-exchange [env: EDGE_OAUTH_SUBJECT_TOKEN_FILE]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) subject_token_file: Option<PathBuf>,

    /// Variable with the subject token of --grant token-exchange [env: EDGE_OAUTH_SUBJECT_TOKEN_ENV]
    #[arg(long, value_name = "VARIABLE", global = true)]
    pub(crate) subject_token_env: Option<String>,

    /// Type of the subject token: jwt, access-token, id-token, saml2 or a URI [env: EDGE_OAUTH_SUBJECT_TOKEN_TYPE]
    /// [default: jwt]
    #[arg(long, value_name = "TYPE", global = true)]
    pub(crate) subject_token_type: Option<String>,

    /// Parameter of the token request whose value is in a file, such as of an extension grant; may be repeated
    #[arg(long, value_name = "NAME=FILE", value_parser = pair::<PathBuf>, global = true)]
    pub(crate) param_file: Vec<(String, PathBuf)>,

    /// Parameter of the token request whose value is in a variable; may be repeated
    #[arg(long, value_name = "NAME=VARIABLE", value_parser = pair::<String>, global = true)]
    pub(crate) param_env: Vec<(String, String)>,
}

/// The methods of client authentication, by their names in the IANA registry, and what the program called them before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientAuthArg {
    /// Id and secret in the body; `body` for short
    #[value(alias = "body")]
    ClientSecretPost,
    /// Id and secret in an HTTP Basic header (RFC 6749, section 2.3.1), a space as %20; `basic` for short
    #[value(alias = "basic")]
    ClientSecretBasic,
    /// The same, a space as +
    BasicPlus,
    /// A JWT that the client secret signs (HS256), so that the secret is not sent
    ClientSecretJwt,
    /// A JWT that a private key signs, or that something else makes
    PrivateKeyJwt,
    /// The client certificate of the TLS connection (RFC 8705)
    #[value(alias = "self-signed-tls-client-auth")]
    TlsClientAuth,
    /// The client id alone
    None,
}

impl ClientAuthArg {
    /// Returns the registered name.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::ClientSecretPost => "client_secret_post",
            Self::ClientSecretBasic | Self::BasicPlus => "client_secret_basic",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::None => "none",
        }
    }

    /// Returns the name as it is typed.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The algorithms of assertions, by their JOSE names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AlgorithmArg {
    /// RSA, PKCS#1 v1.5
    #[value(name = "RS256")]
    Rs256,
    /// RSA, PSS
    #[value(name = "PS256")]
    Ps256,
    /// EC on P-256
    #[value(name = "ES256")]
    Es256,
    /// EC on P-384
    #[value(name = "ES384")]
    Es384,
    /// Ed25519
    #[value(name = "EdDSA")]
    EdDsa,
    /// The client secret
    #[value(name = "HS256")]
    Hs256,
}

impl From<AlgorithmArg> for Algorithm {
    fn from(algorithm: AlgorithmArg) -> Self {
        match algorithm {
            AlgorithmArg::Rs256 => Self::Rs256,
            AlgorithmArg::Ps256 => Self::Ps256,
            AlgorithmArg::Es256 => Self::Es256,
            AlgorithmArg::Es384 => Self::Es384,
            AlgorithmArg::EdDsa => Self::EdDsa,
            AlgorithmArg::Hs256 => Self::Hs256,
        }
    }
}

/// The grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GrantArg {
    ClientCredentials,
    JwtBearer,
    TokenExchange,
    /// An extension grant (RFC 6749 §4.5).
    Uri(String),
}

impl GrantArg {
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "client-credentials" => Ok(Self::ClientCredentials),
            "jwt-bearer" => Ok(Self::JwtBearer),
            "token-exchange" => Ok(Self::TokenExchange),
            uri if uri.contains(':') => Ok(Self::Uri(uri.to_owned())),
            _ => Err(GRANTS),
        }
    }
}

impl AuthArgs {
    /// Reads the variables of the environment. Parameters have none, as those of `--param`.
    pub(crate) fn of_environment() -> Result<Self, Failure> {
        let path = |name| Ok::<_, Failure>(variable(name)?.map(PathBuf::from));
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

fn one_of<T: ValueEnum>(name: &'static str) -> Result<Option<T>, Failure> {
    let Some(text) = variable(name)? else {
        return Ok(None);
    };
    let value = T::from_str(&text, false);
    value.map(Some).map_err(|_| unknown(name, &known::<T>()))
}

/// The value is not shown: it may be a secret in the wrong place.
fn unknown(name: &str, known: &str) -> Failure {
    let message = format!("the variable {name} has no known value");
    Failure::new(Exit::Usage, message).next(format!("one of {known}"))
}

/// Returns the values that an option knows, for people.
pub(crate) fn known<T: ValueEnum>() -> String {
    let values = T::value_variants()
        .iter()
        .filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
    names.join(", ")
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
pub(crate) const GRANTS: &str =
    "client-credentials, jwt-bearer, token-exchange, or the URI of an extension grant";
