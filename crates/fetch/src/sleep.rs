//! A timer that is cleared if its future is dropped, so that it keeps no program alive.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use js_sys::futures::JsFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;

use crate::global;

/// Waits for this time. Without `setTimeout` it waits for ever, since a busy loop would stop the program.
pub(crate) async fn sleep(duration: Duration) {
    let mut left = duration.as_nanos().div_ceil(1_000_000);
    while left > 0 {
        let part = left.min(LONGEST);
        left -= part;
        // At most `LONGEST`, so that the number is exact.
        wait(part as f64).await;
    }
}

async fn wait(milliseconds: f64) {
    let mut timer = Timer::default();
    let promise = Promise::new(&mut |resolve, _| {
        let set = global::function("setTimeout");
        timer.id = set.and_then(|set| {
            set.call2(&JsValue::UNDEFINED, &resolve, &milliseconds.into())
                .ok()
        });
        timer.resolve = Some(resolve);
    });
    // The promise is never rejected.
    let _ = JsFuture::from(promise).await;
}

#[derive(Default)]
struct Timer {
    id: Option<JsValue>,
    resolve: Option<Function>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let (Some(clear), Some(id)) = (global::function("clearTimeout"), &self.id) {
            let _ = clear.call1(&JsValue::UNDEFINED, id);
        }
        // A promise that is never resolved would keep the memory of its future.
        if let Some(resolve) = &self.resolve {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Returns the result of the future, or `None` if the time is over before.
pub(crate) async fn within<T>(duration: Duration, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut sleep) = (pin!(future), pin!(sleep(duration)));
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// The longest time of `setTimeout`, in milliseconds. It takes a longer one for none at all.
const LONGEST: u128 = i32::MAX as u128;
