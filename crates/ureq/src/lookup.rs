//! Runs a lookup, which cannot be stopped, on a thread of its own.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::{io, thread};

use edge_oauth_no_io::{TransportError, TransportErrorKind};
use ureq::Error;
use ureq::unversioned::transport::NextTimeout;

/// Returns the result of a lookup, or an error if it takes longer than the timeout. The thread goes on until then.
///
/// ureq's own lookup panics if the process may not have another thread, such as in a container with a limit.
pub(crate) fn on_thread<T: Send + 'static>(
    thread: thread::Builder,
    timeout: NextTimeout,
    lookup: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread
        .spawn(move || sender.send(lookup()))
        .map_err(no_thread)?;
    match receiver.recv_timeout(*timeout.after) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(Error::Timeout(timeout.reason)),
        Err(RecvTimeoutError::Disconnected) => Err(Error::HostNotFound),
    }
}

fn no_thread(error: io::Error) -> Error {
    let why = "the thread that resolves the name of the host cannot be started";
    let error = TransportError::new(TransportErrorKind::Other, why).with_source(error);
    Error::Io(io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use ureq::Timeout;
    use ureq::unversioned::transport::time::Duration;

    use super::*;
    use crate::transport_error::from_error;

    fn in_time() -> NextTimeout {
        NextTimeout {
            after: Duration::from_secs(60),
            reason: Timeout::Global,
            per_read: None,
            per_write: None,
        }
    }

    // fault: no-thread-to-resolve-a-name
    #[test]
    fn thread_that_cannot_be_started_is_a_transient_error_with_its_cause() {
        let thread = thread::Builder::new().stack_size(usize::MAX / 4);
        let error = from_error(on_thread(thread, in_time(), || Ok(())).unwrap_err());
        assert_eq!(error.kind(), TransportErrorKind::Other);
        assert!(error.is_transient());
        assert!(error.to_string().contains("resolves the name"), "{error}");
        assert!(error.source().is_some_and(|cause| cause.is::<io::Error>()));
    }

    #[test]
    fn result_of_a_lookup_is_returned() {
        let found = on_thread(thread::Builder::new(), in_time(), || Ok(7));
        assert_eq!(found.unwrap(), 7);
        let error = on_thread(thread::Builder::new(), in_time(), || {
            Err::<(), _>(Error::HostNotFound)
        });
        assert!(matches!(error, Err(Error::HostNotFound)));
    }
}
