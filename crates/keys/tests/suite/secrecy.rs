//! No key, assertion or token is in what is printed.

use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_driver::{AssertionSource, Signer};
use edge_oauth_keys::{
    AssertionCallback, AssertionCommand, AssertionFile, AssertionVariable, AsyncGitHubActions,
    GitHubActions, HmacKey, PrivateKey, github_actions,
};
use edge_oauth_no_io::{Algorithm, AssertionRequest, Purpose, Secret};

use crate::file::jwt;
use crate::private_key::to_sign;
use crate::vectors::RFC_8037;

fn debug(value: &dyn Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

fn chain(error: &dyn Error) -> String {
    let mut all = format!("{}\n{error}", debug(&error));
    let mut cause = error.source();
    while let Some(error) = cause {
        all += &format!("\n{}\n{error}", debug(&error));
        cause = error.source();
    }
    all
}

/// Every run of eight characters of a secret counts.
fn assert_hidden(printed: &str, secret: &str) {
    for part in secret.as_bytes().windows(8) {
        let part = std::str::from_utf8(part).expect("ASCII");
        assert!(!printed.contains(part), "{part:?} is in {printed:?}");
    }
}

#[test]
fn keys_are_not_printed() {
    let private = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    let key = PrivateKey::from_jwk(RFC_8037).unwrap();
    assert_hidden(&debug(&key), private);
    assert!(debug(&key).contains(key.key_id()));
    assert_hidden(&key.public_jwk(), private);
    let error = key
        .sign(&to_sign(Algorithm::Es256, None, b"input"))
        .unwrap_err();
    assert_hidden(&chain(&error), private);

    let secret = "a client secret of 32 characters";
    let hmac = HmacKey::new(Secret::new(secret)).unwrap();
    assert_hidden(&debug(&hmac), secret);
    let error = hmac
        .sign(&to_sign(Algorithm::Es256, None, b"input"))
        .unwrap_err();
    assert_hidden(&chain(&error), secret);
}

#[test]
fn errors_about_keys_contain_no_part_of_them() {
    let pem = include_str!("../keys/p256.pkcs8.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    for wrong in [
        pem.replace("-----END", "----END"),
        pem.replacen('M', "*", 1),
        pem.replace("PRIVATE KEY", &body),
        format!("{pem}{pem}"),
        body.clone(),
    ] {
        assert_hidden(&chain(&PrivateKey::from_pem(wrong).unwrap_err()), &body);
    }
    let private = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    for wrong in [
        RFC_8037.replace('}', ""),
        RFC_8037.replace("\"x\"", "\"y\""),
        RFC_8037.replace("Ed25519", private),
        RFC_8037.replace("OKP", private),
        RFC_8037.replace("nWGxne", "nWGxn+"),
        RFC_8037.replace("\"kty\"", &format!("\"alg\":\"{private}\",\"kty\"")),
    ] {
        assert_hidden(&chain(&PrivateKey::from_jwk(wrong).unwrap_err()), private);
    }
}

/// A command that prints this text. On Windows, `echo` is no program.
fn echo(text: &str) -> AssertionCommand {
    let command = match cfg!(windows) {
        true => AssertionCommand::new("cmd").arg("/C").arg("echo"),
        false => AssertionCommand::new("echo"),
    };
    command.arg(text)
}

#[test]
fn assertions_are_not_printed() {
    let request = AssertionRequest::new(Purpose::ClientAuth);
    let late = || Duration::from_secs(2_000_000_000);
    let expired = jwt(r#"{"sub":"planted","exp":1000000000}"#);
    let damaged = format!("{expired} {expired}");
    for planted in [&expired, &damaged] {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("secrecy-token");
        fs::write(&path, planted).unwrap();
        let text = planted.clone();
        let sources: [Box<dyn AssertionSource>; 3] = [
            Box::new(AssertionFile::new(path).clock(late)),
            Box::new(AssertionCallback::new(move |_| Ok(Secret::new(text.as_str()))).clock(late)),
            Box::new(echo(planted).clock(late)),
        ];
        for source in sources {
            let error = source.assertion(&request).unwrap_err();
            assert_hidden(&chain(&error), planted);
        }
    }
    assert_hidden(&debug(&echo(&expired)), &expired);
    let callback = AssertionCallback::new(move |_| Ok(Secret::new(expired.as_str())));
    assert_eq!(format!("{callback:?}"), "AssertionCallback { .. }");
    assert!(debug(&AssertionVariable::new("CARGO_PKG_NAME")).contains("CARGO_PKG_NAME"));
}

#[test]
fn runners_token_is_not_printed() {
    let token = "the-token-of-the-runner";
    let transport = ScriptedTransport::new(|_| Ok(http::Response::new(Vec::new())));
    let url = "https://token.actions.example/id";
    let threads = GitHubActions::new(transport.clone(), url, Secret::new(token), None).unwrap();
    let tasks = AsyncGitHubActions::new(transport, url, Secret::new(token), None).unwrap();
    let request = github_actions::request(url, &Secret::new(token), None).unwrap();
    let printed = [debug(&threads), debug(&tasks), debug(&request)].concat();
    assert_hidden(&printed, token);
    let error = threads
        .assertion(&AssertionRequest::new(Purpose::ClientAuth))
        .unwrap_err();
    assert_hidden(&chain(&error), token);
}
