//! An acquisition up to its request, with what signers and sources of assertions bring.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::{
    Acquisition, Action, Algorithm, BodyFormat, ClientAuth, Completion, Config, Grant,
    JwtAssertion, Moment, Purpose, Secret, SecretBytes,
};
use http::Request;
use serde_json::Value;

use super::START;

pub const TIMEOUT: Duration = Duration::from_secs(10);

/// An attempt with the inputs from outside of the core: each signature is `sig`, each assertion is `made.else.where`.
pub struct Attempt {
    pub request: Request<SecretBytes>,
    /// The signing inputs, in order.
    pub signed: Vec<(Purpose, String)>,
    pub asked: Vec<Purpose>,
    pub acquisition: Acquisition,
}

pub fn attempt(mut acquisition: Acquisition, now: Moment) -> Attempt {
    let (mut signed, mut asked) = (Vec::new(), Vec::new());
    for unique in 1.. {
        match acquisition.poll(now, [unique; 16]) {
            Action::Sign(to_sign) => {
                let input = String::from_utf8(to_sign.input.as_ref().to_vec()).unwrap();
                signed.push((to_sign.purpose, input));
                let signature = Completion::Signature(Ok(b"sig".to_vec()));
                acquisition.handle(signature, now);
            }
            Action::Assertion(request) => {
                asked.push(request.purpose);
                let assertion = Completion::Assertion(Ok(Secret::new("made.else.where")));
                acquisition.handle(assertion, now);
            }
            Action::Send(request, _) => {
                return Attempt {
                    request,
                    signed,
                    asked,
                    acquisition,
                };
            }
            other => panic!("{other:?}"),
        }
    }
    unreachable!()
}

pub fn config(auth: ClientAuth, grant: Grant, format: BodyFormat) -> Config {
    let builder = Config::builder("https://login.example/token", "my id").client_auth(auth);
    let builder = builder.grant(grant).scope("a b").body_format(format);
    builder.build().unwrap()
}

pub fn first_attempt(config: &Config) -> Attempt {
    attempt(Acquisition::new(config, TIMEOUT, START), START)
}

pub fn jwt() -> JwtAssertion {
    JwtAssertion::new(Algorithm::Es256)
}

pub fn token_exchange() -> Grant {
    Grant::TokenExchange {
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt".to_owned(),
    }
}

pub fn extension() -> Grant {
    Grant::Extension {
        grant_type: "urn:example:pin".to_owned(),
        params: vec![("pin".to_owned(), Secret::new("12 34"))],
    }
}

/// Header and claims of a signing input.
pub fn decoded(input: &str) -> (Value, Value) {
    let (header, claims) = input.split_once('.').unwrap();
    let json = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    (json(header), json(claims))
}
