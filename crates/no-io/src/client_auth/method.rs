//! The methods of client authentication, by the names of the IANA registry.

use crate::client_auth::jwt::{Jwt, JwtAssertion};
use crate::secret::Secret;

/// A method by which the client proves its identity to the token endpoint, named after the `token_endpoint_auth_method` values of
/// RFC 7591 §2.
///
/// ```
/// use edge_oauth_no_io::{BasicEncoding, ClientAuth, Config, Secret};
///
/// let config = Config::builder("https://login.example/token", "my-client")
///     .client_auth(ClientAuth::ClientSecretBasic(Secret::new("s3cret"), BasicEncoding::Percent))
///     .build()?;
/// assert_eq!(config.client_auth().method(), "client_secret_basic");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `none`: the request carries the client id and no credential (RFC 6749 §2.3.1 does not allow this method with
    /// client credentials; it is for grants that prove the identity themselves).
    None,
    /// `client_secret_post`: id and secret are parameters of the request (RFC 6749 §2.3.1). Experience Edge
    /// documents this method.
    ClientSecretPost(Secret),
    /// `client_secret_basic`: id and secret are HTTP Basic credentials (RFC 6749 §2.3.1).
    ClientSecretBasic(Secret, BasicEncoding),
    /// `client_secret_jwt`: a JWT that is signed with an HMAC of the client secret (RFC 7523 §2.2). The secret is
    /// with the signer.
    ClientSecretJwt(JwtAssertion),
    /// `private_key_jwt`: a JWT that is signed with a private key (RFC 7523 §2.2). The key is with the signer.
    PrivateKeyJwt(JwtAssertion),
    /// A JWT that something else makes, such as a Kubernetes projected token. It is asked for at each attempt and
    /// sent as `client_assertion` (RFC 7521 §4.2).
    Assertion,
    /// `tls_client_auth` and `self_signed_tls_client_auth`: the client certificate of the TLS connection proves the
    /// identity, and the request carries the client id only (RFC 8705 §2). The certificate is with the HTTP client.
    TlsClientAuth,
}

impl ClientAuth {
    /// Returns the method's registered name. [`Assertion`](Self::Assertion) is `private_key_jwt` to the server.
    pub fn method(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretPost(_) => "client_secret_post",
            Self::ClientSecretBasic(..) => "client_secret_basic",
            Self::ClientSecretJwt(_) => "client_secret_jwt",
            Self::PrivateKeyJwt(_) | Self::Assertion => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
        }
    }

    /// Returns the client secret if the request carries it.
    pub fn secret(&self) -> Option<&Secret> {
        match self {
            Self::ClientSecretPost(secret) | Self::ClientSecretBasic(secret, _) => Some(secret),
            _ => None,
        }
    }

    /// Returns the same method with another secret; `client_secret_post` if this method has none.
    pub(crate) fn with_secret(&self, secret: Secret) -> Self {
        match self {
            Self::ClientSecretBasic(_, encoding) => Self::ClientSecretBasic(secret, *encoding),
            _ => Self::ClientSecretPost(secret),
        }
    }

    /// Returns the secret as HTTP Basic credentials; `None` if this method has no secret.
    pub(crate) fn into_basic(self, encoding: BasicEncoding) -> Option<Self> {
        match self {
            Self::ClientSecretPost(secret) | Self::ClientSecretBasic(secret, _) => {
                Some(Self::ClientSecretBasic(secret, encoding))
            }
            _ => None,
        }
    }

    /// Returns the form of the JWT that a signer has to sign.
    pub(crate) fn jwt(&self) -> Option<&Jwt> {
        match self {
            Self::ClientSecretJwt(jwt) | Self::PrivateKeyJwt(jwt) => Some(jwt.parts()),
            _ => None,
        }
    }
}

/// The encoding of the client id and the secret before they become HTTP Basic credentials.
///
/// RFC 6749 §2.3.1 asks for the form encoding of Appendix B. Servers differ in how they undo it.
///
/// ```
/// use edge_oauth_no_io::{BasicEncoding, Config, Secret, token_request};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("a b"));
/// let request = token_request(&config.basic_auth(BasicEncoding::Raw).build()?).unwrap();
/// assert_eq!(request.headers()["authorization"], "Basic aWQ6YSBi", "id:a b");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BasicEncoding {
    /// Form encoding with a space as `%20`, which a server reads whether it decodes a form or only `%`.
    #[default]
    Percent,
    /// Form encoding with a space as `+`, the letter of RFC 6749 Appendix B. A server that compares the encoded text
    /// needs this; a server that decodes only `%` refuses it.
    Plus,
    /// No encoding (RFC 7617 §2), for a server that compares the text undecoded. The client id may not contain `:`.
    Raw,
}
