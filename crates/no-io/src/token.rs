//! An access token, and the one thing it is for: to stand in an `Authorization` header.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};

use crate::claims::Claims;
use crate::secret::SecretBytes;

/// A bearer token (RFC 6750), ready to be sent.
///
/// Clones share one memory, which is wiped when the last of them, and the last header value made
/// from them, is gone. `Debug` is redacted; there is no `Display` and no `PartialEq`.
///
/// ```
/// # use edge_oauth_no_io::{Config, Secret, Tenant, token_response};
/// # let config = Config::experience_edge(Tenant::New, "id", Secret::new("s3cret")).unwrap();
/// let answer = http::Response::new(br#"{"access_token":"abc","token_type":"Bearer","expires_in":900}"#);
/// let token = token_response(&config, &answer)?;
///
/// let mut request = http::Request::get("https://edge.sitecorecloud.io/api/admin/v1/settings").body(()).unwrap();
/// token.authorize(&mut request);
/// assert_eq!(request.headers()["authorization"], "Bearer abc");
/// assert!(!format!("{request:?} {token:?}").contains("abc"));
/// # Ok::<_, edge_oauth_no_io::TokenError>(())
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

struct Inner {
    authorization: HeaderValue,
    expires_in: Option<Duration>,
    scope: Option<String>,
}

impl AccessToken {
    /// `None` where a byte of `token` may not stand in a header, or there is none.
    pub(crate) fn new(
        token: &str,
        expires_in: Option<Duration>,
        scope: Option<String>,
    ) -> Option<Self> {
        // RFC 6750 §2.1 allows fewer characters, but servers send others; these are the ones that a
        // header carries without quoting (RFC 9110 §5.5), the space left out.
        if token.is_empty() || !token.bytes().all(|byte| matches!(byte, b'!'..=b'~')) {
            return None;
        }
        let value = SecretBytes::new([SCHEME.as_bytes(), token.as_bytes()].concat());
        let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(value)).ok()?;
        authorization.set_sensitive(true);
        Some(Self(Arc::new(Inner {
            authorization,
            expires_in,
            scope,
        })))
    }

    /// Whether both are one token out of one answer, or clones of it.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Sets the request's `Authorization` header, replacing what stands there.
    pub fn authorize<B>(&self, request: &mut Request<B>) {
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, self.authorization());
    }

    /// The header value `Bearer …`, marked sensitive.
    pub fn authorization(&self) -> HeaderValue {
        self.0.authorization.clone()
    }

    /// The token itself, as the server sent it.
    pub fn expose(&self) -> &str {
        let value = self
            .0
            .authorization
            .to_str()
            .expect("every byte was checked in `new`");
        &value[SCHEME.len()..]
    }

    /// How the token is to be used. Always `Bearer`: an answer with another type is an error.
    pub fn token_type(&self) -> &'static str {
        SCHEME.trim_end()
    }

    /// How long the token lives, counted from when its request was sent; `None` where the server did
    /// not say (RFC 6749 §5.1). At most ten years.
    pub fn expires_in(&self) -> Option<Duration> {
        self.0.expires_in
    }

    /// The granted scope, as the server sent it; `None` where it did not say, which means that it is
    /// the scope asked for (RFC 6749 §5.1).
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// What the token says of itself, where it is a JWT: unverified, for people to look at, never for
    /// a decision. `None` for an opaque token.
    pub fn claims(&self) -> Option<Claims> {
        Claims::read(self.expose())
    }
}

impl fmt::Debug for AccessToken {
    /// The scope is left out: it is the server's text, and a server that echoes has secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token", &format_args!("[redacted]"))
            .field("expires_in", &self.0.expires_in)
            .finish_non_exhaustive()
    }
}

const SCHEME: &str = "Bearer ";
