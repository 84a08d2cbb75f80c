//! The ID token of a GitLab job, in the environment of a process.

use std::env;
use std::process::Command;
use std::sync::{Arc, Mutex};

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_keys::AssertionVariable;
use edge_oauth_no_io::{ClientAuth, Config};
use http::Response;

use crate::file::jwt;

const NAME: &str = "EDGE_OAUTH_TEST_ID_TOKEN";

/// A process has the variables that it was started with, so the test starts itself once more, as a runner starts a job.
#[test]
fn id_token_of_a_job_is_sent_as_the_client_assertion() {
    let Ok(token) = env::var(NAME) else {
        let own = "gitlab::id_token_of_a_job_is_sent_as_the_client_assertion";
        let mut job = Command::new(env::current_exe().unwrap());
        let job = job
            .args(["--exact", own])
            .env(NAME, jwt(r#"{"exp":9999999999}"#));
        let output = job.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        return;
    };
    let sent: Arc<Mutex<Vec<String>>> = Arc::default();
    let bodies = Arc::clone(&sent);
    let transport = ScriptedTransport::new(move |request| {
        let body = String::from_utf8_lossy(request.body().as_ref()).into_owned();
        bodies.lock().unwrap().push(body);
        Ok(Response::new(br#"{"access_token":"abc"}"#.to_vec()))
    });
    let config = Config::builder("https://login.example/token", "my-client")
        .client_auth(ClientAuth::Assertion)
        .build()
        .unwrap();
    let source = TokenSource::builder(config)
        .assertion_source(AssertionVariable::gitlab(NAME))
        .build(transport);
    assert_eq!(source.token().unwrap().expose(), "abc");
    let sent = sent.lock().unwrap();
    assert!(
        sent[0].contains(&format!("&client_assertion={token}")),
        "{sent:?}"
    );
}
