//! Delivery keys and the requests of webhooks: printed only by the commands that show them, never in an error or a
//! log.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{Ended, Home, Run};
use edge_oauth_conformance::Planted;
use edge_oauth_local::{Fault, JobOutcome, LocalEdge, Options};

const HEADER: &str = "pl4ntedheader1/+value";
const QUERY: &str = "pl5ntedquery2-+value";
const BODY: &str = "pl6ntedbody3 value";

fn run(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    home.run([&["-vvv"], arguments].concat())
        .edge(edge)
        .talkative()
}

#[track_caller]
fn assert_silent(shown: &str, secrets: &[&str]) {
    for secret in secrets {
        let planted = Planted::new().with("what is secret", secret);
        planted.assert_not_in(shown);
    }
}

/// Responses of a service that repeats a secret from its request, or a similar text.
fn echoes(secret: &str) -> Vec<Fault> {
    let json = serde_json::json!({ "message": format!("do not know {secret}") }).to_string();
    let problem = serde_json::json!({ "errors": { "Key": [secret] } }).to_string();
    vec![
        Fault::status(400).body(json),
        Fault::status(500).body(problem),
        Fault::status(404).body(secret.to_owned()),
        Fault::status(200).body(format!("<{secret}>")),
    ]
}

#[test]
fn a_delivery_key_is_printed_when_it_is_created_and_never_again() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let created = run(&home, &edge, &["keys", "create", "--label", "www"]).finish();
    let key = created.out.trim_end().to_owned();
    assert!(
        created.err.contains(" ureq::run: "),
        "the libraries are heard: {created:?}"
    );
    assert_silent(&created.err, &[&key]);

    let with_key = |arguments: &[&str]| -> Ended {
        let arguments = [&["keys"], arguments, &["--key-file", "-"]].concat();
        run(&home, &edge, &arguments).input(key.as_str()).finish()
    };
    let commands = [
        &["get"][..],
        &["get", "-o", "json"],
        &["rename", "--label", "new"],
        &["revoke", "--yes"],
    ];
    for command in commands {
        for fault in echoes(&key) {
            edge.script_api([fault]).unwrap();
            let ended = with_key(command);
            assert_eq!(ended.status, 4, "{ended:?}");
            assert_silent(&ended.err, &[&key]);
            assert_silent(&ended.out, &[&key]);
        }
        let ended = with_key(command);
        assert_eq!(ended.status, 0, "{ended:?}");
        assert_silent(&ended.err, &[&key]);
        assert_silent(&ended.out, &[&key]);
    }
    let ended = run(&home, &edge, &["keys", "list", "--all"]).finish();
    assert_silent(&ended.err, &[&key]);
    assert_silent(&ended.ok(), &[&key]);
}

// fault: credential-repeated-in-base64
#[test]
fn call_of_any_api_prints_no_credential_that_the_service_repeats() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let token = run(&home, &edge, &["token"]).finish().ok();
    let token = token.trim_end();
    let field = "pl4ntedfield7+value";
    home.write("field", field);
    let call = ["api", "POST", "admin/settings", "-F", "key=@field", "-i"];
    for secret in [token, edge.client_secret()] {
        for fault in echoes(secret) {
            let fault = fault.header("x-echo", secret);
            edge.script_api([fault]).unwrap();
            let ended = run(&home, &edge, &call).finish();
            assert_silent(&ended.err, &[token, edge.client_secret(), field]);
            assert_silent(&ended.out, &[token, edge.client_secret(), field]);
        }
        let list = serde_json::json!([{ "echo": format!("got {secret}") }]).to_string();
        edge.script_api([Fault::status(200).body(list)]).unwrap();
        let call = ["api", "admin/webhooks", "--paginate"];
        let out = run(&home, &edge, &call).finish().ok();
        assert_eq!(out, "[{\"echo\":\"got [redacted]\"}]\n");
        for before in ["", "Bearer ", "local-client:"] {
            let echo = STANDARD.encode(format!("{before}{secret}"));
            let body = serde_json::json!({ "echo": echo }).to_string();
            edge.script_api([Fault::status(200).body(body)]).unwrap();
            let out = run(&home, &edge, &["api", "admin/settings"]).finish().ok();
            assert!(out.contains("[redacted]") && out.len() < 60, "{out}");
        }
    }
    for fault in echoes(field) {
        edge.script_api([fault]).unwrap();
        let ended = run(&home, &edge, &["api", "admin/settings?key=pl5ntedquery"]).finish();
        assert_silent(&ended.err, &["pl5ntedquery"]);
    }
}

