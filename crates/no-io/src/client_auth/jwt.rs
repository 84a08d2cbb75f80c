//! JWT assertions that the core builds and a signer signs (RFC 7523 §3).

use std::time::Duration;

/// A signature algorithm by its JOSE name (RFC 7518 §3.1, RFC 8037 §3.1).
///
/// ```
/// use edge_oauth_no_io::Algorithm;
///
/// assert_eq!(Algorithm::EdDsa.as_str(), "EdDSA");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256, keyed with the client secret.
    Hs256,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Returns the name that the JWT's header carries, such as `ES256`.
    ///
    /// ```
    /// assert_eq!(edge_oauth_no_io::Algorithm::EdDsa.as_str(), "EdDSA");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// The form of a JWT assertion: algorithm, key id, audience, lifetime. It contains no key.
///
/// ```
/// use edge_oauth_no_io::{Algorithm, JwtAssertion};
///
/// let assertion = JwtAssertion::new(Algorithm::Es256)
///     .key_id("2026-11")
///     .audience("https://login.example");
/// assert_eq!(assertion.algorithm(), Algorithm::Es256);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtAssertion(Box<Jwt>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Jwt {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) claims: Vec<(String, String)>,
    pub(crate) typ: String,
    pub(crate) lifetime: Duration,
}

impl JwtAssertion {
    /// Returns an assertion that is signed with this algorithm and expires after one minute. Its audience is the
    /// token endpoint unless [`audience`](Self::audience) names another.
    pub fn new(algorithm: Algorithm) -> Self {
        Self(Box::new(Jwt {
            algorithm,
            key_id: None,
            issuer: None,
            subject: None,
            audience: None,
            claims: Vec::new(),
            typ: "JWT".to_owned(),
            lifetime: Duration::from_secs(60),
        }))
    }

    /// Sets the key id (`kid`) in the header, which tells the server which key to verify with (RFC 7515 §4.1.4).
    #[must_use]
    pub fn key_id(mut self, key_id: impl Into<String>) -> Self {
        self.0.key_id = Some(key_id.into());
        self
    }

    /// Sets the issuer (`iss`), the client id by default. Client authentication needs the default (RFC 7523 §3).
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.0.issuer = Some(issuer.into());
        self
    }

    /// Sets the subject (`sub`), the client id by default. Client authentication needs the default (RFC 7523 §3); a
    /// grant may name the account to act for.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.0.subject = Some(subject.into());
        self
    }

    /// Adds a claim of the server's own, such as `scope`. A name that is set twice, or is one of the claims above, is
    /// an error of [`ConfigBuilder::build`](crate::ConfigBuilder::build).
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.claims.push((name.into(), value.into()));
        self
    }

    /// Sets the audience (`aud`). FAPI 2.0 asks for the issuer of the authorization server; RFC 7523 §3 allows
    /// the token endpoint, which is the default.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.0.audience = Some(audience.into());
        self
    }

    /// Sets the type (`typ`) in the header, `JWT` by default.
    #[must_use]
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.0.typ = typ.into();
        self
    }

    /// Sets how long an assertion is valid, one minute by default. Clamped to 1 s to 1 h, in whole seconds.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.0.lifetime = Duration::from_secs(lifetime.as_secs().clamp(1, 3600));
        self
    }

    /// Returns the signature algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm
    }

    pub(crate) fn parts(&self) -> &Jwt {
        &self.0
    }
}
