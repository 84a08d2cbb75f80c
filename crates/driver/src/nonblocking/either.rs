//! The first of two futures.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// Waits until one of both is ready.
pub(crate) async fn either(mut first: impl Future + Unpin, mut second: impl Future + Unpin) {
    poll_fn(move |cx| {
        let is_over =
            Pin::new(&mut first).poll(cx).is_ready() || Pin::new(&mut second).poll(cx).is_ready();
        if is_over {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Returns what the future brings, or `None` if the sleep is over before.
pub(crate) async fn within<T>(future: impl Future<Output = T>, sleep: impl Future) -> Option<T> {
    let (mut future, mut sleep) = (pin!(future), pin!(sleep));
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|_| None),
    })
    .await
}
