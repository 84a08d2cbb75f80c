//! The values of the options: methods, algorithms and grants.

use clap::ValueEnum;
use edge_oauth_no_io::Algorithm;

/// Methods of client authentication, by their names in the IANA registry. Earlier names are aliases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClientAuthArg {
    /// Id and secret in the body; `body` for short
    #[value(alias = "body")]
    ClientSecretPost,
    /// Id and secret in an HTTP Basic header (RFC 6749, section 2.3.1), a space as %20; `basic` for short
    #[value(alias = "basic")]
    ClientSecretBasic,
    /// As client-secret-basic, with a space as +
    BasicPlus,
    /// A JWT signed by the client secret (HS256); the secret is not sent
    ClientSecretJwt,
    /// A JWT signed by a private key, or made by another program
    PrivateKeyJwt,
    /// The client certificate of the TLS connection (RFC 8705)
    #[value(alias = "self-signed-tls-client-auth")]
    TlsClientAuth,
    /// Only the client id
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

    /// Returns the name as a user types it.
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

    /// Returns the text that [`parse`](Self::parse) reads.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::ClientCredentials => "client-credentials",
            Self::JwtBearer => "jwt-bearer",
            Self::TokenExchange => "token-exchange",
            Self::Uri(uri) => uri,
        }
    }
}

/// Returns the known values of an option, for people.
pub(crate) fn known<T: ValueEnum>() -> String {
    let values = T::value_variants()
        .iter()
        .filter_map(ValueEnum::to_possible_value);
    let names: Vec<_> = values.map(|value| value.get_name().to_owned()).collect();
    names.join(", ")
}

const GRANTS: &str =
    "client-credentials, jwt-bearer, token-exchange, or the URI of an extension grant";
