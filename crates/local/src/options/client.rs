//! The applications that the local server knows, and their permissions.

use std::fmt;

use crate::options::public_key::{InvalidPublicKey, PublicKey};
use crate::options::registered_keys::{AssertionSource, RegisteredKeys};

/// The id of the default client, which exists unless [`Options::client`](crate::Options::client) adds another.
pub const DEFAULT_CLIENT_ID: &str = "local-client";

/// The secret of the default client.
pub const DEFAULT_CLIENT_SECRET: &str = "local-secret";

/// An application with an id and a secret, public keys, or both.
///
/// ```
/// use edge_oauth_local::{Client, ClientKind, Simulator, Options};
///
/// let wrong_kind = Client::new("deploy-bot", "pa55").kind(ClientKind::Automation);
/// let simulator = Simulator::new(Options::default().client(wrong_kind), "http://127.0.0.1:1");
/// # let _ = simulator;
/// ```
#[derive(Clone)]
pub struct Client {
    id: String,
    secret: Option<String>,
    keys: RegisteredKeys,
    pub(crate) kind: ClientKind,
    scopes: Vec<String>,
}

/// The purpose of an application. Only [`EdgeAdministration`](Self::EdgeAdministration) gets a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientKind {
    /// An application for the Edge APIs: gets a token.
    #[default]
    EdgeAdministration,
    /// An application for the environment or the organization. It lacks a grant for the audience, and gets a 403:
    /// `Client "…" is not authorized to access resource server "…"`.
    Automation,
    /// An application for people who sign in: gets a 403 `unauthorized_client`.
    Interactive,
}

impl Client {
    /// Creates an Edge administration client with a few scopes. It may send its secret (`client_secret_post`,
    /// `client_secret_basic`), or sign with it if it has at least 32 bytes (`client_secret_jwt`).
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            secret: Some(secret.into()),
            ..Self::without_secret(id)
        }
    }

    /// Creates an Edge administration client without a secret. It gets a token once a
    /// [`public_key`](Self::public_key) or a [`trusted_issuer`](Self::trusted_issuer) is registered.
    pub fn without_secret(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            keys: RegisteredKeys::default(),
            kind: ClientKind::default(),
            scopes: DEFAULT_SCOPES.map(String::from).to_vec(),
        }
    }

    /// Registers a public key, as a JSON Web Key (RFC 7517), for `private_key_jwt`. RSA keys verify RS256 and PS256,
    /// EC keys ES256 on P-256 and ES384 on P-384, Ed25519 keys EdDSA. `alg` and `kid` of the key count if it has
    /// them. A client may have several keys, for example during a rotation.
    ///
    /// An assertion has the client's id in `iss` and `sub`, this server's issuer or token endpoint in `aud`, its own
    /// `jti`, and a lifetime of at most an hour. The clocks may differ by 30 s.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidPublicKey`] with the reason if the text cannot be used.
    ///
    /// ```
    /// use edge_oauth_local::{Client, LocalEdge, Options};
    ///
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","kid":"2026-11","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let client = Client::without_secret("cart").public_key(jwk)?;
    /// let edge = LocalEdge::start_with(Options::default().client(client))?;
    /// assert_eq!(edge.client_secret(), "");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn public_key(mut self, jwk: &str) -> Result<Self, InvalidPublicKey> {
        self.keys
            .add(PublicKey::from_jwk(jwk)?, AssertionSource::Client);
        Ok(self)
    }

    /// Registers a platform that makes assertions for the client, such as a Kubernetes cluster or GitHub Actions: its
    /// issuer, the client's subject there, and one of its public keys as a JSON Web Key.
    ///
    /// Such an assertion has this issuer in `iss`, this subject in `sub`, and this server's issuer or token endpoint
    /// in `aud`. Its lifetime is at most a day, and it may be used repeatedly until it expires.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`public_key`](Self::public_key).
    ///
    /// ```
    /// use edge_oauth_local::Client;
    ///
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let client = Client::without_secret("cart").trusted_issuer(
    ///     "https://kubernetes.default.svc",
    ///     "system:serviceaccount:shop:cart",
    ///     jwk,
    /// )?;
    /// # let _ = client;
    /// # Ok::<(), edge_oauth_local::InvalidPublicKey>(())
    /// ```
    pub fn trusted_issuer(
        mut self,
        issuer: impl Into<String>,
        subject: impl Into<String>,
        jwk: &str,
    ) -> Result<Self, InvalidPublicKey> {
        let source = AssertionSource::Platform {
            issuer: issuer.into(),
            subject: subject.into(),
        };
        self.keys.add(PublicKey::from_jwk(jwk)?, source);
        Ok(self)
    }

    /// Sets the kind of the client.
    #[must_use]
    pub fn kind(mut self, kind: ClientKind) -> Self {
        self.kind = kind;
        self
    }

    /// Replaces the scopes. Without any scope, the token response and the token contain no `scope`. A token request for
    /// another scope gets a 403.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> Option<&str> {
        self.secret.as_deref()
    }

    pub(crate) fn keys(&self) -> &RegisteredKeys {
        &self.keys
    }

    /// Returns the requested scopes, or all scopes of the client if the request names none. The error is the requested
    /// scopes that the client does not have.
    pub(crate) fn grant_scopes(&self, requested: Option<&str>) -> Result<String, String> {
        let requested: Vec<_> = requested.unwrap_or_default().split_whitespace().collect();
        let mut scopes: Vec<_> = self.scopes.iter().map(String::as_str).collect();
        let mut missing = requested.clone();
        missing.retain(|scope| !scopes.contains(scope));
        if !missing.is_empty() {
            return Err(missing.join(", "));
        }
        scopes.retain(|scope| requested.is_empty() || requested.contains(scope));
        Ok(scopes.join(" "))
    }
}

impl Default for Client {
    /// Returns the default client: [`DEFAULT_CLIENT_ID`] with [`DEFAULT_CLIENT_SECRET`].
    fn default() -> Self {
        Self::new(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("secret", &self.secret.as_ref().map(|_| "[redacted]"))
            .field("keys", &self.keys)
            .field("kind", &self.kind)
            .field("scopes", &self.scopes)
            .finish()
    }
}

/// A real client has those of its kind alone: Edge administration or environment automation.
const DEFAULT_SCOPES: [&str; 5] = [
    "edge.content:clearall",
    "edge.tokens:create",
    "xmcloud.cm:admin",
    "xmcpub.jobs.a:r",
    "xmcpub.jobs.a:w",
];
