//! The identity of a GitHub Actions job.
//!
//! [`request`] and [`response`] do no IO; [`GitHubActions`](crate::GitHubActions) and
//! [`AsyncGitHubActions`](crate::AsyncGitHubActions) send the request through a
//! transport of the driver.
//!
//! ```
//! use edge_oauth_keys::github_actions::{request, response};
//! use edge_oauth_no_io::Secret;
//!
//! let url = "https://token.actions.example/id?api-version=2.0";
//! let sent = request(url, &Secret::new("runner"), Some("https://login.example"))?;
//! assert_eq!(
//!     sent.uri(),
//!     "https://token.actions.example/id?api-version=2.0&audience=https%3A%2F%2Flogin.example"
//! );
//! assert_eq!(sent.headers()["authorization"], "bearer runner");
//!
//! let received = http::Response::new(br#"{"count":1,"value":"header.claims.signature"}"#);
//! assert_eq!(response(&received)?.expose(), "header.claims.signature");
//! # Ok::<_, edge_oauth_no_io::CredentialError>(())
//! ```

use edge_oauth_no_io::{CredentialError, Origin, Secret, SecretBytes};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request, Response, StatusCode};

use crate::json::Object;

/// Returns the request for the job's JWT. `url` and `token` are the values of `ACTIONS_ID_TOKEN_REQUEST_URL` and
/// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`; without an audience, the JWT is for the repository owner's URL.
///
/// # Errors
///
/// Returns a permanent error if the URL or the token cannot be sent.
pub fn request(
    url: &str,
    token: &Secret,
    audience: Option<&str>,
) -> Result<Request<SecretBytes>, CredentialError> {
    let url = match audience {
        Some(audience) => {
            let separator = if url.contains('?') { '&' } else { '?' };
            let audience: String = form_urlencoded::byte_serialize(audience.as_bytes()).collect();
            format!("{url}{separator}audience={audience}")
        }
        None => url.to_owned(),
    };
    let uri = url.parse().ok().filter(Origin::is_secure).ok_or_else(|| {
        CredentialError::permanent(format_args!(
            "{URL} is not an https URL: do not change the variable"
        ))
    })?;
    // In one piece, since text that grows leaves copies behind.
    let header = SecretBytes::new([b"bearer ", token.expose().as_bytes()].concat());
    let mut header = HeaderValue::from_maybe_shared(bytes::Bytes::from(header)).map_err(|_| {
        CredentialError::permanent(format_args!(
            "{TOKEN} has a character that a header cannot have: do not change the variable"
        ))
    })?;
    header.set_sensitive(true);
    let mut request = Request::new(SecretBytes::new(Vec::new()));
    *request.uri_mut() = uri;
    request.headers_mut().insert(AUTHORIZATION, header);
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    Ok(request)
}

/// Returns the JWT in the response.
///
/// # Errors
///
/// Returns a transient error for a server error, a rate limit and a body that is not the expected JSON, and a permanent
/// error for each other status.
pub fn response(response: &Response<impl AsRef<[u8]>>) -> Result<Secret, CredentialError> {
    let status = response.status();
    if status != StatusCode::OK {
        let detail = format!(
            "GitHub's identity service responded with status {}: {}",
            status.as_u16(),
            if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
                PERMISSION
            } else {
                "check the audience and https://www.githubstatus.com"
            }
        );
        return Err(
            if status.is_server_error()
                || matches!(
                    status,
                    StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
                )
            {
                CredentialError::transient(detail)
            } else {
                CredentialError::permanent(detail)
            },
        );
    }
    let object = Object::read(response.body().as_ref());
    match object.as_ref().and_then(|object| object.text("value")) {
        Some(jwt) => Ok(Secret::new(jwt)),
        None => Err(CredentialError::transient(
            "the response of GitHub's identity service has no `value`: check that no proxy is in between",
        )),
    }
}

pub(crate) const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
pub(crate) const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
pub(crate) const PERMISSION: &str =
    "give the job `permissions: id-token: write` in its GitHub Actions workflow";
