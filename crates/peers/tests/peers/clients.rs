//! The transports, as their own tests make them.

use std::sync::{LazyLock, Once};
use std::time::Duration;

use edge_oauth_conformance::{Subject, Watch, watch};
use edge_oauth_no_io::{
    AccessToken, Config, RequestLimits, TokenError, token_request, token_response,
};

use crate::credentials::HMAC_SECRET;

#[path = "../../../reqwest/tests/subject/mod.rs"]
mod reqwest;
#[path = "../../../surf/tests/subject/mod.rs"]
mod surf;
#[path = "../../../ureq/tests/subject/mod.rs"]
mod ureq;

pub(crate) use reqwest::Reqwest;
pub(crate) use surf::Surf;
pub(crate) use ureq::Ureq;

/// Asks once for a token. Neither an error of it nor a log tells a secret or a token.
pub(crate) fn fetch<S: Subject>(subject: &S, config: &Config) -> Result<AccessToken, TokenError> {
    let result = subject
        .send(token_request(config).unwrap(), RequestLimits::token(LONG))
        .map_err(TokenError::from)
        .and_then(|response| token_response(config, &response));
    silent(result)
}

/// Checks that neither the result nor a log tells a secret or a token.
pub(crate) fn silent(result: Result<AccessToken, TokenError>) -> Result<AccessToken, TokenError> {
    let watch = listening();
    match &result {
        Ok(token) => watch.plant("a token", token.expose()),
        Err(error) => watch.assert_error_is_silent(error),
    }
    watch.assert_silent();
    result
}

/// Hears every logger of the process.
pub(crate) fn listening() -> &'static Watch {
    static PLANTED: Once = Once::new();
    PLANTED.call_once(|| {
        for (id, secret) in [
            ("my-client", SECRET),
            ("HS256", HMAC_SECRET),
            AWKWARD,
            (&PRINTABLE, &PRINTABLE),
        ] {
            watch().plant(&format!("the secret of {id}"), secret);
        }
    });
    watch()
}

/// The secret of `my-client`.
pub(crate) const SECRET: &str = "my-secret, which is long";

/// A client, and its secret, with what encodings change.
pub(crate) const AWKWARD: (&str, &str) = ("we:ird id+%", "p@ss:w%rd+ &=~");

/// The id and the secret of a client: all that RFC 6749 Appendix A allows in one.
pub(crate) static PRINTABLE: LazyLock<String> = LazyLock::new(|| (' '..='~').collect());

/// For what has to answer, however busy the machine is.
pub(crate) const LONG: Duration = Duration::from_secs(60);
