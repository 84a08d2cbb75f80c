//! An entry of a shared store is read as it was written, or not at all.

use std::sync::LazyLock;
use std::time::Duration;

use edge_oauth_driver::StoreKey;
use edge_oauth_no_io::{
    Claimed, Config, Finish, Found, Secret, Share, SharedResponse, token_response,
};
use edge_oauth_store::{StoreKeys, expiry};
use http::Response;

/// Reads the bytes as an opened entry, as a sealed one, and as changes of a sealed one: pairs of a place and a mask.
pub fn stored_entry(bytes: &[u8]) {
    if let Some(response) = SharedResponse::from_bytes(bytes) {
        opened(&response, bytes);
    }
    let _ = expiry(bytes);
    assert!(
        open(bytes.to_vec(), NUMBER).is_none(),
        "it was never sealed"
    );

    let entry = &*SEALED;
    assert!(open(entry.clone(), NUMBER).is_some());
    let mut changed = entry.clone();
    for pair in bytes.chunks_exact(2) {
        let at = usize::from(pair[0]) % changed.len();
        changed[at] ^= pair[1];
    }
    let is_changed = changed != *entry;
    assert_eq!(
        open(changed, NUMBER).is_none(),
        is_changed,
        "a changed entry"
    );
    if let Some(end) = bytes.first().map(|byte| usize::from(*byte)) {
        let part = entry[..end.min(entry.len() - 1)].to_vec();
        assert!(open(part, NUMBER).is_none(), "a part of an entry");
        let other = NUMBER ^ (end as u64 + 1);
        assert!(open(entry.clone(), other).is_none(), "another number");
    }
}

fn opened(response: &SharedResponse, bytes: &[u8]) {
    assert_eq!(response.to_bytes().as_ref(), bytes);
    for now in [Duration::ZERO, response.born(), Duration::MAX] {
        let _ = response.age(now);
        let outcome = token_response(&CONFIG, &response.response(now));
        // A response that is shared once more reads as the same.
        let Some(again) = SharedResponse::new(&CONFIG, response.born(), &outcome) else {
            continue;
        };
        let read = SharedResponse::from_bytes(again.to_bytes().as_ref()).expect("just written");
        assert_eq!(read.to_bytes().as_ref(), again.to_bytes().as_ref());
        match (outcome, token_response(&CONFIG, &read.response(now))) {
            (Ok(token), Ok(shared)) => {
                assert_eq!(token.expose(), shared.expose());
                assert_eq!(token.expires_in(), shared.expires_in());
                assert_eq!(token.scope(), shared.scope());
            }
            (Err(error), Err(shared)) => {
                assert_eq!(error.code(), shared.code());
                assert_eq!(error.is_transient(), shared.is_transient());
            }
            (outcome, shared) => panic!("{outcome:?} became {shared:?}"),
        }
    }
}

fn open(sealed: Vec<u8>, number: u64) -> Option<SharedResponse> {
    let found = Found::Entry {
        number,
        response: sealed,
    };
    let claimed = Claimed { now: BORN, found };
    match KEY.open(claimed).found {
        Found::Entry { response, .. } => response,
        other => panic!("no entry: {other:?}"),
    }
}

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let builder = Config::builder("https://login.example/token", "id");
    let config = builder.client_secret(Secret::new("s3cret-of-ours")).build();
    config.expect("a configuration")
});

static KEY: LazyLock<StoreKey> = LazyLock::new(|| {
    let key = StoreKeys::from_client_secret().key(&CONFIG);
    key.expect("a client secret")
});

static SEALED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let body = r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":900}"#;
    let outcome = token_response(&CONFIG, &Response::new(body));
    let response = SharedResponse::new(&CONFIG, BORN, &outcome).expect("a token is shared");
    let keep = Duration::from_secs(900);
    let share = Share::Token { response, keep };
    let timeout = Duration::from_millis(100);
    let sealed = KEY.seal(Finish {
        number: NUMBER,
        share,
        timeout,
    });
    match sealed.expect("random numbers").share {
        Share::Token { response, .. } => response,
        other => panic!("no token: {other:?}"),
    }
});

const NUMBER: u64 = 7;
const BORN: Duration = Duration::from_secs(1_800_000_000);
