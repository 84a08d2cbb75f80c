//! An access token, and the one thing it is for: to stand in an `Authorization` header.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header};

use crate::claims::Claims;
use crate::grammar;
use crate::redact::Redactor;
use crate::secret::SecretBytes;

/// A bearer token (RFC 6750), ready to be sent.
///
/// Clones share one memory, which is wiped when the last of them, and the last header value made from them, is gone.
/// `Debug` is redacted; there is no `Display` and no `PartialEq`.
///
/// ```
/// # use edge_oauth_no_io::{Config, Secret, Tenant, token_response};
/// # let config = Config::experience_edge(Tenant::Current, "id", Secret::new("s3cret")).unwrap();
/// let response = http::Response::new(br#"{"access_token":"abc","token_type":"Bearer","expires_in":900}"#);
/// let token = token_response(&config, &response)?;
///
/// let mut request = http::Request::get("https://edge.sitecorecloud.io/api/admin/v1/settings").body(()).unwrap();
/// token.authorize(&mut request);
/// assert_eq!(request.headers()["authorization"], "Bearer abc");
/// assert!(!format!("{request:?} {token:?}").contains("abc"));
/// # Ok::<_, edge_oauth_no_io::TokenError>(())
/// ```
#[derive(Clone)]
pub struct AccessToken(Arc<Inner>);

/// In the extensions of a response: the token that its request carried.
#[derive(Clone)]
struct Sent(AccessToken);

struct Inner {
    authorization: HeaderValue,
    expires_in: Option<Duration>,
    /// Stands behind the token in the same memory.
    scope: Option<Bytes>,
    /// The same in all clones and copies of one token.
    number: u64,
}

impl AccessToken {
    /// Returns a token from its text, such as for a test; `None` if it is empty or contains a character that a header
    /// cannot carry.
    ///
    /// ```
    /// use edge_oauth_no_io::AccessToken;
    ///
    /// let token = AccessToken::new("abc", None, None).expect("three letters fit a header");
    /// assert_eq!(token.expose(), "abc");
    /// assert!(AccessToken::new("line\nbreak", None, None).is_none());
    /// ```
    pub fn new(token: &str, expires_in: Option<Duration>, scope: Option<&str>) -> Option<Self> {
        static CREATED: AtomicU64 = AtomicU64::new(0);
        Self::with_number(
            CREATED.fetch_add(1, Ordering::Relaxed),
            token,
            expires_in,
            scope,
        )
    }

    fn with_number(
        number: u64,
        token: &str,
        expires_in: Option<Duration>,
        scope: Option<&str>,
    ) -> Option<Self> {
        // RFC 6750 §2.1 allows fewer characters, but servers send others; these are the ones that a
        // header carries without quoting (RFC 9110 §5.5), the space left out.
        if token.is_empty() || !grammar::all_within(token, b'!', b'~') {
            return None;
        }
        let text = [SCHEME, token, scope.unwrap_or_default()].concat();
        let text = Bytes::from(SecretBytes::new(text.into_bytes()));
        let end = SCHEME.len() + token.len();
        let mut authorization = HeaderValue::from_maybe_shared(text.slice(..end)).ok()?;
        authorization.set_sensitive(true);
        Some(Self(Arc::new(Inner {
            authorization,
            expires_in,
            scope: scope.map(|_| text.slice(end..)),
            number,
        })))
    }

    /// Returns the same token in memory of its own, so that processors that clone and drop it do not wait for each
    /// other's reference counts.
    pub(crate) fn copy(&self) -> Self {
        Self::with_number(
            self.0.number,
            self.expose(),
            self.expires_in(),
            self.raw_scope(),
        )
        .expect("the text was checked in `new`")
    }

