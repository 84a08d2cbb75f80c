//! The first of two futures.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Waits until one of both is ready.
pub(crate) async fn either(first: impl Future, second: impl Future) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|cx| {
        let is_over = first.as_mut().poll(cx).is_ready() || second.as_mut().poll(cx).is_ready();
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
