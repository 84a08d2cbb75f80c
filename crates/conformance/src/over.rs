//! The transport under test below a token source.

use edge_oauth_driver::blocking::Transport;
use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};

use crate::exchange::send_request;
use crate::subject::Subject;

/// The transport under test, for a source.
pub(crate) struct Over<S>(pub(crate) S);

impl<S: Subject> Transport for Over<S> {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        send_request(&self.0, request, limits)
    }
}