    /// Returns whether both are one token out of one response, cloned or copied.
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.number == other.0.number
    }

    /// Sets the request's `Authorization` header, replacing what stands there.
    pub fn authorize<B>(&self, request: &mut Request<B>) {
        request
            .headers_mut()
            .insert(header::AUTHORIZATION, self.authorization());
    }

    /// Notes in a response that its request carried this token, so that an [`ApiError`] made of it
    /// does not repeat the token. `call` and `send` of a token source do so by themselves; a program that sends
    /// requests by other means does it before it reads the response. The note is as redacted as the token,
    /// and lives as long as the response.
    ///
    /// ```
    /// # use edge_oauth_no_io::{ApiError, Config, Secret, token_response};
    /// # let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build().unwrap();
    /// # let token = token_response(&config, &http::Response::new(r#"{"access_token":"abc/def"}"#))?;
    /// let mut response = http::Response::builder().status(400).body(r#"{"message":"not abc\/def"}"#).unwrap();
    /// token.note_in(&mut response);
    /// assert_eq!(ApiError::from_response(&response, &[]).message(), Some("[withheld: it repeats a credential]"));
    /// # Ok::<_, edge_oauth_no_io::TokenError>(())
    /// ```
    ///
    /// [`ApiError`]: crate::ApiError
    pub fn note_in<B>(&self, response: &mut Response<B>) {
        response.extensions_mut().insert(Sent(self.clone()));
    }

    /// The token that [`note_in`](Self::note_in) noted.
    pub(crate) fn noted_in<B>(response: &Response<B>) -> Option<&Self> {
        response.extensions().get().map(|Sent(token)| token)
    }

    /// Returns the header value `Bearer …`, marked sensitive.
    #[inline]
    pub fn authorization(&self) -> HeaderValue {
        self.0.authorization.clone()
    }

    /// Returns the token itself, as the server sent it.
    pub fn expose(&self) -> &str {
        let value = self
            .0
            .authorization
            .to_str()
            .expect("every byte was checked in `new`");
        &value[SCHEME.len()..]
    }

    /// Returns the type of the token. Always `Bearer`: a response with another type is an error.
    pub fn token_type(&self) -> &'static str {
        SCHEME.trim_end()
    }

    /// Returns the lifetime of the token, counted from when its request was sent, at most ten years; `None` if the server
    /// did not name it (RFC 6749 §5.1).
    pub fn expires_in(&self) -> Option<Duration> {
        self.0.expires_in
    }

    /// Returns the granted scope as the server sent it; `None` if the response has no scope, which means that the
    /// scope is the requested one (RFC 6749 §5.1).
    ///
    /// A note takes its place if it repeats eight characters in a row of the client secret or of the token, or if it
    /// is longer than 8 KiB.
    pub fn scope(&self) -> Option<&str> {
        let scope = self.raw_scope()?;
        Some(Redactor::new([]).with(self.expose()).whole(scope))
    }

    fn raw_scope(&self) -> Option<&str> {
        let scope = self.0.scope.as_ref()?;
        Some(std::str::from_utf8(scope).expect("it was text in `new`"))
    }

    /// Returns the claims of the token if it is a JWT: unverified, for people to look at, never for a decision. `None`
    /// for an opaque token.
    pub fn claims(&self) -> Option<Claims> {
        Claims::read(self.expose())
    }
}

impl fmt::Debug for AccessToken {
    /// The scope is left out: it is the server's text, and a server that echoes has secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("token", &format_args!("[redacted]"))
            .field("expires_in", &self.expires_in())
            .finish_non_exhaustive()
    }
}

const SCHEME: &str = "Bearer ";

/// No token is believed to be valid longer.
pub(crate) const MAX_LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_is_the_same_token_in_other_memory() {
        let new = || AccessToken::new("abc", Some(Duration::from_secs(900)), Some("a b")).unwrap();
        let token = new();
        let copy = token.copy().copy();
        assert!(copy.is_same(&token) && token.is_same(&copy) && copy.is_same(&token.copy()));
        assert!(!copy.is_same(&new()));
        assert_eq!(copy.authorization(), token.authorization());
        assert!(copy.authorization().is_sensitive());
        assert_eq!(copy.expires_in(), token.expires_in());
        assert_eq!(copy.scope(), Some("a b"));
        assert_ne!(copy.expose().as_ptr(), token.expose().as_ptr());
        assert!(!format!("{copy:?}").contains(token.expose()));
    }
}
