//! Running a webhook once: the request to send, and what can become of it.

use std::fmt;
use std::time::Duration;

use http::{Request, StatusCode};

/// A webhook that is to be run: a request to the loopback, over `http`, for whoever does the IO.
///
/// It is complete but for what frames its body on the wire (`Content-Length`).
pub struct Delivery {
    /// What [`Simulator::record_delivery`](crate::Simulator::record_delivery) asks for.
    pub pending: PendingDelivery,
    /// What to send, with an absolute URL.
    pub request: Request<Vec<u8>>,
}

/// The duty to say once what became of a [`Delivery`]: saying it spends the delivery.
#[derive(Debug)]
#[must_use]
pub struct PendingDelivery {
    pub(crate) webhook_id: String,
    /// Which edit of the webhook is run.
    pub(crate) version: u64,
}

impl PendingDelivery {
    /// The webhook that is run.
    #[must_use]
    pub fn webhook_id(&self) -> &str {
        &self.webhook_id
    }
}

/// What became of a [`Delivery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// An answer came. A success is any 2xx; a redirect is none, and is not followed.
    Responded(StatusCode),
    /// Nobody took the connection.
    NotConnected,
    /// The connection ended, or brought no HTTP, before there was an answer.
    ConnectionClosed,
    /// There was no answer in this time.
    TimedOut(Duration),
}

impl DeliveryOutcome {
    /// Whether the run counts as a success.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Responded(status) if status.is_success())
    }
}

impl fmt::Display for DeliveryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Responded(status) => write!(f, "the receiver answered {}", status.as_u16()),
            Self::NotConnected => f.write_str("nobody took the connection"),
            Self::ConnectionClosed => f.write_str("the connection ended before an answer"),
            Self::TimedOut(after) => write!(f, "no answer within {after:?}"),
        }
    }
}

/// The URL of a webhook may be a secret by itself, as its headers are and its body.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("webhook_id", &self.pending.webhook_id)
            .field("method", self.request.method())
            .field("body", &format_args!("[{}]", self.request.body().len()))
            .finish_non_exhaustive()
    }
}
