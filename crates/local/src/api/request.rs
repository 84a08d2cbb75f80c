//! A request to a protected API that was let in.

use std::time::Duration;

use http::{HeaderMap, Method};

use crate::api::access_token::VerifiedToken;
use crate::api::error::ApiError;
use crate::api::json_body::Members;

/// All that an API needs to answer.
pub(crate) struct ApiRequest<'a> {
    pub(crate) method: &'a Method,
    /// What follows the base of the API, without a slash in front.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
    pub(crate) token: VerifiedToken,
    pub(crate) tenant_id: &'a str,
    pub(crate) now: Duration,
}

impl ApiRequest<'_> {
    /// The body, which has to be a JSON object.
    pub(crate) fn members(&self) -> Result<Members, ApiError> {
        Members::read(self.headers, self.body)
    }
}
