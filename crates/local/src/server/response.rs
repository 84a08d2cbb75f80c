//! What the simulator decided about a request.

use std::fmt;
use std::time::Duration;

use http::Response;

use crate::api::webhooks::delivery::Delivery;

/// What [`Simulator::respond`](crate::Simulator::respond) decided.
pub struct SimulatedResponse {
    /// The response, complete but for what frames a body on the wire (`Content-Length`).
    pub response: Response<Vec<u8>>,
    /// How long to keep the response back. Zero unless a [`Fault`](crate::Fault) says otherwise.
    pub delay: Duration,
    /// The webhooks to run because of the request, at once and beside the response: whoever sends
    /// one says by [`Simulator::record_delivery`](crate::Simulator::record_delivery) what became of it.
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
