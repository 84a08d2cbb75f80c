//! An assertion says what its configuration says, is sent as it was signed, and is not printed.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::{
    Acquisition, Action, Algorithm, ClientAuth, Completion, Config, JwtAssertion, Moment, Secret,
};
use tinyjson::JsonValue;

use crate::decode::form;

/// Reads the lines of a text as client id, key id, audience, type, and name and value of a claim. The rest is the
/// signature, and an assertion that was made elsewhere.
pub fn assertion(bytes: &[u8]) {
    let mut parts = bytes.splitn(7, |byte| *byte == b'\n');
    let mut next = || parts.next().unwrap_or_default();
    let lines = [(); 6].map(|()| String::from_utf8_lossy(next()).into_owned());
    let rest = next();
    built(&lines, rest);
    foreign(&lines[0], &String::from_utf8_lossy(rest));
}

fn built([id, key_id, audience, typ, name, value]: &[String; 6], signature: &[u8]) {
    let mut assertion = JwtAssertion::new(Algorithm::Es256)
        .audience(audience)
        .typ(typ);
    if !key_id.is_empty() {
        assertion = assertion.key_id(key_id);
    }
    if !name.is_empty() {
        assertion = assertion.claim(name, value);
    }
    let Some(config) = config(id, ClientAuth::PrivateKeyJwt(assertion)) else {
        return;
    };
    let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), NOW);
    let Action::Sign(to_sign) = acquisition.poll(NOW, [7; 16]) else {
        panic!("the assertion is signed first")
    };
    let input = String::from_utf8(to_sign.input.as_ref().to_vec()).expect("ASCII");
    assert!(!format!("{to_sign:?}").contains(&input), "it is printed");

    let [header, claims] = [0, 1].map(|part| json(input.split('.').nth(part).expect("two parts")));
    assert_eq!(input.matches('.').count(), 1);
    let text = |json: &JsonValue, name: &str| -> Option<String> {
        let members: &std::collections::HashMap<String, JsonValue> = json.get().expect("an object");
        members
            .get(name)
            .and_then(|value| value.get::<String>().cloned())
    };
    assert_eq!(text(&header, "alg").as_deref(), Some("ES256"));
    assert_eq!(text(&header, "typ").as_ref(), Some(typ));
    let expected = (!key_id.is_empty()).then_some(key_id);
    assert_eq!(text(&header, "kid").as_ref(), expected);
    for (name, expected) in [("iss", id), ("sub", id), ("aud", audience)] {
        assert_eq!(text(&claims, name).as_ref(), Some(expected), "{name}");
    }
    if !name.is_empty() {
        assert_eq!(text(&claims, name).as_ref(), Some(value), "{name}");
    }

    acquisition.handle(Completion::Signature(Ok(signature.to_vec())), NOW);
    let Some(sent) = sent(&mut acquisition) else {
        return;
    };
    let signed = [&*input, ".", &URL_SAFE_NO_PAD.encode(signature)].concat();
    assert_eq!(sent, signed);
}

fn foreign(id: &str, text: &str) {
    let Some(config) = config(id, ClientAuth::Assertion) else {
        return;
    };
    let mut acquisition = Acquisition::new(&config, Duration::from_secs(10), NOW);
    let Action::Assertion(_) = acquisition.poll(NOW, [7; 16]) else {
        panic!("the assertion comes first")
    };
    acquisition.handle(Completion::Assertion(Ok(Secret::new(text))), NOW);
    match sent(&mut acquisition) {
        Some(sent) => assert_eq!(sent, text),
        None => {
            let error = acquisition.finish().expect_err("nothing was sent");
            let shown = format!("{error} {error:?}");
            // A shorter text may be a part of the message.
            assert!(
                text.len() < 12 || !shown.contains(text),
                "it is printed: {shown}"
            );
        }
    }
}

/// Returns the configuration; `None` if it is rejected, in one printable line.
fn config(id: &str, auth: ClientAuth) -> Option<Config> {
    let builder = Config::builder("https://login.example/token", id).client_auth(auth);
    match builder.build() {
        Ok(config) => Some(config),
        Err(error) => {
            assert!(!error.to_string().contains(char::is_control), "{error:?}");
            None
        }
    }
}

/// Returns the assertion of the request, if one is sent.
fn sent(acquisition: &mut Acquisition) -> Option<String> {
    let Action::Send(request, _) = acquisition.poll(NOW, [8; 16]) else {
        return None;
    };
    let found: Vec<_> = form(request.body().as_ref())
        .into_iter()
        .filter(|(name, _)| name == "client_assertion")
        .collect();
    assert_eq!(found.len(), 1, "one assertion");
    found.into_iter().next().map(|(_, assertion)| assertion)
}

fn json(part: &str) -> JsonValue {
    let json = URL_SAFE_NO_PAD.decode(part).expect("Base64url");
    let json = String::from_utf8(json).expect("UTF-8");
    json.parse().expect("JSON")
}

const NOW: Moment = Moment {
    monotonic: Duration::from_secs(1),
    wall: Duration::from_secs(1_800_000_000),
};
