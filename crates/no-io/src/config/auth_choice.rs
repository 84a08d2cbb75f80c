//! The client authentication that a builder was told to use.

use crate::client_auth::method::{BasicEncoding, ClientAuth};
use crate::config_error::ConfigError;
use crate::secret::Secret;

/// The method so far, and whether its secret becomes HTTP Basic credentials.
#[derive(Clone)]
pub(super) struct AuthChoice {
    method: Method,
    basic: Option<BasicEncoding>,
}

/// RFC 6749 §2.3: a request uses one method, so a second call of a setter is an error, not a replacement.
#[derive(Clone)]
enum Method {
    Unset,
    Inherited(ClientAuth),
    Set(ClientAuth),
    SetTwice,
}

impl AuthChoice {
    pub(super) fn unset() -> Self {
        Self {
            method: Method::Unset,
            basic: None,
        }
    }

    /// Starts from the method of another configuration, which may be replaced once.
    pub(super) fn inherited(client_auth: ClientAuth) -> Self {
        Self {
            method: Method::Inherited(client_auth),
            basic: None,
        }
    }

    pub(super) fn set(self, client_auth: ClientAuth) -> Self {
        let method = match self.method {
            Method::Unset | Method::Inherited(_) => Method::Set(client_auth),
            Method::Set(_) | Method::SetTwice => Method::SetTwice,
        };
        Self { method, ..self }
    }

    pub(super) fn basic(self, encoding: BasicEncoding) -> Self {
        Self {
            basic: Some(encoding),
            ..self
        }
    }

    /// Returns the inherited method with another secret, or `client_secret_post`.
    pub(super) fn with_secret(&self, secret: Secret) -> ClientAuth {
        match &self.method {
            Method::Inherited(client_auth) => client_auth.with_secret(secret),
            _ => ClientAuth::ClientSecretPost(secret),
        }
    }

    /// Returns the one method.
    pub(super) fn resolve(self) -> Result<ClientAuth, ConfigError> {
        let client_auth = match self.method {
            Method::Set(client_auth) | Method::Inherited(client_auth) => client_auth,
            Method::Unset => return Err(ConfigError::NoClientAuth),
            Method::SetTwice => return Err(ConfigError::SecondClientAuth),
        };
        match self.basic {
            Some(encoding) => client_auth
                .into_basic(encoding)
                .ok_or(ConfigError::SecondClientAuth),
            None => Ok(client_auth),
        }
    }
}
