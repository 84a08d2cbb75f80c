//! The decision how to authenticate and with which grant, before any file is read.

use std::path::PathBuf;

use edge_oauth_no_io::{Algorithm, BasicEncoding};

use crate::client_auth::layers::{Given, Place};
use crate::input::secret::SecretPlace;
use crate::origin::Origin;

/// The way to authenticate, and the grant.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) client: Client,
    pub(crate) grant: GrantPlan,
    /// The key that signs the client's assertion, the grant's, or both.
    pub(crate) key: Option<KeyPlan>,
    /// The audience of signed assertions, if it is not the token endpoint.
    pub(crate) audience: Option<String>,
    /// The subject of a signed grant, if it is not the client id.
    pub(crate) subject: Option<String>,
    /// Parameters whose values are elsewhere.
    pub(crate) params: Vec<(String, Place)>,
    /// The option that names the client's credential. `None` if the client has none, or if a person is asked for it.
    pub(crate) credential: Option<Given<()>>,
    /// The options that name other credentials, such as a subject token.
    pub(crate) others: Vec<Given<()>>,
    /// Values and their origins, for `-v` and `doctor`.
    pub(crate) origins: Vec<(&'static str, Origin)>,
}

/// The method of client authentication.
#[derive(Clone, Debug)]
pub(crate) enum Client {
    None,
    Secret(SecretUse, Option<SecretPlace>),
    /// The plan's key signs.
    Key,
    Assertion(Place),
    Certificate {
        certificate: PathBuf,
        key: PathBuf,
    },
}

/// The use of a client secret.
#[derive(Clone, Debug)]
pub(crate) enum SecretUse {
    Post,
    Basic(BasicEncoding),
    Jwt { key_id: Option<String> },
}

#[derive(Clone, Debug)]
pub(crate) enum GrantPlan {
    ClientCredentials,
    /// The plan's key signs the assertion.
    SignedJwtBearer,
    JwtBearer(Place),
    TokenExchange {
        subject: Place,
        subject_type: String,
    },
    Extension(String),
}

#[derive(Clone, Debug)]
pub(crate) struct KeyPlan {
    pub(crate) file: PathBuf,
    pub(crate) key_id: Option<String>,
    pub(crate) algorithm: Option<Algorithm>,
}

impl Plan {
    /// Returns the name of the client's credential, for people.
    pub(crate) fn credential_name(&self) -> &'static str {
        match &self.client {
            Client::None => "client id",
            Client::Secret(..) => CLIENT_SECRET,
            Client::Key => KEY_FILE,
            Client::Assertion(_) => CLIENT_ASSERTION,
            Client::Certificate { .. } => CLIENT_CERTIFICATE,
        }
    }

    /// Returns the method's registered name.
    pub(crate) fn method(&self) -> &'static str {
        match &self.client {
            Client::None => "none",
            Client::Secret(SecretUse::Post, _) => "client_secret_post",
            Client::Secret(SecretUse::Basic(_), _) => "client_secret_basic",
            Client::Secret(SecretUse::Jwt { .. }, _) => "client_secret_jwt",
            Client::Key | Client::Assertion(_) => "private_key_jwt",
            Client::Certificate { .. } => "tls_client_auth",
        }
    }
}

/// The name of the secret among the sources.
pub(crate) const CLIENT_SECRET: &str = "client secret";
pub(crate) const KEY_FILE: &str = "key file";
pub(crate) const CLIENT_ASSERTION: &str = "client assertion";
pub(crate) const CLIENT_CERTIFICATE: &str = "client certificate";
