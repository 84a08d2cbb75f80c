//! An accepted request to a protected API.

use std::time::Duration;

use http::{HeaderMap, Method};

use crate::api::access_token::VerifiedToken;
use crate::api::error::ApiError;
use crate::api::json_body::Members;

/// The parts of a request that an API reads.
pub(crate) struct ApiRequest<'a> {
    pub(crate) method: &'a Method,
    /// The path after the base of the API, without a leading slash.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) token: VerifiedToken,
    pub(crate) tenant_id: &'a str,
    pub(crate) now: Duration,
}

impl ApiRequest<'_> {
    /// Accepts this method alone.
    pub(crate) fn only(&self, method: Method, name: &'static str) -> Result<(), ApiError> {
        match *self.method == method {
            true => Ok(()),
            false => Err(ApiError::MethodNotAllowed(name)),
        }
    }

    /// Returns the body, which has to be a JSON object.
    pub(crate) fn members(&self) -> Result<Members, ApiError> {
        Members::read(self.headers, self.body)
    }
}

/// Reads a parameter that counts from 1 on.
pub(crate) fn count(name: &str, value: &str) -> Result<usize, ApiError> {
    let count = value.parse().ok().filter(|count| *count > 0);
    count.ok_or_else(|| ApiError::invalid_field(name, "It has to be a number from 1 on."))
}
