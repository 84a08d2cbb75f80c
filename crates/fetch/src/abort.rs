//! Ends a request whose future is dropped.

use edge_oauth_no_io::{TransportError, TransportErrorKind};
use web_sys::{AbortController, AbortSignal};

/// Aborts its request when it is dropped. A request that has ended does not notice.
pub(crate) struct AbortOnDrop(AbortController);

impl AbortOnDrop {
    pub(crate) fn new() -> Result<Self, TransportError> {
        let why = "this JavaScript engine has no AbortController";
        let controller = AbortController::new();
        controller
            .map(Self)
            .map_err(|_| TransportError::new(TransportErrorKind::Other, why))
    }

    pub(crate) fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
