//! What a [`Keeper`](crate::Keeper) asks its caller to do.

use std::time::Duration;

use http::Request;

use crate::clock::Moment;
use crate::secret::SecretBytes;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

/// The next thing to do.
///
/// Exhaustive on purpose: a caller that handles each of them has handled everything.
#[derive(Debug)]
#[must_use = "a step that is not taken leaves every other caller waiting"]
pub enum Step {
    /// Use this token now.
    Use(AccessToken),
    /// Use this token now, and send the exchange beside it, in front of nobody.
    Refresh {
        /// Good for now.
        token: AccessToken,
        /// Brings the next one.
        exchange: Exchange,
    },
    /// There is no usable token: send this and wait for it.
    Send(Exchange),
    /// There is no usable token, and nothing to send for now: wait, then poll again.
    Wait {
        /// Poll again after this time, or as soon as anything was reported to the keeper.
        at_most: Duration,
        /// Why nothing is sent. `None` while somebody else's exchange is under way, or while a new token
        /// would come too soon after the last. A caller that cannot wait so long has this as its error.
        because: Option<TokenError>,
    },
    /// There is no token to be had for now.
    Fail(TokenError),
}

/// A token request to be sent, and the duty to report what came of it.
#[derive(Debug)]
#[must_use = "an exchange that is not sent and reported blocks the next until it lapses"]
pub struct Exchange {
    /// To be handed back with the outcome.
    pub ticket: Ticket,
    /// What to send.
    pub request: Request<SecretBytes>,
    /// How long the exchange may take. The ticket lapses soon after.
    pub timeout: Duration,
}

/// The duty to report one exchange, once: reporting spends it.
///
/// One that is never reported lapses a little after the exchange's timeout.
#[derive(Debug)]
pub struct Ticket {
    pub(crate) number: u64,
    pub(crate) sent: Moment,
}

/// A token that may be handed out without asking the keeper again.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The token.
    pub token: AccessToken,
    /// As soon as either clock reaches its part of this, ask again.
    pub until: Moment,
}
