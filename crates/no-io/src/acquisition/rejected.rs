//! The tokens that an API rejected.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU64;

use crate::token::AccessToken;

/// The digests of the tokens that were rejected last, the latest first. A copy of a secret would not be wiped with it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rejected([Option<NonZeroU64>; 4]);

impl Rejected {
    /// Notes that an API rejected the token.
    pub(crate) fn add(&mut self, token: &AccessToken) {
        self.0.rotate_right(1);
        self.0[0] = Some(digest(token));
    }

    /// Returns whether an API rejected the token, whichever way it came.
    pub(crate) fn contains(&self, token: &AccessToken) -> bool {
        self.0.contains(&Some(digest(token)))
    }
}

/// Returns a number that tells tokens apart. Two with one number cost a request.
fn digest(token: &AccessToken) -> NonZeroU64 {
    let mut hasher = DefaultHasher::new();
    token.expose().hash(&mut hasher);
    NonZeroU64::new(hasher.finish()).unwrap_or(NonZeroU64::MIN)
}
