//! Advice on an error of a protected API, by its status.

use http::StatusCode;

/// Returns the advice on an error response with this status.
pub(crate) fn hint(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        300..=399 => Some(MOVED),
        401 => Some(TOKEN),
        403 => Some(SCOPE),
        407 => Some(PROXY),
        _ => None,
    }
}

const MOVED: &str = "the API is elsewhere, and the token is not sent after it: check the API's URL";
const TOKEN: &str = "the API does not accept the token: check the audience that it was asked for, \
     and that the client is of the kind that this API takes";
const SCOPE: &str = "the token does not allow this: the client needs another scope, or has to be of \
     another kind";
const PROXY: &str = "a proxy on the way wants credentials of its own";
/// The advice on a success that cannot be read.
pub(crate) const ELSEWHERE: &str = "something other than the API may have responded: look for a captive portal or a \
     proxy, and check the API's URL";
