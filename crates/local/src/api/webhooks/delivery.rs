//! One run of a webhook: its request and its outcome.

use std::fmt;
use std::time::Duration;

use http::{Request, StatusCode};

/// A run of a webhook: an `http` request to the loopback. The caller sends it.
///
/// The request is complete except for its `Content-Length`.
pub struct Delivery {
    /// The ticket for [`Simulator::record_delivery`](crate::Simulator::record_delivery).
    pub pending: PendingDelivery,
    /// The request, with an absolute URL.
    pub request: Request<Vec<u8>>,
}

/// The duty to report the outcome of a [`Delivery`] once. Reporting consumes it.
#[derive(Debug)]
#[must_use]
pub struct PendingDelivery {
    pub(crate) webhook_id: String,
    /// The revision of the webhook that is run.
    pub(crate) version: u64,
}

impl PendingDelivery {
    /// The webhook that is run.
    #[must_use]
    pub fn webhook_id(&self) -> &str {
        &self.webhook_id
    }
}

/// The outcome of a [`Delivery`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryOutcome {
    /// A response arrived. Any 2xx is a success. A redirect is a failure, and is not followed.
    Responded(StatusCode),
    /// The connection was refused.
    NotConnected,
    /// The connection ended, or carried no HTTP, before a response arrived.
    ConnectionClosed,
    /// No response arrived within this time.
    TimedOut(Duration),
}

impl DeliveryOutcome {
    /// Returns whether the run counts as a success.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Responded(status) if status.is_success())
    }
}

impl fmt::Display for DeliveryOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Responded(status) => write!(f, "the receiver responded with {}", status.as_u16()),
            Self::NotConnected => f.write_str("nobody took the connection"),
            Self::ConnectionClosed => f.write_str("the connection ended before a response"),
            Self::TimedOut(after) => write!(f, "no response within {after:?}"),
        }
    }
}

/// The URL, the headers and the body of a webhook may contain secrets.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("webhook_id", &self.pending.webhook_id)
            .field("method", self.request.method())
            .field("body", &format_args!("[{}]", self.request.body().len()))
            .finish_non_exhaustive()
    }
}
