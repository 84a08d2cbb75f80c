//! Runs a store's code: a panic of the store is an error of the store.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use edge_oauth_no_io::StoreError;

/// Runs a call.
pub(crate) fn guarded<R>(call: impl FnOnce() -> Result<R, StoreError>) -> Result<R, StoreError> {
    // The state behind the store is the store's: it sees a panic as each of its other callers does.
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(panicked()))
}

/// Runs the future of a call. After a panic it is not polled again.
pub(crate) async fn guarded_later<R>(
    call: impl Future<Output = Result<R, StoreError>>,
) -> Result<R, StoreError> {
    let mut call = pin!(call);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(cx)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(panicked())))
    })
    .await
}

fn panicked() -> StoreError {
    StoreError::new("it panicked")
}
