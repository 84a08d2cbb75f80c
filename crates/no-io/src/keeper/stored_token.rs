//! A token as plain data, to be kept across runs of a program.

use std::fmt;
use std::time::Duration;

use crate::secret::Secret;

/// What has to be stored of a token so that a later run can use it. Times are of the wall clock, the
/// only one that later runs share.
///
/// The token is a secret: store it where nobody else can read it, better encrypted.
#[derive(Clone)]
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

impl fmt::Debug for StoredToken {
    /// The scope is left out: it is the server's text, and a server that echoes has secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("access_token", &self.access_token)
            .field("sent", &self.sent)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
