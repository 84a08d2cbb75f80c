//! One time bound for a whole call: tokens, requests, backoffs and the second attempt.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, block_on};
use edge_oauth_driver::{BoxFuture, CallError, Notified, Options, blocking, nonblocking};
use edge_oauth_no_io::{
    Moment, Operation, Policy, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use http::{Request, Response};

use crate::calls::MakeThing;
use crate::stage::config;

const MAX_WAIT: Duration = Duration::from_secs(5);
const HANGS: u64 = 1_000_000;

/// Servers that take their time, on a clock that passes while they do. Its runtime has no background.
#[derive(Clone)]
struct Slow(Arc<Inner>);

struct Inner {
    clock: Clock,
    /// The milliseconds that the first and each later token takes, and the same for the API.
    takes: [[u64; 2]; 2],
    /// True if the API accepts the first token.
    accepts: bool,
    token_status: u16,
    /// The time that each look at the clock takes.
    look: Duration,
    /// Each request: whether it is for a token, its timeout, and its time.
    requests: Mutex<Vec<(bool, Duration, Duration)>>,
}

impl Slow {
    fn new(takes: [[u64; 2]; 2]) -> Self {
        Self::with(takes, false, 200)
    }

    fn with(takes: [[u64; 2]; 2], accepts: bool, token_status: u16) -> Self {
        Self(Arc::new(Inner {
            clock: Clock::manual(),
            takes,
            accepts,
            token_status,
            look: Duration::ZERO,
            requests: Mutex::default(),
        }))
    }

    fn look(&self) -> Moment {
        self.0.clock.advance(self.0.look);
        self.0.clock.now()
    }

    fn time(&self) -> Duration {
        self.0.clock.now().monotonic
    }

    fn requests(&self) -> Vec<(bool, Duration, Duration)> {
        self.0.requests.lock().unwrap().clone()
    }

    fn respond(
        &self,
        request: &Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let is_token = request.uri().host() == Some("login.example");
        let mut requests = self.0.requests.lock().unwrap();
        let earlier = requests
            .iter()
            .filter(|(of_token, ..)| *of_token == is_token);
        let number = earlier.count();
        requests.push((is_token, limits.timeout, self.time()));
        drop(requests);
        let takes = self.0.takes[usize::from(!is_token)][number.min(1)];
        let takes = Duration::from_millis(takes);
        self.0.clock.advance(takes.min(limits.timeout));
        if takes > limits.timeout {
            return Err(TransportError::new(TransportErrorKind::Timeout, ""));
        }
        let (status, body) = match (is_token, number) {
            (true, _) => (
                self.0.token_status,
                format!(r#"{{"access_token":"t{number}","expires_in":900}}"#),
            ),
            (false, 0) if !self.0.accepts => (401, String::new()),
            (false, _) => (200, "7".to_owned()),
        };
        let response = Response::builder().status(status);
        Ok(response.body(SecretBytes::new(body.into_bytes())).unwrap())
    }
}

impl blocking::Transport for Slow {
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.respond(&request, limits)
    }
}

impl nonblocking::Transport for Slow {
    async fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        self.respond(&request, limits)
    }
}

impl blocking::Runtime for Slow {
    fn now(&self) -> Moment {
        self.look()
    }

    fn wait(&self, _: Notified, at_most: Duration) {
        self.0.clock.advance(at_most);
    }

    fn spawn(&self, job: Box<dyn FnOnce() + Send>) {
        drop(job);
    }
}

impl nonblocking::Runtime for Slow {
    fn now(&self) -> Moment {
        self.look()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let clock = self.0.clock.clone();
        Box::pin(async move { clock.advance(duration) })
    }

    fn spawn(&self, task: BoxFuture<'static, ()>) {
        drop(task);
    }
}

/// The ways to make a call that has this much time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Send,
    SendWithin,
    Call,
    CallWithin,
}

const WAYS: [Way; 4] = [Way::Send, Way::SendWithin, Way::Call, Way::CallWithin];

