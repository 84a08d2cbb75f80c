//! The simulator's result for a request.

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::api::webhooks::delivery::Delivery;

/// The result of [`Simulator::respond`](crate::Simulator::respond).
pub struct SimulatedResponse {
    /// The response, complete except for its `Content-Length`.
    pub response: Response<Vec<u8>>,
    /// The delay of the response. Zero unless a [`Fault`](crate::Fault) sets it.
    pub delay: Duration,
    /// The webhooks to run now, in the background. The caller reports the outcome of each with
    /// [`Simulator::record_delivery`](crate::Simulator::record_delivery).
    pub deliveries: Vec<Delivery>,
}

impl fmt::Debug for SimulatedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedResponse")
            .field("status", &self.response.status())
            .field("body", &format_args!("[{}]", self.response.body().len()))
            .field("delay", &self.delay)
            .field("deliveries", &self.deliveries)
            .finish()
    }
}
