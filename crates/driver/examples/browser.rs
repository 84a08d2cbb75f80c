//! A transport and a runtime for a browser or a Worker: neither is `Send`, since each holds an `Rc` across an await. Nor is the
//! observer of events.
//!
//! `.ci/wasm` compiles this for `wasm32-unknown-unknown` and runs it in Node. It does nothing on other targets.

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
fn main() {
    browser::main();
}

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
fn main() {}

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
mod browser {
    use std::cell::{Cell, RefCell};
    use std::collections::VecDeque;
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use edge_oauth_driver::nonblocking::{Builder, Runtime, Transport};
    use edge_oauth_driver::{BoxFuture, Options};
    use edge_oauth_no_io::{Config, Moment, RequestLimits, Secret, SecretBytes, TransportError};
    use http::{Request, Response};

    /// Responds as `fetch` does: later, in the same thread.
    struct Fetch(Rc<Cell<u32>>);

    impl Transport for Fetch {
        async fn send(
            &self,
            _: Request<SecretBytes>,
            _: RequestLimits,
        ) -> Result<Response<SecretBytes>, TransportError> {
            let count = Rc::clone(&self.0);
            yield_now().await;
            count.set(count.get() + 1);
            let body = format!(r#"{{"access_token":"t{}","expires_in":900}}"#, count.get());
            Ok(Response::new(SecretBytes::new(body.into_bytes())))
        }
    }

    /// The event loop, with a clock that a test moves. In a browser, `now` reads `performance.now()` and `Date.now()`.
    #[derive(Clone, Default)]
    struct Page(Rc<Inner>);

    #[derive(Default)]
    struct Inner {
        seconds: Cell<u64>,
        tasks: RefCell<VecDeque<BoxFuture<'static, ()>>>,
    }

    impl Runtime for Page {
        fn now(&self) -> Moment {
            let passed = Duration::from_secs(self.0.seconds.get());
            Moment {
                monotonic: passed,
                wall: Duration::from_secs(1_800_000_000) + passed,
            }
        }

        fn random(&self) -> [u8; 16] {
            [4; 16]
        }

        fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
            let (page, until) = (self.clone(), self.now().monotonic.saturating_add(duration));
            Box::pin(async move {
                while page.now().monotonic < until {
                    yield_now().await;
                }
            })
        }

        fn spawn(&self, task: BoxFuture<'static, ()>) {
            self.0.tasks.borrow_mut().push_back(task);
        }
    }

    impl Page {
        /// Runs the future and all tasks, in turns.
        fn run<F: Future>(&self, future: F) -> F::Output {
            let mut future = pin!(future);
            let mut context = Context::from_waker(Waker::noop());
            loop {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    return output;
                }
                let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
                for mut task in tasks {
                    if task.as_mut().poll(&mut context).is_pending() {
                        self.0.tasks.borrow_mut().push_back(task);
                    }
                }
            }
        }
    }

    async fn yield_now() {
        let mut yielded = false;
        poll_fn(|_| match std::mem::replace(&mut yielded, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        })
        .await;
    }

    pub(crate) fn main() {
        let page = Page::default();
        let count = Rc::default();
        let config = Config::builder("https://login.example/token", "id")
            .client_secret(Secret::new("s3cret"))
            .build()
            .expect("the configuration is complete");
        let events = Rc::new(Cell::new(0));
        let seen = Rc::clone(&events);
        let options = Options::default().on_event(move |_| seen.set(seen.get() + 1));
        let source = Builder::new(config, page.clone())
            .options(options)
            .build(Fetch(Rc::clone(&count)));
        for (seconds, name, requests) in [(0, "t1", 1), (300, "t1", 1), (900, "t2", 2)] {
            page.0.seconds.set(seconds);
            let token = page.run(source.token()).expect("a token");
            assert_eq!(token.expose(), name);
            assert_eq!((count.get(), events.get()), (requests, requests));
        }
    }
}