/// Makes a call from a thread or from a task. Returns the status, and for how long it took.
fn call(
    slow: &Slow,
    way: Way,
    by_task: bool,
    max_wait: Duration,
) -> (Result<u16, CallError>, Duration) {
    // Each request of a token may take a second. A way with a time of its own has it from the call.
    let of_options = match way {
        Way::Send | Way::Call => max_wait,
        Way::SendWithin | Way::CallWithin => Duration::from_secs(3600),
    };
    let policy = Policy::default().timeout(Duration::from_secs(1));
    let options = Options::default()
        .policy(policy)
        .seed(1)
        .max_wait(of_options);
    let threads = blocking::TokenSource::builder(config());
    let threads = threads
        .options(options.clone())
        .runtime(slow.clone())
        .build(slow.clone());
    let tasks = nonblocking::Builder::new(config(), slow.clone());
    let tasks = tasks.options(options).build(slow.clone());
    let request = MakeThing.request();
    let start = slow.time();
    let status = |response: Response<SecretBytes>| response.status().as_u16();
    let made = |_| 200;
    let outcome = match (way, by_task) {
        (Way::Send, false) => threads.send(&request).map(status),
        (Way::Send, true) => block_on(tasks.send(&request)).map(status),
        (Way::SendWithin, false) => threads.send_within(&request, max_wait).map(status),
        (Way::SendWithin, true) => block_on(tasks.send_within(&request, max_wait)).map(status),
        (Way::Call, false) => threads.call(&MakeThing).map(made),
        (Way::Call, true) => block_on(tasks.call(&MakeThing)).map(made),
        (Way::CallWithin, false) => threads.call_within(&MakeThing, max_wait).map(made),
        (Way::CallWithin, true) => block_on(tasks.call_within(&MakeThing, max_wait)).map(made),
    };
    (outcome, slow.time() - start)
}

fn each_way(mut check: impl FnMut(Way, bool)) {
    for way in WAYS {
        for by_task in [false, true] {
            check(way, by_task);
        }
    }
}

// fault: several-time-bounds-in-one-call
#[test]
fn second_attempt_has_what_is_left_of_the_call() {
    each_way(|way, by_task| {
        let slow = Slow::new([[500, 500], [1000, HANGS]]);
        let (outcome, took) = call(&slow, way, by_task, MAX_WAIT);
        let error = outcome.unwrap_err();
        let CallError::Transport(transport) = &error else {
            panic!("{way:?}: {error}")
        };
        assert_eq!(transport.kind(), TransportErrorKind::Timeout);
        assert_eq!(took, MAX_WAIT, "{way:?}");
        let timeouts = slow
            .requests()
            .into_iter()
            .map(|(_, timeout, _)| timeout.as_millis());
        assert_eq!(
            timeouts.collect::<Vec<_>>(),
            [1000, 4500, 1000, 3000],
            "{way:?}"
        );
    });
}

// fault: several-time-bounds-in-one-call
#[test]
fn call_that_is_slow_in_any_part_ends_in_its_time() {
    let times = [0, 300, 990, 1700, 4800, HANGS];
    let mut ends = [0; 3];
    each_way(|way, by_task| {
        for code in 0..times.len().pow(4) {
            let take = |place: u32| times[code / times.len().pow(place) % times.len()];
            let slow = Slow::new([[take(0), take(1)], [take(2), take(3)]]);
            let start = slow.time();
            let (outcome, took) = call(&slow, way, by_task, MAX_WAIT);
            let what = format!("{way:?} {by_task} {:?}: {outcome:?}", slow.0.takes);
            assert!(took <= MAX_WAIT, "{took:?} {what}");
            for (_, timeout, left_at) in slow.requests() {
                assert!(left_at - start + timeout <= MAX_WAIT, "{what}");
            }
            let sent_to_api = slow
                .requests()
                .iter()
                .filter(|(is_token, ..)| !is_token)
                .count();
            assert!(sent_to_api <= 2, "{what}");
            match outcome {
                Ok(200) => ends[0] += 1,
                // To `send`, a rejection that cannot be helped is the API's response.
                Ok(status) => {
                    assert!(
                        status == 401 && matches!(way, Way::Send | Way::SendWithin),
                        "{what}"
                    );
                    ends[1] += 1;
                }
                Err(error) => {
                    assert!(error.is_transient(), "{what}");
                    ends[2] += 1;
                }
            }
        }
    });
    assert!(ends.iter().all(|count| *count > 100), "{ends:?}");
}

