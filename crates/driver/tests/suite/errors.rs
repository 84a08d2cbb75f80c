//! The host and the cause in the errors of the network; parts that are missing.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use edge_oauth_driver::{CallError, blocking, nonblocking};
use edge_oauth_no_io::{
    Algorithm, ClientAuth, Config, JwtAssertion, Secret, SecretBytes, TokenError, TransportError,
};
use http::{Request, Response};

use crate::stage::config;

const TOKEN: &str = r#"{"access_token":"abc","token_type":"Bearer","expires_in":900}"#;
const LONG: Duration = Duration::from_secs(600);

fn refused(_: Request<SecretBytes>) -> Result<Response<Vec<u8>>, TransportError> {
    Err(TransportError::from_io(
        &io::ErrorKind::ConnectionRefused.into(),
    ))
}

/// A token, and no API.
fn token_only(request: Request<SecretBytes>) -> Result<Response<Vec<u8>>, TransportError> {
    match request.uri().host() {
        Some("login.example") => Ok(Response::new(TOKEN.into())),
        _ => refused(request),
    }
}

/// The token may go to any origin.
fn any_port() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap()
}

#[track_caller]
fn assert_named(error: &TokenError, host: &str) {
    let TokenError::Transport(transport) = error else {
        panic!("{error}")
    };
    assert_eq!(transport.host(), Some(host));
    assert!(error.to_string().contains(host), "{error}");
    let source = error.source().unwrap();
    let io: &io::Error = source.downcast_ref().unwrap();
    assert_eq!(io.kind(), io::ErrorKind::ConnectionRefused);
}

// fault: error-without-a-host, cause-of-a-transport-error-lost
#[test]
fn error_of_a_thread_names_the_host_and_keeps_the_cause() {
    let transport = || ScriptedTransport::new(refused);
    let source = blocking::TokenSource::builder(config())
        .runtime(Clock::new())
        .build(transport());
    assert_named(&source.token().unwrap_err(), "login.example:443");
    let error = blocking::fetch(&transport(), &config(), LONG).unwrap_err();
    assert_named(&error, "login.example:443");

    let source = blocking::TokenSource::new(ScriptedTransport::new(token_only), any_port());
    let request = Request::get("https://api.example:8443/things?key=s3cret").body(Vec::new());
    let error = source.send(&request.unwrap()).unwrap_err();
    let CallError::Transport(transport) = &error else {
        panic!("{error}")
    };
    assert_eq!(transport.host(), Some("api.example:8443"));
    assert!(error.source().unwrap().is::<io::Error>());
}

// fault: error-without-a-host, cause-of-a-transport-error-lost
#[test]
fn error_of_a_task_names_the_host_and_keeps_the_cause() {
    let transport = || ScriptedTransport::new(refused);
    let source = nonblocking::TokenSource::<Clock>::new(transport(), config());
    assert_named(&block_on(source.token()).unwrap_err(), "login.example:443");
    let error = block_on(nonblocking::fetch(&transport(), &config(), LONG)).unwrap_err();
    assert_named(&error, "login.example:443");

    let transport = ScriptedTransport::new(token_only);
    let source = nonblocking::TokenSource::<Clock>::new(transport, any_port());
    let request = Request::get("http://127.0.0.1:8080/")
        .body(Vec::new())
        .unwrap();
    let CallError::Transport(error) = block_on(source.send(&request)).unwrap_err() else {
        panic!("the API is reached by nothing")
    };
    assert_eq!(error.host(), Some("127.0.0.1:8080"));
}

#[test]
fn single_token_that_needs_an_assertion_is_an_error_that_names_the_part() {
    let transport = ScriptedTransport::new(|_| panic!("nothing is sent"));
    let signed = ClientAuth::PrivateKeyJwt(JwtAssertion::new(Algorithm::Es256));
    for (auth, part) in [
        (signed, "no signer"),
        (ClientAuth::Assertion, "no assertion source"),
    ] {
        let config = Config::builder("https://login.example/token", "id").client_auth(auth);
        let config = config.build().unwrap();
        for error in [
            blocking::fetch(&transport, &config, LONG).unwrap_err(),
            block_on(nonblocking::fetch(&transport, &config, LONG)).unwrap_err(),
        ] {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}

#[test]
fn debug_of_sources_and_builders_has_the_client_and_no_secret() {
    let transport = ScriptedTransport::new(token_only);
    let threads = blocking::TokenSource::builder(config());
    let tasks = nonblocking::Builder::new(config(), Clock::new());
    let builders = [format!("{threads:?}"), format!("{tasks:?}")];
    assert!(format!("{transport:?}").contains("ScriptedTransport"));
    let (threads, tasks) = (threads.build(transport.clone()), tasks.build(transport));
    let sources = [format!("{threads:?}"), format!("{tasks:?}")];
    for printed in builders.into_iter().chain(sources) {
        assert!(printed.contains("login.example"), "{printed}");
        assert!(!printed.contains("s3cret"), "{printed}");
    }
}
