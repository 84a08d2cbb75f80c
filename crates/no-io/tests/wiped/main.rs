//! Nothing of a secret or a token is left in memory once its owners are gone. One test, since another one
//! beside it would have copies of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the test reads its own memory, and needs a stack that nobody writes over"
)]

mod scan;

use std::hint::black_box;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, BasicEncoding, BodyFormat, Claimed, Completion, Config,
    ConfigBuilder, Found, Keeper, LimitedBody, Moment, Policy, RequestLimits, Secret, SecretBytes,
    Step, TokenError, token_request,
};
use http::{Request, Response};

use scan::{Planted, Scan, mask};

const SECRET: Planted = Planted::new("the secret", const { &mask(*SECRET_TEXT) });
const SECRET_TEXT: &[u8; 96] = b"Qm4vTz81XcLp0RwYs6HnUe3KaJd9BfGi7OqWtMx2VbNrPy5ZlCkDh4SgEjFuAo1Iw8Tv6Xz0Qs3Lp7Rm9Yd2Hb5Ke4Gc1NfW";
/// As it stands in Basic credentials, whose `id:` fills three bytes.
const BASIC: Planted = Planted::new("the secret in base64", const { &mask(base64(SECRET_TEXT)) });
const TOKEN: Planted = Planted::new(
    "the token",
    const {
        &mask(*b"Zu7NkPw3GhJd9SxMb2QvLf5RtYc8EaKo1WiHn4UzXq6DgBj0OyTlCs3VmFp7IrAe9Kx5Pq1Lw8Zn4Rb2Tv6Jy0Gd3Hs7MfXY")
    },
);
const CONTROL: Planted = Planted::new(
    "the control",
    const {
        &mask(*b"Rf9SdKp2XwUn5GmYt7BqHv3LzJc8EaOi4WrNk1QxPg6DbTs0VlCy2MfZo9JuIe7Ah5Tn3Wk8Rb4Sx6Qv1Ld0Gp7Hm2Ye5Nc9")
    },
);
const ALL: [&Planted; 3] = [&SECRET, &BASIC, &TOKEN];

#[test]
fn dropped_source_leaves_no_secret_in_memory() {
    let mut scan = Scan::new();
    scan.assert_gone(&ALL, "nothing was planted yet");

    // The scan would find these if the core did not wipe them: in freed memory, and in dead stack.
    drop(text(&CONTROL));
    assert_eq!(scan.copies(&CONTROL), 1);
    elsewhere(|| {
        let secret = Secret::new(text(&CONTROL));
        let _ = black_box(secret.expose().as_bytes().first_chunk::<96>().copied());
    });
    assert!(scan.copies(&CONTROL) > 1);

    let secrets = elsewhere(secrets);
    assert_eq!(scan.copies(&SECRET), 2);
    drop(secrets);
    scan.assert_gone(&ALL, "a secret and its clone");

    let bodies = elsewhere(bodies);
    assert_eq!(scan.copies(&SECRET), 2);
    drop(bodies);
    scan.assert_gone(&ALL, "bodies");

    for auth in [
        None,
        Some(BasicEncoding::Percent),
        Some(BasicEncoding::Plus),
    ] {
        for format in [BodyFormat::Form, BodyFormat::Json] {
            let request = elsewhere(move || request(auth, format));
            let form = match auth {
                None => &SECRET,
                Some(_) => &BASIC,
            };
            assert!(scan.copies(form) > 0, "the request has it");
            drop(request);
            scan.assert_gone(&ALL, "a configuration and its request");
        }
        let keeper = elsewhere(move || life_with_store(auth));
        scan.assert_gone(&[&TOKEN], "a token that was shared and rejected");
        drop(keeper);

        let keeper = elsewhere(move || life(auth));
        assert!(scan.copies(&TOKEN) > 0, "the keeper has it");
        drop(keeper);
        scan.assert_gone(&ALL, "the life of a token");
    }
}

/// On a thread that lives on, deep in its stack: what is left there is not written over, neither by the
/// thread nor by the scan.
fn elsewhere<T: Send + 'static>(play: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::sync_channel(1);
    thread::spawn(move || {
        send.send(deep(play)).unwrap();
        loop {
            thread::park();
        }
    });
    receive.recv().unwrap()
}

#[inline(never)]
fn deep<T>(play: impl FnOnce() -> T) -> T {
    let above = [0_u8; 64 * 1024];
    let outcome = play();
    black_box(&above);
    outcome
}

fn secrets() -> [Secret; 2] {
    let secret = Secret::new(text(&SECRET));
    black_box(format!("{secret:?}"));
    [secret.clone(), secret]
}

fn bodies() -> [SecretBytes; 2] {
    let mut body = LimitedBody::new(RequestLimits::token(Duration::ZERO), Some(1));
    let bytes = SecretBytes::new(text(&SECRET).into_bytes());
    // The allocation behind the body prevents the body from growing in place.
    let mut behind = Vec::with_capacity(32);
    for chunk in bytes.as_ref().chunks(7) {
        body.push(chunk).unwrap();
        behind.push(vec![0_u8; 256]);
    }
    drop(behind);
    [body.finish().unwrap(), bytes]
}

