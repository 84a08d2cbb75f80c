//! The simulator's result for a request.

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::api::webhooks::delivery::Delivery;
use crate::fault::Transfer;
use crate::oauth::draft::Draft;
use crate::options::signing_key::SigningKey;

/// The result of [`Simulator::respond`](crate::Simulator::respond).
pub struct SimulatedResponse {
    /// The response, complete except for its `Content-Length`.
    pub response: Response<Vec<u8>>,
    /// The delay of the response. Zero unless a [`Fault`](crate::Fault) sets it.
    pub delay: Duration,
    /// True if the connection closes in place of the response. False unless a [`Fault`](crate::Fault) sets it.
    pub is_lost: bool,
    /// The webhooks to run now, in the background. The caller reports the outcome of each with
    /// [`Simulator::record_delivery`](crate::Simulator::record_delivery).
    pub deliveries: Vec<Delivery>,
}

/// A [`SimulatedResponse`] whose token may lack its signature. Its clock has passed: the claims have their times.
pub(crate) struct UnsignedResponse {
    pub(crate) response: Response<Draft>,
    pub(crate) key: SigningKey,
    pub(crate) transfer: Transfer,
    pub(crate) deliveries: Vec<Delivery>,
}

impl UnsignedResponse {
    pub(crate) fn sign(self) -> SimulatedResponse {
        SimulatedResponse {
            response: self.response.map(|draft| draft.complete(&self.key)),
            delay: self.transfer.delay,
            is_lost: self.transfer.is_lost,
            deliveries: self.deliveries,
        }
    }
}

impl fmt::Debug for SimulatedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedResponse")
            .field("status", &self.response.status())
            .field("body", &format_args!("[{}]", self.response.body().len()))
            .field("delay", &self.delay)
            .field("is_lost", &self.is_lost)
            .field("deliveries", &self.deliveries)
            .finish()
    }
}
