//! Keepers, a store, and the moves of a test.

use std::time::Duration;

use edge_oauth_no_io::{
    Acquisition, Action, Claimed, Completion, Config, Event, Found, Keeper, Moment, Policy,
    ReferenceStore, Secret, SecretBytes, SharedResponse, Step, StoreError, TokenError,
    TransportError, TransportErrorKind,
};
use http::Response;

pub(crate) const START: Moment = Moment {
    monotonic: Duration::ZERO,
    wall: Duration::from_secs(1_800_000_000),
};

pub(crate) type Store = ReferenceStore<Option<SharedResponse>>;

pub(crate) fn at(seconds: f64) -> Moment {
    START.after(Duration::from_secs_f64(1000.0 + seconds))
}

pub(crate) fn keeper() -> Keeper {
    keeper_with_seed(7)
}

pub(crate) fn keeper_with_seed(seed: u64) -> Keeper {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    Keeper::new(config, Policy::default(), seed).with_store()
}

/// A keeper whose store is of one machine.
pub(crate) fn local_keeper() -> Keeper {
    Keeper::new(keeper().config().clone(), Policy::default(), 7).with_local_store()
}

pub(crate) fn start(keeper: &mut Keeper, now: Moment) -> Acquisition {
    match keeper.poll(now) {
        Step::Send(acquisition) | Step::Refresh { acquisition, .. } => acquisition,
        other => panic!("{other:?}"),
    }
}

/// Runs the acquisition against the store until it pauses, wants to send, or is done. The store's clock is the wall clock.
pub(crate) fn ask(acquisition: &mut Acquisition, store: &mut Store, now: Moment) -> Action {
    loop {
        match acquisition.poll(now, [9; 16]) {
            Action::Claim(claim) => {
                let claimed = store.claim(&claim, now.wall);
                let claimed = claimed.map(|_, response| response);
                acquisition.handle(Completion::Claimed(Ok(claimed)), now);
            }
            action => return action,
        }
    }
}

#[track_caller]
pub(crate) fn sends(acquisition: &mut Acquisition, store: &mut Store, now: Moment) {
    let action = ask(acquisition, store, now);
    assert!(matches!(action, Action::Send(..)), "{action:?}");
}

pub(crate) fn respond(acquisition: &mut Acquisition, status: u16, body: &str, now: Moment) {
    let mut response = Response::new(SecretBytes::new(body.as_bytes().to_vec()));
    *response.status_mut() = status.try_into().unwrap();
    acquisition.handle(Completion::Response(response), now);
}

/// Hands the acquisition back to the keeper, and the end of its lease to the store.
pub(crate) fn finish(
    keeper: &mut Keeper,
    acquisition: Acquisition,
    store: &mut Store,
    now: Moment,
) -> Option<Result<String, TokenError>> {
    let outcome = keeper.finish(acquisition, now);
    if let Some(finish) = keeper.poll_finish() {
        let finish = finish.try_map(|_, response, _| Ok::<_, StoreError>(Some(response)));
        store.finish(finish.unwrap(), now.wall);
    }
    outcome.map(|outcome| outcome.map(|token| token.expose().to_owned()))
}