// fault: several-time-bounds-in-one-call, error-without-a-host
#[test]
fn api_request_is_not_sent_if_the_token_took_all_the_time() {
    each_way(|way, by_task| {
        let max_wait = Duration::from_millis(500);
        let slow = Slow::new([[500, 500], [0, 0]]);
        let (outcome, took) = call(&slow, way, by_task, max_wait);
        let error = outcome.unwrap_err();
        let why = "no time is left for the API request (api.example:443)";
        assert!(error.to_string().ends_with(why), "{error}");
        assert_eq!((took, slow.requests().len()), (max_wait, 1), "{way:?}");
    });
}

// fault: several-time-bounds-in-one-call, timeout-in-place-of-the-servers-error
#[test]
fn call_without_a_token_has_the_token_servers_last_error_in_its_time() {
    each_way(|way, by_task| {
        let slow = Slow::with([[600, 600], [0, 0]], true, 503);
        let (outcome, took) = call(&slow, way, by_task, MAX_WAIT);
        let error = outcome.unwrap_err();
        assert!(matches!(error, CallError::Token(_)), "{error}");
        assert_eq!(error.status().unwrap(), 503, "{way:?}");
        assert!(took <= MAX_WAIT, "{took:?}");
        assert!(slow.requests().iter().all(|(is_token, ..)| *is_token));
    });
}

// fault: endless-time-overflows
#[test]
fn endless_time_is_no_limit_and_no_overflow() {
    each_way(|way, by_task| {
        let slow = Slow::with([[500, 500], [4000, 4000]], true, 200);
        let (outcome, took) = call(&slow, way, by_task, Duration::MAX);
        assert_eq!(outcome.unwrap(), 200, "{way:?}");
        assert_eq!(took, Duration::from_millis(4500));
    });
    let slow = Slow::new([[500, 500], [0, 0]]);
    blocking::fetch(&slow, &config(), Duration::MAX).unwrap();
    block_on(nonblocking::fetch(&slow, &config(), Duration::MAX)).unwrap();
}

// fault: response-lost-at-the-end-of-the-time
#[test]
fn rejection_is_the_callers_if_the_new_token_comes_at_the_end_of_its_time() {
    each_way(|way, by_task| {
        let slow = Slow::new([[0, 1000], [4000, 0]]);
        let (outcome, took) = call(&slow, way, by_task, MAX_WAIT);
        let status = match outcome {
            Ok(status) => status,
            Err(error) => error.status().map_or(0, |status| status.as_u16()),
        };
        assert_eq!((status, took), (401, MAX_WAIT), "{way:?} {by_task}");
    });
}

// fault: response-lost-at-the-end-of-the-time
#[test]
fn response_of_the_api_is_kept_whenever_the_time_ends_after_it() {
    let mut kept = 0;
    each_way(|way, by_task| {
        // The second token comes a second after the first.
        for milliseconds in (1..50).chain(990..1050) {
            let mut slow = Slow::new([[0, 0], [0, 0]]);
            let inner = Arc::get_mut(&mut slow.0).unwrap();
            inner.look = Duration::from_millis(1);
            let (outcome, _) = call(&slow, way, by_task, Duration::from_millis(milliseconds));
            if slow.requests().iter().any(|(is_token, ..)| !is_token) {
                let is_lost = matches!(outcome, Err(CallError::Transport(_)));
                assert!(!is_lost, "{way:?} {by_task} {milliseconds}: {outcome:?}");
                kept += u32::from(outcome == Ok(401));
            }
        }
    });
    assert!(kept > 0);
}
