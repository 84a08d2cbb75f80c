//! The transports, as their own tests make them.

use std::time::Duration;

use edge_oauth_conformance::Subject;
use edge_oauth_no_io::{AccessToken, Bounds, Config, TokenError, token_request, token_response};

#[path = "../../../reqwest/tests/subject/mod.rs"]
mod reqwest;
#[path = "../../../surf/tests/subject/mod.rs"]
mod surf;
#[path = "../../../ureq/tests/subject/mod.rs"]
mod ureq;

pub(crate) use reqwest::Reqwest;
pub(crate) use surf::Surf;
pub(crate) use ureq::Ureq;

/// Asks once for a token. An error of it tells no secret.
pub(crate) fn fetch<S: Subject>(subject: &S, config: &Config) -> Result<AccessToken, TokenError> {
    let result = subject
        .send(token_request(config), Bounds::token(LONG))
        .map_err(TokenError::from)
        .and_then(|response| token_response(config, &response));
    if let Err(error) = &result {
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains(SECRET), "{printed}");
    }
    result
}

/// The secret of `my-client`.
pub(crate) const SECRET: &str = "my-secret";

/// For what has to answer, however busy the machine is.
pub(crate) const LONG: Duration = Duration::from_secs(60);