/// Requests a token of this name for 900 s.
pub(crate) fn fetch(keeper: &mut Keeper, store: &mut Store, name: &str, now: Moment) {
    let mut acquisition = start(keeper, now);
    sends(&mut acquisition, store, now);
    let body = format!(r#"{{"access_token":"{name}","expires_in":900}}"#);
    respond(&mut acquisition, 200, &body, now);
    finish(keeper, acquisition, store, now).unwrap().unwrap();
}

/// Runs an acquisition that must not send, and returns its token.
#[track_caller]
pub(crate) fn adopt(keeper: &mut Keeper, store: &mut Store, now: Moment) -> String {
    let mut acquisition = start(keeper, now);
    let action = ask(&mut acquisition, store, now);
    assert!(matches!(action, Action::Done), "{action:?}");
    finish(keeper, acquisition, store, now).unwrap().unwrap()
}

pub(crate) fn events(keeper: &mut Keeper) -> Vec<Event> {
    std::iter::from_fn(|| keeper.poll_event()).collect()
}

pub(crate) fn used(step: &Step) -> Option<&str> {
    match step {
        Step::Use(token) | Step::Refresh { token, .. } => Some(token.expose()),
        _ => None,
    }
}

/// The holder gets no response and ends its lease.
pub(crate) fn fail(keeper: &mut Keeper, mut holder: Acquisition, store: &mut Store, now: Moment) {
    let error = TransportError::new(TransportErrorKind::Connect, "refused");
    holder.handle(Completion::Failed(error), now);
    finish(keeper, holder, store, now);
}

/// Returns two keepers that share a token of 300 s, which has to be refreshed at 240.
pub(crate) fn two_with_a_token_of_300_s(store: &mut Store) -> (Keeper, Keeper) {
    let (mut first, mut second) = (keeper(), keeper());
    let mut acquisition = start(&mut first, at(0.0));
    sends(&mut acquisition, store, at(0.0));
    let body = r#"{"access_token":"a","expires_in":300}"#;
    respond(&mut acquisition, 200, body, at(0.0));
    finish(&mut first, acquisition, store, at(0.0));
    adopt(&mut second, store, at(1.0));
    (first, second)
}

/// Gets a permanent error, which the store holds as a backoff.
pub(crate) fn refuse(keeper: &mut Keeper, store: &mut Store, now: Moment) {
    let mut acquisition = start(keeper, now);
    sends(&mut acquisition, store, now);
    respond(&mut acquisition, 400, r#"{"error":"invalid_scope"}"#, now);
    let outcome = finish(keeper, acquisition, store, now);
    outcome.unwrap().unwrap_err();
}

/// Returns the claim of a store that contains an error response and whose clock may stand still.
pub(crate) fn held(
    response: &Option<SharedResponse>,
    number: u64,
    left: u64,
) -> Found<Option<SharedResponse>> {
    Found::Taken {
        number,
        left: Duration::from_secs(left),
        error_response: Some(response.clone()),
    }
}

/// Runs the acquisition against a store that always finds this, until it wants to send or is done.
pub(crate) fn ask_one_that_says(
    acquisition: &mut Acquisition,
    found: &Found<Option<SharedResponse>>,
    now: &mut Moment,
) -> Action {
    loop {
        match acquisition.poll(*now, [9; 16]) {
            Action::Claim(_) => {
                let claimed = Claimed {
                    now: START.wall,
                    found: found.clone(),
                };
                acquisition.handle(Completion::Claimed(Ok(claimed)), *now);
            }
            Action::Pause(pause) => *now = now.after(pause),
            action => return action,
        }
    }
}

pub(crate) fn shared_error(body: &'static str) -> Option<SharedResponse> {
    let config = keeper().config().clone();
    let response = Response::builder().status(400).body(body).unwrap();
    let outcome = edge_oauth_no_io::token_response(&config, &response);
    SharedResponse::new(&config, START.wall, &outcome)
}

/// A keeper that was there before the error response.
pub(crate) fn old_keeper() -> Keeper {
    let mut keeper = keeper();
    let acquisition = start(&mut keeper, at(-100.0));
    assert!(keeper.finish(acquisition, at(-100.0)).is_none());
    let _ = events(&mut keeper);
    keeper
}

pub(crate) fn backoffs(events: &[Event]) -> Vec<Duration> {
    let backoff = |event: &Event| match event {
        Event::Failed { backoff, .. } => Some(*backoff),
        _ => None,
    };
    events.iter().filter_map(backoff).collect()
}

#[track_caller]
pub(crate) fn pauses(acquisition: &mut Acquisition, store: &mut Store, now: Moment) {
    let action = ask(acquisition, store, now);
    assert!(matches!(action, Action::Pause(_)), "{action:?}");
}
