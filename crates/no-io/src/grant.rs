//! Authorization grants for machines.

use crate::client_auth::jwt::{Jwt, JwtAssertion};
use crate::secret::Secret;

/// The authorization grant of a token request.
///
/// ```
/// use edge_oauth_no_io::{ClientAuth, Config, Grant};
///
/// // A token of another issuer, asked for at each attempt, becomes a token of this one (RFC 8693).
/// let config = Config::builder("https://login.example/token", "my-client")
///     .client_auth(ClientAuth::None)
///     .grant(Grant::TokenExchange { subject_token_type: "urn:ietf:params:oauth:token-type:jwt".into() })
///     .build()?;
/// assert_eq!(config.grant().grant_type(), "urn:ietf:params:oauth:grant-type:token-exchange");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Grant {
    /// Client credentials (RFC 6749 §4.4).
    #[default]
    ClientCredentials,
    /// A JWT as the grant (RFC 7523 §2.1).
    JwtBearer(GrantAssertion),
    /// Token exchange (RFC 8693 §2.1). The subject token is an assertion that is asked for at each attempt.
    TokenExchange {
        /// The type of the subject token, such as `urn:ietf:params:oauth:token-type:jwt` (RFC 8693 §3).
        subject_token_type: String,
    },
    /// An extension grant (RFC 6749 §4.5) with parameters that are secrets.
    Extension {
        /// The `grant_type`.
        grant_type: String,
        /// The grant's own parameters. They are redacted everywhere.
        params: Vec<(String, Secret)>,
    },
}

/// The assertion of the grant [`Grant::JwtBearer`].
///
/// ```
/// use edge_oauth_no_io::{Algorithm, ClientAuth, Config, Grant, GrantAssertion, JwtAssertion};
///
/// let jwt = JwtAssertion::new(Algorithm::Es256).issuer("my-client").subject("a-user");
/// let config = Config::builder("https://login.example/token", "my-client")
///     .client_auth(ClientAuth::None)
///     .grant(Grant::JwtBearer(GrantAssertion::Jwt(jwt)))
///     .build()?;
/// assert_eq!(config.grant().grant_type(), "urn:ietf:params:oauth:grant-type:jwt-bearer");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum GrantAssertion {
    /// A JWT that the core builds and a signer signs.
    Jwt(JwtAssertion),
    /// A JWT that something else makes, asked for at each attempt.
    External,
}

impl Grant {
    /// Returns the value of the parameter `grant_type`.
    pub fn grant_type(&self) -> &str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::JwtBearer(_) => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Self::TokenExchange { .. } => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::Extension { grant_type, .. } => grant_type,
        }
    }

    /// Returns the parameters that the grant sets by itself and that are known before the request is sent.
    pub(crate) fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        let subject_token_type = match self {
            Self::TokenExchange { subject_token_type } => {
                Some(("subject_token_type", subject_token_type.as_str()))
            }
            _ => None,
        };
        let own = self.secret_params().iter();
        let own = own.map(|(name, value)| (name.as_str(), value.expose()));
        subject_token_type.into_iter().chain(own)
    }

    /// Returns the parameters whose values are secrets.
    pub(crate) fn secret_params(&self) -> &[(String, Secret)] {
        match self {
            Self::Extension { params, .. } => params,
            _ => &[],
        }
    }

    /// Returns the form of the JWT that a signer has to sign.
    pub(crate) fn jwt(&self) -> Option<&Jwt> {
        match self {
            Self::JwtBearer(GrantAssertion::Jwt(jwt)) => Some(jwt.parts()),
            _ => None,
        }
    }

    /// Returns the name of the parameter that carries the grant's assertion.
    pub(crate) fn assertion_param(&self) -> Option<&'static str> {
        match self {
            Self::JwtBearer(_) => Some("assertion"),
            Self::TokenExchange { .. } => Some("subject_token"),
            _ => None,
        }
    }

    /// Returns whether the grant sets a parameter of this name itself.
    pub(crate) fn sets(&self, name: &str) -> bool {
        self.assertion_param() == Some(name) || self.params().any(|(own, _)| own == name)
    }
}