// fault: credential-repeated-in-broken-lines
#[test]
fn credential_in_lines_of_base64_is_redacted() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let token = run(&home, &edge, &["token"]).finish().ok();
    let echo = STANDARD.encode(format!("local-client:{}", token.trim_end()));
    let lines: Vec<_> = echo
        .as_bytes()
        .chunks(76)
        .map(String::from_utf8_lossy)
        .collect();
    for line_break in ["\n", "\r\n", "\n    ", "\n\t"] {
        let text = lines.join(line_break);
        let json = serde_json::json!({ "echo": text }).to_string();
        for (body, pointer, length) in [(&json, "", 60), (&json, "/echo", 50), (&text, "", 50)] {
            for status in [200, 400] {
                edge.script_api([Fault::status(status).body(body.clone())])
                    .unwrap();
                let call = ["api", "admin/settings", "--pointer", pointer];
                let call = &call[..if pointer.is_empty() { 2 } else { 4 }];
                let ended = run(&home, &edge, call).finish();
                assert!(ended.out.len() < length, "{ended:?}");
                assert_eq!(ended.out.contains("[redacted]"), status == 200, "{ended:?}");
                assert!(!ended.err.contains(&*lines[2]), "{ended:?}");
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_rotation_hands_the_key_to_its_command_only() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let rotate = ["keys", "rotate", "--create", "--label", "www", "--yes"];
    for (command, status) in [("cat > key", 0), ("cat > key; exit 3", 3)] {
        let arguments = [&rotate[..], &["sh", "-c", command]].concat();
        let ended = run(&home, &edge, &arguments).finish();
        let key = std::fs::read_to_string(home.path.join("key")).unwrap();
        assert_eq!(
            (ended.status, ended.out.as_str()),
            (status, ""),
            "{ended:?}"
        );
        assert_silent(&ended.err, &[&key]);
    }
}

#[test]
fn request_of_a_webhook_is_redacted_by_default() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let secrets = [HEADER, QUERY, BODY];
    home.write("header", format!("x-revalidate: {HEADER}\n"));
    home.write(
        "uri",
        format!("https://www.example.com/hook?secret={QUERY}"),
    );
    home.write("body", BODY);
    let create = [
        "admin", "webhooks", "create", "--label", "a", "--header", "@header", "--uri", "@uri",
        "--body", "@body",
    ];
    for fault in secrets.iter().flat_map(|secret| echoes(secret)) {
        edge.script_api([fault]).unwrap();
        let ended = run(&home, &edge, &create).finish();
        assert_eq!((ended.status, ended.out.as_str()), (4, ""), "{ended:?}");
        assert_silent(&ended.err, &secrets);
    }
    for output in ["text", "json"] {
        let ended = run(&home, &edge, &[&create[..], &["-o", output]].concat()).finish();
        assert_silent(&ended.err, &secrets);
        assert_silent(&ended.ok(), &secrets);
        let list = ["admin", "webhooks", "list", "-o", output];
        let ended = run(&home, &edge, &list).finish();
        assert_silent(&ended.err, &secrets);
        assert_silent(&ended.ok(), &secrets);
        let ended = run(
            &home,
            &edge,
            &[&create[..], &["-o", output, "--show-secrets"]].concat(),
        );
        let ended = ended.finish();
        assert_silent(&ended.err, &secrets);
        let shown = ended.ok();
        assert!(
            secrets.iter().all(|secret| shown.contains(secret)),
            "{shown}"
        );
    }
}

// fault: webhook-url-printed
#[test]
fn path_and_user_of_a_webhook_url_and_messages_of_its_runs_are_redacted() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let secrets = [
        "pl4ntedpath11",
        "pl4nteduser22",
        "pl4ntedpassword3",
        "pl4ntedrun4444",
    ];
    let webhook = |uri: &str| {
        serde_json::json!({
            "id": "1", "label": "a", "uri": uri, "method": "POST", "executionMode": "OnEnd",
            "lastRuns": [{ "success": false, "Message": "POST /pl4ntedrun4444 failed" }],
        })
    };
    let uris = [
        "https://api.example.com:8443/v1/deploy/pl4ntedpath11/hook",
        "https://pl4nteduser22:pl4ntedpassword3@api.example.com:8443/",
        "https://pl4nteduser22@api.example.com:8443#pl4ntedpath11",
        "https://pl4nteduser22:p@pl4ntedpassword3@api.example.com:8443",
    ];
    for uri in uris {
        for (command, output) in [
            (&["list"][..], "text"),
            (&["list"], "json"),
            (&["get", "1"], "text"),
            (&["get", "1"], "json"),
        ] {
            let answer = match command {
                ["list"] => serde_json::json!([webhook(uri)]),
                _ => webhook(uri),
            };
            let arguments = [&["admin", "webhooks"], command, &["-o", output]].concat();
            let show = || {
                let body = answer.to_string();
                edge.script_api([Fault::status(200).body(body)]).unwrap();
            };
            show();
            let ended = run(&home, &edge, &arguments).finish();
            assert_silent(&ended.err, &secrets);
            let out = ended.ok();
            assert_silent(&out, &secrets);
            assert!(out.contains("api.example.com:8443"), "{out}");
            show();
            let arguments = [&arguments[..], &["--show-secrets"]].concat();
            let out = run(&home, &edge, &arguments).finish().ok();
            assert!(out.contains(uri), "{out}");
        }
    }
}