fn request(auth: Option<BasicEncoding>, format: BodyFormat) -> Request<SecretBytes> {
    let config = builder(auth).body_format(format).build().unwrap();
    assert!(config.makes_same_requests(&config.clone()));
    let _ = black_box((format!("{config:?}"), config.cache_key()));
    token_request(&config).unwrap()
}

/// A token is fetched, used, refused, fetched again, stored, and refreshed in vain.
fn life(auth: Option<BasicEncoding>) -> Keeper {
    let mut keeper = Keeper::new(builder(auth).build().unwrap(), Policy::default(), 7);
    let first = send(&mut keeper, at(0));
    finish(&mut keeper, first, answer(), at(0));
    let Step::Use(token) = keeper.poll(at(10)) else {
        panic!("a token is held")
    };
    let mut call = Request::new(());
    token.authorize(&mut call);
    black_box((format!("{call:?} {token:?}"), token.claims()));

    keeper.invalidate(&token, at(10));
    let second = send(&mut keeper, at(10));
    finish(&mut keeper, second, answer(), at(10));
    let stored = keeper.export(at(10)).unwrap();
    let mut other = Keeper::new(builder(auth).build().unwrap(), Policy::default(), 7);
    assert!(other.restore(&stored, at(20)));

    let Step::Refresh { acquisition, .. } = keeper.poll(at(800)) else {
        panic!("a refresh is due")
    };
    let outcome = finish(&mut keeper, leave(acquisition, at(800)), echo(), at(800));
    black_box(format!("{outcome:?} {keeper:?} {:?}", keeper.poll_event()));
    keeper
}

/// A token is obtained under a lease, shared, and rejected. The keeper remembers which it was.
// fault: rejected-token-comes-back-from-the-store
fn life_with_store(auth: Option<BasicEncoding>) -> Keeper {
    let config = builder(auth).build().unwrap();
    let mut keeper = Keeper::new(config, Policy::default(), 7).with_store();
    let Step::Send(mut acquisition) = keeper.poll(at(0)) else {
        panic!("a token is requested")
    };
    let Action::Claim(_) = acquisition.poll(at(0), [0; 16]) else {
        panic!("the store is asked first")
    };
    let lease = Claimed {
        now: at(0).wall,
        found: Found::Lease { number: 7 },
    };
    acquisition.handle(Completion::Claimed(Ok(lease)), at(0));
    let acquisition = leave(acquisition, at(0));
    finish(&mut keeper, acquisition, answer(), at(0));
    black_box(format!("{:?}", keeper.poll_finish().unwrap()));
    let Step::Use(token) = keeper.poll(at(10)) else {
        panic!("a token is held")
    };
    keeper.invalidate(&token, at(10));
    keeper
}

fn send(keeper: &mut Keeper, now: Moment) -> Acquisition {
    match keeper.poll(now) {
        Step::Send(acquisition) => leave(acquisition, now),
        other => panic!("a token is requested: {other:?}"),
    }
}

fn leave(mut acquisition: Acquisition, now: Moment) -> Acquisition {
    match acquisition.poll(now, [0; 16]) {
        Action::Send(request, _) => drop(black_box(request)),
        other => panic!("a secret needs no assertion: {other:?}"),
    }
    acquisition
}

fn finish(
    keeper: &mut Keeper,
    mut acquisition: Acquisition,
    response: Response<SecretBytes>,
    now: Moment,
) -> Option<Result<AccessToken, TokenError>> {
    acquisition.handle(Completion::Response(response), now);
    keeper.finish(acquisition, now)
}

fn builder(auth: Option<BasicEncoding>) -> ConfigBuilder {
    let secret = Secret::new(text(&SECRET));
    let builder = Config::builder("https://login.example/token", "id").client_secret(secret);
    match auth {
        Some(encoding) => builder.basic_auth(encoding),
        None => builder,
    }
}

fn answer() -> Response<SecretBytes> {
    body(r#"{"access_token":""#, &TOKEN, r#"","expires_in":900}"#)
}

/// A refusal that has the secret in it.
fn echo() -> Response<SecretBytes> {
    let mut response = body(r#"{"error":"x","error_description":""#, &SECRET, r#""}"#);
    *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
    response
}

fn body(before: &str, planted: &Planted, after: &str) -> Response<SecretBytes> {
    let mut text = String::with_capacity(512);
    text.push_str(before);
    planted.write(&mut text);
    text.push_str(after);
    Response::new(SecretBytes::new(text.into_bytes()))
}

fn text(planted: &Planted) -> String {
    let mut text = String::with_capacity(96);
    planted.write(&mut text);
    text
}

fn at(seconds: u64) -> Moment {
    Moment {
        monotonic: Duration::from_secs(seconds),
        wall: Duration::from_secs(1_800_000_000 + seconds),
    }
}

/// Encodes a text whose length is a multiple of three (RFC 4648 §4), at compile time.
const fn base64(text: &[u8; 96]) -> [u8; 128] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = [0; 128];
    let mut i = 0;
    while i < 32 {
        let [a, b, c] = [text[3 * i], text[3 * i + 1], text[3 * i + 2]];
        out[4 * i] = alphabet[(a >> 2) as usize];
        out[4 * i + 1] = alphabet[((a & 3) << 4 | b >> 4) as usize];
        out[4 * i + 2] = alphabet[((b & 15) << 2 | c >> 6) as usize];
        out[4 * i + 3] = alphabet[(c & 63) as usize];
        i += 1;
    }
    out
}
