//! A token as plain data, to be kept across runs of a program.

use std::time::Duration;

use crate::secret::Secret;

/// What has to be stored of a token so that a later run can use it. Times are of the wall clock, the
/// only one that later runs share.
///
/// The token is a secret: store it where nobody else can read it, better encrypted.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// The token itself.
    pub access_token: Secret,
    /// The granted scope, where the server named one.
    pub scope: Option<String>,
    /// When its request was sent, since the Unix epoch.
    pub sent: Duration,
    /// How long it lives from then on.
    pub lifetime: Duration,
}
