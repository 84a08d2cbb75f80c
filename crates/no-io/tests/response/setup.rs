//! Responses of a test.

use edge_oauth_no_io::{AccessToken, Config, MalformedReason, Secret, TokenError, token_response};
use http::Response;

pub(crate) const TOKEN: &str =
    r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#;

pub(crate) fn config() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap()
}

pub(crate) struct Answer(pub(crate) http::response::Builder, pub(crate) Vec<u8>);

pub(crate) fn status(status: u16) -> Answer {
    Answer(Response::builder().status(status), Vec::new())
}

pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Answer {
    status(200)
        .header("content-type", "application/json")
        .body(body)
}

impl Answer {
    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value), self.1)
    }

    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self(self.0, body.into())
    }

    pub(crate) fn read_by(self, config: &Config) -> Result<AccessToken, TokenError> {
        token_response(config, &self.0.body(self.1).unwrap())
    }

    pub(crate) fn read(self) -> Result<AccessToken, TokenError> {
        self.read_by(&config())
    }

    pub(crate) fn token(self) -> AccessToken {
        self.read().unwrap()
    }

    pub(crate) fn error(self) -> TokenError {
        self.read().unwrap_err()
    }

    pub(crate) fn reason(self) -> MalformedReason {
        match self.error() {
            TokenError::Malformed(malformed) => malformed.reason,
            other => panic!("not malformed: {other:?}"),
        }
    }
}

pub(crate) const WITHHELD: &str = "[withheld: it repeats a credential]";

/// A token answer with this as the value of one more member.
pub(crate) fn with(name: &str, value: &str) -> Answer {
    let value = value.trim();
    ok(match name {
        "access_token" => format!(r#"{{"access_token":{value}}}"#),
        _ => format!(r#"{{"access_token":"t0ken","{name}":{value}}}"#),
    })
}
