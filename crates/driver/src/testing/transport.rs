//! Responses from a closure.

use std::fmt;
use std::sync::Arc;

use edge_oauth_no_io::{RequestLimits, SecretBytes, TransportError};
use http::{Request, Response};

use crate::sync::{Mutex, PoisonError};
use crate::{blocking, nonblocking};

/// A transport that asks a closure for every response, for threads and for tasks. Clones share it.
///
/// ```
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_no_io::{TransportError, TransportErrorKind};
///
/// let transport = ScriptedTransport::new(|_request| Err(TransportError::new(TransportErrorKind::Connect, "unplugged")));
/// ```
#[derive(Clone)]
pub struct ScriptedTransport(Arc<Mutex<Script>>);

type Script = dyn FnMut(Request<SecretBytes>) -> Result<Response<Vec<u8>>, TransportError> + Send;

impl ScriptedTransport {
    /// Returns a transport whose `script` gets each request in turn and returns the response.
    pub fn new(
        script: impl FnMut(Request<SecretBytes>) -> Result<Response<Vec<u8>>, TransportError>
        + Send
        + 'static,
    ) -> Self {
        Self(Arc::new(Mutex::new(script)))
    }

    fn respond(
        &self,
        request: Request<SecretBytes>,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script(request).map(|response| response.map(SecretBytes::new))
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedTransport").finish_non_exhaustive()
    }
}

impl blocking::Transport for ScriptedTransport {
    fn send(
        &self,
        request: Request<SecretBytes>,
        _limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.respond(request)
    }
}

impl nonblocking::Transport for ScriptedTransport {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        _limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.respond(request)
    }
}