#[test]
fn wrong_value_is_named_and_not_repeated() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    for arguments in [
        &["--header", "x-key pl4ntedvalue4"][..],
        &["--header", "x-key: pl4ntedvalue4\u{1}"],
        &["--body-include", "pl4ntedvalue4"],
        &["--mode", "on-update", "--body", "pl4ntedvalue4"],
    ] {
        let create = ["admin", "webhooks", "create", "--label", "a"];
        let uri = ["--uri", "https://www.example.com/"];
        let ended = run(&home, &edge, &[&create[..], &uri, arguments].concat()).finish();
        assert_silent(&ended.fails(2), &["pl4ntedvalue4"]);
    }
    let insecure = [
        "admin",
        "webhooks",
        "create",
        "--label",
        "a",
        "--uri",
        "http://a.example/pl4ntedvalue4",
    ];
    assert_silent(
        &run(&home, &edge, &insecure).finish().fails(2),
        &["pl4ntedvalue4"],
    );
}

/// Returns the commands that publish, with the arguments that they need for this job.
fn publishing(id: &str) -> [Vec<&str>; 8] {
    let watch = ["--wait", "--interval", "1ms"];
    [
        vec!["all", "--locale", "en"],
        [&["all", "--locale", "en", "-o", "json"][..], &watch].concat(),
        [
            &["items", "0DE95AE4-41AB-4D01-9EB0-67441B7C2450@en"][..],
            &watch,
        ]
        .concat(),
        vec!["status", id],
        [&["status", id][..], &watch].concat(),
        vec!["list"],
        vec!["list", "-o", "json"],
        [&["cancel", id][..], &watch].concat(),
    ]
}

/// Returns the part that all tokens of a server have in common, since a rejected token is replaced.
fn token(home: &Home, edge: &LocalEdge) -> String {
    let token = home.run(["token"]).edge(edge).finish().quiet();
    token.split('.').next().unwrap().to_owned()
}

// fault: most-verbose-logs
#[test]
fn publishing_prints_no_token_and_no_secret() {
    let options = Options::default().publishing_time(std::time::Duration::ZERO);
    let (home, edge) = (Home::new(), LocalEdge::start_with(options).unwrap());
    let token = token(&home, &edge);
    let secrets = [token.as_str(), edge.client_secret()];
    let created = run(&home, &edge, &["publish", "all", "--locale", "en"]).finish();
    let id = created.ok().trim_end().to_owned();
    for arguments in publishing(&id) {
        let arguments = [&["publish"], &arguments[..]].concat();
        let ended = run(&home, &edge, &arguments).finish();
        assert!(
            ended.err.contains(" ureq::run: "),
            "the libraries are heard: {ended:?}"
        );
        // The job has ended, so it cannot be canceled.
        let expected = if arguments.contains(&"cancel") { 4 } else { 0 };
        assert_eq!(ended.status, expected, "{ended:?}");
        assert_silent(&ended.err, &secrets);
        assert_silent(&ended.out, &secrets);
    }
}

// fault: most-verbose-logs
#[test]
fn publishing_api_that_repeats_the_token_reveals_no_token() {
    for arguments in publishing("job_7") {
        for number in 0..4 {
            let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
            let token = home.run(["token"]).edge(&edge).finish().quiet();
            let token = token.trim_end();
            // A watch looks several times.
            let fault = echoes(token).swap_remove(number);
            edge.script_api(vec![fault; 8]).unwrap();
            let arguments = [&["publish"], &arguments[..]].concat();
            let ended = run(&home, &edge, &arguments).finish();
            assert_ne!(ended.status, 0, "{ended:?}");
            let secrets: Vec<_> = token.split('.').collect();
            assert_silent(&ended.err, &secrets);
            assert_silent(&ended.out, &secrets);
        }
    }
}

// fault: job-that-repeats-the-token
#[test]
fn failure_of_a_job_that_repeats_the_token_is_withheld() {
    let options = Options::default().publishing_time(std::time::Duration::ZERO);
    let (home, edge) = (Home::new(), LocalEdge::start_with(options).unwrap());
    let whole = home.run(["token"]).edge(&edge).finish().quiet();
    let whole = whole.trim_end();
    edge.script_jobs([JobOutcome::Failed(format!("Bearer {whole} is refused"))]);
    let all = ["publish", "all", "--locale", "en", "--wait"];
    let ended = run(&home, &edge, &[&all[..], &["--interval", "1ms"]].concat()).finish();
    assert_eq!(ended.status, 6, "{ended:?}");
    assert!(
        ended.err.contains("the job failed: [withheld: "),
        "{ended:?}"
    );
    let secrets: Vec<_> = whole.split('.').collect();
    assert_silent(&ended.err, &secrets);
    let id = ended.out.trim_end();
    let status = run(&home, &edge, &["publish", "status", id]).finish();
    assert_silent(&status.err, &secrets);
    assert_silent(&status.ok(), &secrets);
}
