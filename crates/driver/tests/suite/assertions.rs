//! Signatures and assertions on their way into the token request, by threads and by tasks.

use edge_oauth_driver::testing::block_on;
use edge_oauth_driver::{AssertionSource, Signer, blocking, nonblocking};
use edge_oauth_no_io::{
    Algorithm, AssertionRequest, ClientAuth, Config, CredentialError, JwtAssertion, Secret, ToSign,
};

use crate::stage::Stage;

struct Credentials;

impl Signer for Credentials {
    fn sign(&self, _: &ToSign) -> Result<Vec<u8>, CredentialError> {
        Ok(b"signed".to_vec())
    }
}

impl AssertionSource for Credentials {
    fn assertion(&self, _: &AssertionRequest) -> Result<Secret, CredentialError> {
        Ok(Secret::new("made.somewhere.else"))
    }
}

#[test]
fn signature_or_assertion_is_in_the_token_request() {
    let signed = ClientAuth::PrivateKeyJwt(JwtAssertion::new(Algorithm::Es256));
    // The signature in base64.
    for (auth, sent) in [
        (signed, ".c2lnbmVk"),
        (ClientAuth::Assertion, "=made.somewhere.else"),
    ] {
        let stage = Stage::new([]);
        let config = Config::builder("https://login.example/token", "id").client_auth(auth);
        let config = config.build().unwrap();
        let threads = blocking::TokenSource::builder(config.clone())
            .signer(Credentials)
            .assertion_source(Credentials)
            .runtime(stage.clone())
            .build(stage.clone());
        assert_eq!(threads.token().unwrap().expose(), "t1");
        // As a program has them that chooses when it runs.
        let signer: Box<dyn Signer> = Box::new(Credentials);
        let assertion_source: Box<dyn AssertionSource> = Box::new(Credentials);
        let tasks = nonblocking::Builder::new(config, stage.clone())
            .signer(signer)
            .assertion_source(assertion_source)
            .build(stage.clone());
        assert_eq!(block_on(tasks.token()).unwrap().expose(), "t2");
        for request in stage.seen() {
            assert!(request.contains(sent), "{request}");
        }
    }
}
