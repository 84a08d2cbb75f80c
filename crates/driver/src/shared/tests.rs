//! Callers beside a locked keeper, seeds, and the order of events.

use std::time::Duration;

use edge_oauth_no_io::{Completion, Event, Secret, SecretBytes};
use http::Response;

use super::*;

fn shared(options: Options) -> Arc<Shared> {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    Shared::new(config, options, None)
}

const NOW: Moment = Moment {
    monotonic: Duration::ZERO,
    wall: Duration::from_secs(1_800_000_000),
};

fn fetch(shared: &Shared, body: &str) {
    let Step::Send(mut acquisition) = shared.poll(&mut Caller::new(), NOW) else {
        panic!("no token is cached yet")
    };
    let _ = acquisition.poll(NOW, [0; 16]);
    let response = Response::new(SecretBytes::new(body.as_bytes().to_vec()));
    acquisition.handle(Completion::Response(response), NOW);
    shared.finish(acquisition, NOW);
}

#[test]
fn cached_token_is_served_while_the_keeper_is_locked() {
    let shared = shared(Options::default());
    fetch(&shared, r#"{"access_token":"abc","expires_in":900}"#);
    let lock = shared.lock();
    assert_eq!(shared.cached(NOW).unwrap().expose(), "abc");
    assert_eq!(shared.cached_authorization(NOW).unwrap(), "Bearer abc");
    let later = NOW.after(Duration::from_secs(870));
    assert!(shared.cached(later).is_none());
    drop(lock);
}

#[test]
fn woken_caller_reads_the_cache_unless_it_asks_for_more() {
    let shared = shared(Options::default());
    fetch(&shared, r#"{"access_token":"abc","expires_in":900}"#);
    let _lock = shared.lock();
    let wait = Duration::from_secs(5);
    let plain = Caller::new().max_wait(wait, NOW).that_may_leave();
    assert_eq!(shared.cached_for(&plain, NOW).unwrap().expose(), "abc");
    let refresh = Caller::new().refresh();
    assert!(shared.cached_for(&refresh, NOW).is_none());
    let long = Caller::new().min_remaining(wait);
    assert!(shared.cached_for(&long, NOW).is_none());
}

// fault: clones-of-options-share-a-seed
#[test]
fn sources_with_clones_of_options_have_seeds_of_their_own() {
    let options = Options::default();
    let due = |options: &Options| {
        let shared = shared(options.clone());
        fetch(&shared, r#"{"access_token":"abc","expires_in":86400}"#);
        shared.lock().keeper.poll_timeout()
    };
    assert_ne!(due(&options), due(&options));
    let options = options.seed(7);
    assert_eq!(due(&options), due(&options));
}

// fault: events-out-of-order
#[test]
fn events_of_an_observer_that_calls_the_source_come_in_order() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let source: Arc<Mutex<Option<Arc<Shared>>>> = Arc::default();
    let (log, inner) = (Arc::clone(&seen), Arc::clone(&source));
    let shared = shared(Options::default().on_event(move |event| {
        let name = format!("{event:?}");
        lock(&log).push(name.split([' ', '{']).next().unwrap_or_default().to_owned());
        let source = lock(&inner).clone();
        if let (Event::Fetched { .. }, Some(source)) = (event, source) {
            let token = source.cached(NOW).unwrap();
            source.invalidate(&token, NOW);
            lock(&log).push("after invalidate".to_owned());
        }
    }));
    *lock(&source) = Some(Arc::clone(&shared));
    fetch(&shared, r#"{"access_token":"abc","expires_in":900}"#);
    assert_eq!(*lock(&seen), ["Fetched", "after invalidate", "Invalidated"]);
}
