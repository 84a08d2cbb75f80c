//! Each method of client authentication, with everything that a token request needs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use edge_oauth_driver::{Signer, system_time};
use edge_oauth_keys::{HmacKey, PrivateKey};
use edge_oauth_local::{AUDIENCE, Client};
use edge_oauth_no_io::{
    AccessToken, Acquisition, Action, BasicEncoding, BodyFormat, ClientAuth, Completion, Config,
    ConfigBuilder, Grant, Purpose, Secret, TokenError,
};

use crate::exchange::send_request;
use crate::oauth::jwt;
use crate::secrecy::watch::watch;
use crate::subject::Subject;

/// A configuration with its signer and its assertions.
pub(crate) struct Credentials {
    config: Config,
    signer: Option<Box<dyn Signer>>,
    /// The assertion of the client, and the assertion of the grant.
    assertions: [String; 2],
}

impl Credentials {
    /// Returns a configuration for each way to send a client secret.
    pub(crate) fn with_secret(url: &str, id: &str, secret: &str) -> [Self; 4] {
        let config = builder(url, id).client_secret(Secret::new(secret));
        [
            config.clone(),
            config.clone().basic_auth(BasicEncoding::Percent),
            config.clone().basic_auth(BasicEncoding::Plus),
            config.body_format(BodyFormat::Json),
        ]
        .map(Self::new)
    }

    fn new(config: ConfigBuilder) -> Self {
        Self {
            config: config.build().unwrap(),
            signer: None,
            assertions: [String::new(), String::new()],
        }
    }

    /// Makes one token request, within this time.
    pub(crate) fn token<S: Subject>(
        &self,
        subject: &S,
        time: Duration,
    ) -> Result<AccessToken, TokenError> {
        let mut acquisition = Acquisition::new(&self.config, time, system_time());
        loop {
            let completion = match acquisition.poll(system_time(), unique()) {
                Action::Send(request, limits) => match send_request(subject, request, limits) {
                    Ok(response) => Completion::Response(response),
                    Err(error) => Completion::Failed(error),
                },
                Action::Sign(to_sign) => {
                    Completion::Signature(self.signer.as_ref().unwrap().sign(&to_sign))
                }
                Action::Assertion(request) => {
                    let [of_client, of_grant] = &self.assertions;
                    let assertion = match request.purpose {
                        Purpose::ClientAuth => of_client,
                        _ => of_grant,
                    };
                    Completion::Assertion(Ok(Secret::new(assertion.as_str())))
                }
                _ => return acquisition.finish(),
            };
            acquisition.handle(completion, system_time());
        }
    }
}

/// A client that sends no secret: it signs assertions, or takes them from a platform.
pub(crate) struct Secretless {
    key: PrivateKey,
    hmac: HmacKey,
}

impl Secretless {
    /// Creates the client, and plants its keys and assertions.
    pub(crate) fn new() -> Self {
        for (name, planted) in [
            ("the secret that signs", SIGNING_SECRET),
            ("the assertion of a platform", EXTERNAL),
            ("the subject token", SUBJECT_TOKEN),
            ("the header of an ES256 assertion", HEADERS[0]),
            ("the header of an HS256 assertion", HEADERS[1]),
        ] {
            watch().plant(name, planted);
        }
        Self {
            key: jwt::P256.key(),
            hmac: HmacKey::new(Secret::new(SIGNING_SECRET)).unwrap(),
        }
    }

    /// Returns the registration of the client at the server.
    pub(crate) fn registered(&self) -> Client {
        let client = Client::new(jwt::ID, SIGNING_SECRET);
        client.public_key(&self.key.public_jwk()).unwrap()
    }

    /// Returns `client_secret_jwt` and `private_key_jwt`.
    pub(crate) fn signing(&self, url: &str) -> [Credentials; 2] {
        let config = builder(url, jwt::ID);
        let by_key = ClientAuth::PrivateKeyJwt(self.key.assertion());
        let by_secret = ClientAuth::ClientSecretJwt(self.hmac.assertion());
        [
            Credentials {
                signer: Some(Box::new(self.key.clone())),
                ..Credentials::new(config.clone().client_auth(by_key))
            },
            Credentials {
                signer: Some(Box::new(self.hmac.clone())),
                ..Credentials::new(config.client_auth(by_secret))
            },
        ]
    }

    /// Returns a client with the assertion of a platform.
    pub(crate) fn asserting(&self, url: &str) -> Credentials {
        let claims = jwt::claims(url, system_time().wall, 600);
        let config = builder(url, jwt::ID).client_auth(ClientAuth::Assertion);
        Credentials {
            assertions: [jwt::signed(&self.key, &claims), String::new()],
            ..Credentials::new(config)
        }
    }

    /// Returns a token exchange in JSON, with an assertion of the client and a subject token.
    pub(crate) fn exchanging(&self, url: &str) -> Credentials {
        let config = builder(url, jwt::ID)
            .client_auth(ClientAuth::Assertion)
            .body_format(BodyFormat::Json)
            .grant(Grant::TokenExchange {
                subject_token_type: "urn:ietf:params:oauth:token-type:jwt".to_owned(),
            });
        Credentials {
            assertions: [EXTERNAL, SUBJECT_TOKEN].map(str::to_owned),
            ..Credentials::new(config)
        }
    }
}

fn builder(url: &str, id: &str) -> ConfigBuilder {
    Config::builder(url, id).audience(AUDIENCE)
}

/// Returns other bytes at each call, so that each assertion has its own `jti`.
fn unique() -> [u8; 16] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    u128::from(number).to_be_bytes()
}

/// A client secret that is long enough to sign with.
pub(crate) const SIGNING_SECRET: &str = "planted1hmac2secret3of4more5than6thirty7two8bytes";

const SUBJECT_TOKEN: &str = "planted1subject2token3of4the5grant.planted6claims7.planted8signature9";

/// The beginnings of the assertions that the core builds.
const HEADERS: [&str; 2] = ["eyJhbGciOiJFUzI1NiIsInR5cCI", "eyJhbGciOiJIUzI1NiIsInR5cCI"];

const EXTERNAL: &str = "planted1assertion2of3a4platform.planted5claims6.planted7signature8";
