//! The constant part of a provider.

use http::StatusCode;

/// The constant part, one value for each provider.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Returns the advice for an error response of the token endpoint: status, OAuth code, description.
    pub(crate) hint: fn(StatusCode, Option<&str>, Option<&str>) -> Option<&'static str>,
    /// Domains whose hosts may receive a token over https. Empty if every host may.
    pub(crate) domains: &'static [&'static str],
    /// Texts of a 403 that mean a rejected token, each as the whole body or as one whole JSON member.
    pub(crate) expired: &'static [&'static str],
}
