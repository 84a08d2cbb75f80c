//! `edge-oauth login` and `profile`: a profile that was tried before it is written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};

use common::keys::Key;
use common::{Ended, Home};
use edge_oauth_keys::PrivateKey;
use edge_oauth_local::{AUDIENCE, Client, LocalEdge, Options};

fn login(home: &Home, edge: &LocalEdge, input: &str, arguments: &[&str]) -> Ended {
    let (token_url, base_url) = (edge.token_url(), edge.base_url());
    let of_edge = ["--auth-url", token_url, "--edge-url", base_url];
    let run = home.run([&["login"], &of_edge[..], arguments].concat());
    run.input(input).finish()
}

fn config(home: &Home) -> String {
    fs::read_to_string(home.path.join("config/edge-oauth/config.toml")).unwrap()
}

#[test]
fn login_without_a_terminal_keeps_the_secret_of_standard_input() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let id = ["--client-id", edge.client_id(), "--client-secret-file", "-"];
    let ended = login(&home, &edge, edge.client_secret(), &id);
    assert!(
        ended.err.contains("The profile \"default\" is in "),
        "{ended:?}"
    );
    assert_eq!(ended.ok(), "");
    let text = config(&home);
    assert!(
        text.contains("client_secret_file = \"default.secret\""),
        "{text}"
    );
    assert!(!text.contains(edge.client_secret()), "{text}");
    let secret = home.path.join("config/edge-oauth/default.secret");
    assert_eq!(fs::read_to_string(&secret).unwrap(), edge.client_secret());
    #[cfg(unix)]
    for path in [&secret, &home.path.join("config/edge-oauth/config.toml")] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(home.run(["token"]).finish().quiet().starts_with("ey"));
    home.run(["admin", "settings", "get"]).finish().ok();
}

#[test]
fn login_writes_nothing_if_the_token_is_refused() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let before = "[profiles.other]\nclient_id = \"x\"\n";
    home.configure(before);
    let id = ["--client-id", edge.client_id(), "--client-secret-file", "-"];
    let ended = login(&home, &edge, "pl4nted-wrong-secret", &id);
    assert!(!ended.err.contains("pl4nted"), "{ended:?}");
    ended.fails(4);
    assert_eq!(config(&home), before);
    let files = fs::read_dir(home.path.join("config/edge-oauth")).unwrap();
    assert_eq!(files.count(), 1);
}

// fault: login-names-a-file-that-is-gone
#[test]
fn login_names_the_file_that_stays() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let id = ["login", "--client-id", "me", "--client-secret-file", "-"];
    for (server, wrong) in [
        (["--endpoint", "nonsense"], "not an absolute URL"),
        (["--auth-url", edge.token_url()], "client_secret has a char"),
    ] {
        let run = home
            .run([&id[..], &server].concat())
            .input("planted\nsecret");
        let ended = run.finish();
        assert!(ended.err.contains(wrong), "{ended:?}");
        assert!(!ended.err.contains(".new"), "{ended:?}");
        assert!(!ended.err.contains("planted"), "{ended:?}");
    }
}

#[test]
fn login_replaces_a_profile_only_if_told_to() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.configure(
        "# mine\n[profiles.a]\nclient_id = \"x\"\n# of b\n[profiles.b]\nclient_id = \"y\"\n",
    );
    home.write("secret", edge.client_secret());
    let id = [
        "--client-id",
        edge.client_id(),
        "--client-secret-file",
        "secret",
    ];
    let arguments = [&id[..], &["--profile", "a"]].concat();
    let err = login(&home, &edge, "", &arguments).fails(2);
    assert!(err.contains("--replace"), "{err}");
    login(&home, &edge, "", &[&arguments[..], &["--replace"]].concat()).ok();
    let text = config(&home);
    assert!(
        text.starts_with("# mine\n[profiles.b]\nclient_id = \"y\"\n\n[profiles.a]\n"),
        "{text}"
    );
    assert!(
        home.run(["token", "--profile", "a"])
            .finish()
            .ok()
            .starts_with("ey")
    );
}

#[test]
fn login_without_a_terminal_names_the_missing_option() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    assert!(
        login(&home, &edge, "", &[])
            .fails(2)
            .contains("--client-id")
    );
    let err = login(&home, &edge, "", &["--client-id", "me"]).fails(2);
    assert!(err.contains("--client-secret-command"), "{err}");
    let err = login(&home, &edge, "", &["--profile", "../x"]).fails(2);
    assert!(err.contains("name of the profile"), "{err}");
    let err = home.run(["login"]).edge(&edge).finish().fails(2);
    assert!(err.contains("SITECORE_AUTH_URL is set"), "{err}");
    assert!(err.contains("--edge-url"), "{err}");
    assert!(!home.path.join("config/edge-oauth/config.toml").exists());
}

// fault: profile-without-a-url-of-the-apis
#[test]
fn missing_url_of_the_apis_is_advised_by_what_the_profile_obeys() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.write("secret", edge.client_secret());
    for name in ["default", "local"] {
        let id = ["--client-id", edge.client_id(), "--profile", name];
        let rest = [
            "--auth-url",
            edge.token_url(),
            "--client-secret-file",
            "secret",
        ];
        home.run([&["login"], &id[..], &rest].concat())
            .finish()
            .ok();
    }
    let err = home.run(["admin", "settings", "get"]).finish().fails(2);
    assert!(
        err.contains("--url, SITECORE_EDGE_URL or edge_url"),
        "{err}"
    );

    // A profile that is named is not sent to the server of a variable.
    let named = ["admin", "settings", "get", "--profile", "local"];
    let err = home.run(named).finish().fails(2);
    assert!(
        err.contains("--url, or by edge_url in the profile"),
        "{err}"
    );
    assert!(!err.contains("SITECORE_EDGE_URL"), "{err}");
    let run = home.run(named).env("SITECORE_EDGE_URL", edge.base_url());
    let err = run.finish().fails(2);
    assert!(err.contains("SITECORE_EDGE_URL is set"), "{err}");
    assert_eq!(edge.served().api_requests, 0);
}

// fault: query-in-a-profile
#[test]
fn profiles_are_listed_shown_and_removed() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let id = ["--client-id", edge.client_id(), "--client-secret-file", "-"];
    login(&home, &edge, edge.client_secret(), &id).ok();
    let path = home.path.join("config/edge-oauth/config.toml");
    let text = config(&home)
        + "\n[profiles.old]\nclient_id = \"me\"\ntenant = \"old:t1\"\n[profiles.old.params]\napi_key = \"pl4nted\"\n";
    home.configure(&text);
    let run = |arguments: &[&str]| home.run([&["profile"], arguments].concat()).finish();
    let list = run(&["list"]).quiet();
    assert!(list.contains("old      me"), "{list}");
    assert!(list.contains("Experience Edge, tenant old:t1"), "{list}");
    let json: serde_json::Value =
        serde_json::from_str(&run(&["list", "-o", "json"]).quiet()).unwrap();
    assert_eq!(json[1]["name"], "old");
    assert_eq!(run(&["path"]).quiet(), format!("{}\n", path.display()));
    for output in ["text", "json"] {
        let shown = run(&["show", "old", "-o", output]).quiet();
        assert!(
            shown.contains("old:t1") && !shown.contains("pl4nted"),
            "{shown}"
        );
    }
    run(&["show", "missing"]).fails(2);
    home.configure(
        "[profiles.a]\nendpoint = \"https://me:pl4nted@login.example/token?key=pl4nted\"\nstore = \"redis://:pl4nted@host\"\n",
    );
    for arguments in [
        &["list"][..],
        &["list", "-o", "json"],
        &["show", "a"],
        &["show", "a", "-o", "json"],
    ] {
        let shown = run(arguments).quiet();
        assert!(shown.contains("login.example/token"), "{shown}");
        assert!(!shown.contains("pl4nted"), "{shown}");
    }
    home.configure(&text);
    let err = run(&["remove", "default"]);
    assert!(
        err.err.contains("and so is the file of its secret"),
        "{err:?}"
    );
    assert!(!path.with_file_name("default.secret").exists());
    assert!(config(&home).trim_start().starts_with("[profiles.old]"));
    run(&["remove", "default"]).fails(2);
}

fn edge_that_knows(key: &Key) -> LocalEdge {
    let key = PrivateKey::from_pem(key.0.serialize_pem()).unwrap();
    let client = Client::without_secret("cart").public_key(&key.public_jwk());
    LocalEdge::start_with(Options::default().client(client.unwrap())).unwrap()
}

// fault: login-for-secrets-only
#[test]
fn login_takes_every_credential_of_a_profile() {
    let (home, key) = (Home::new(), Key::new());
    let edge = edge_that_knows(&key);
    let file = key.write(&home, "key.pem");
    let id = [
        "--client-id",
        "cart",
        "--audience",
        AUDIENCE,
        "--profile",
        "cart",
    ];
    let with_key = ["--key-file", "key.pem", "--alg", "ES256"];
    login(&home, &edge, "", &[&id[..], &with_key].concat()).ok();
    let text = config(&home);
    assert!(
        text.contains(&format!("key_file = {:?}", file.to_str().unwrap())),
        "{text}"
    );
    assert!(text.contains("alg = \"ES256\""), "{text}");
    let run = home.run(["token", "--profile", "cart"]);
    assert!(run.finish().quiet().starts_with("ey"));

    // Each of these is in the profile, although this server refuses it.
    home.write("cert.pem", "no certificate");
    for (option, value, status) in [
        ("--client-assertion-file", "missing", 3),
        ("--client-assertion-env", "LOGIN_TOKEN", 3),
        ("--client-assertion-command", "exit 1", 3),
        ("--client-cert", "cert.pem", 3),
        ("--client-auth", "none", 4),
        ("--key-id", "other", 4),
    ] {
        let credential = match option {
            "--key-id" => &with_key[..],
            _ => &[],
        };
        let words = [&id[..], credential, &[option, value, "--replace"]].concat();
        let err = login(&home, &edge, "", &words).fails(status);
        assert!(!err.contains("contradict"), "{err}");
    }
    assert_eq!(config(&home), text);
    let words = [&id[..], &with_key, &["--param", "a=b", "--replace"]].concat();
    let err = login(&home, &edge, "", &words).fails(2);
    assert!(err.contains("in an editor"), "{err}");
}

/// Starts a run that waits for its token response. Returns it with the server's end of the connection.
fn waiting_login(home: &Home, profile: &str) -> (Child, TcpStream) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", silent.local_addr().unwrap());
    let words = ["login", "--auth-url", &url, "--profile", profile];
    let run = home.run(words).args(["--client-id", "me"]);
    let mut run = run.args(["--client-secret-file", "-"]);
    let run = run.command.stdin(Stdio::piped()).stderr(Stdio::null());
    let mut child = run.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"planted-secret").unwrap();
    drop(stdin);
    let connection = silent.accept().unwrap().0;
    (child, connection)
}

// fault: logins-at-once
#[test]
fn logins_at_once_lose_no_profile() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.configure("[profiles.old]\nclient_id = \"x\"\n");
    home.write("secret", edge.client_secret());
    let (mut first, mut connection) = waiting_login(&home, "a");
    let id = ["--client-id", edge.client_id(), "--profile", "b"];
    let arguments = [&id[..], &["--client-secret-file", "secret"]].concat();
    // The others wait for their time.
    let short = [&arguments[..], &["--timeout", "50ms"]].concat();
    let err = login(&home, &edge, "", &short).fails(1);
    assert!(err.contains("another run is changing"), "{err}");
    let second = std::thread::scope(|scope| {
        let second = scope.spawn(|| login(&home, &edge, "", &arguments));
        let body = r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        let length = body.len();
        write!(connection, "{head}content-length: {length}\r\n\r\n{body}").unwrap();
        assert!(first.wait().unwrap().success());
        second.join().unwrap()
    });
    second.ok();
    let text = config(&home);
    for name in ["old", "a", "b"] {
        assert!(text.contains(&format!("[profiles.{name}]")), "{text}");
    }
}

// fault: login-waits-without-a-word
#[cfg(unix)]
#[test]
fn login_says_whose_lock_it_waits_for() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.write("secret", edge.client_secret());
    let config = home.configure("");
    // As `flock FOLDER edge-oauth login` does.
    let folder = fs::File::open(config.parent().unwrap()).unwrap();
    folder.lock().unwrap();
    let words = ["login", "--auth-url", edge.token_url(), "--client-id"];
    let run = home.run(words).args([edge.client_id()]);
    let run = run.args(["--client-secret-file", "secret"]);
    let waits = format!(
        "waiting for the lock of {}",
        config.parent().unwrap().display()
    );
    let run = run.until_it_says(&waits);
    folder.unlock().unwrap();
    run.finish().ok();
}

// fault: killed-login
#[test]
fn killed_login_leaves_nothing_that_stays() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let (mut killed, mut connection) = waiting_login(&home, "default");
    killed.kill().unwrap();
    killed.wait().unwrap();
    let _ = connection.read_to_end(&mut Vec::new());
    let id = ["--client-id", edge.client_id(), "--client-secret-file", "-"];
    login(&home, &edge, edge.client_secret(), &id).ok();
    let files = fs::read_dir(home.path.join("config/edge-oauth")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    names.retain(|name| name != "config.lock");
    names.sort();
    assert_eq!(names, ["config.toml", "default.secret"]);
}

#[cfg(unix)]
mod terminal {
    use std::process::Command;

    use super::*;

    // fault: interrupted-login
    #[test]
    fn interrupted_login_leaves_no_secret_behind() {
        for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
            let home = Home::new();
            let (mut child, connection) = waiting_login(&home, "default");
            let id = child.id().to_string();
            Command::new("kill").args([signal, &id]).status().unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(status));
            drop(connection);
            let files = fs::read_dir(home.path.join("config/edge-oauth")).unwrap();
            assert_eq!(files.count(), 0);
        }
    }

    // fault: login-asks-in-vain
    #[test]
    fn login_asks_nothing_if_its_file_cannot_be_written() {
        let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
        std::os::unix::fs::symlink("missing", home.path.join("link")).unwrap();
        // Nobody can create a file in the second folder.
        for place in ["link", "/proc/edge-oauth.toml"] {
            let run = home.answer_on_terminal(&[("[current]: ", "x"); 3], common::PROGRAM);
            let run = run.args(["login", "--config", place, "--auth-url", edge.token_url()]);
            let ended = run.env("TERM", "xterm").finish();
            assert!(!ended.out.contains("Tenant"), "{ended:?}");
            assert!(
                ended.out.contains("use --config with another file"),
                "{ended:?}"
            );
        }
    }

    fn answered(home: &Home, edge: &LocalEdge, answers: &[(&str, &str)]) -> Ended {
        let run = home.answer_on_terminal(answers, common::PROGRAM);
        let words = ["login", "--auth-url", edge.token_url()];
        run.args(words).env("TERM", "xterm").finish()
    }

    // fault: secret-on-standard-input
    #[test]
    fn login_asks_on_the_terminal_and_hides_the_secret() {
        let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
        let answers = [
            ("[current]: ", ""),
            ("Client id: ", edge.client_id()),
            ("Number [1]: ", ""),
            ("Client secret: ", edge.client_secret()),
        ];
        let shown = answered(&home, &edge, &answers).ok();
        assert!(!shown.contains(edge.client_secret()), "{shown}");
        assert!(shown.contains("The token was requested."), "{shown}");
        home.run(["token"]).finish().quiet();
    }

    #[test]
    fn login_takes_a_command_and_asks_before_it_replaces() {
        let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
        home.write("secret", edge.client_secret());
        home.configure("[profiles.default]\nclient_id = \"x\"\n");
        let replace = ("replace it: ", "Y");
        let answers = [
            replace,
            ("[current]: ", "Current"),
            ("Client id: ", edge.client_id()),
            ("Number [1]: ", "3."),
            ("Command: ", "cat secret"),
        ];
        answered(&home, &edge, &answers).ok();
        let text = config(&home);
        assert!(
            text.contains("client_secret_command = \"cat secret\""),
            "{text}"
        );
        let ended = answered(&home, &edge, &[("replace it: ", "no")]);
        assert_eq!(ended.status, 2, "{ended:?}");
        let older = ("[current]: ", "older");
        let wrong = answered(&home, &edge, &[replace, older, older, older]);
        assert_eq!(wrong.out.matches("the tenant is not one of").count(), 3);
        assert_eq!(wrong.status, 2, "{wrong:?}");
        assert_eq!(config(&home), text);
    }

    // fault: login-for-secrets-only
    #[test]
    fn login_asks_for_a_key_and_its_id() {
        let (home, key) = (Home::new(), Key::new());
        let edge = edge_that_knows(&key);
        key.write(&home, "key.pem");
        let answers = [
            ("[current]: ", "old"),
            ("Id of the tenant: ", "t 1"),
            ("Id of the tenant: ", "t1"),
            ("Client id: ", ""),
            ("Client id: ", "cart"),
            ("Number [1]: ", "10"),
            ("Number [1]: ", "5"),
            ("File of the private key: ", "~/key.pem"),
            ("Key id [the key's own]: ", ""),
        ];
        let url = edge.token_url().to_owned();
        let run = home.answer_on_terminal(&answers, common::PROGRAM);
        let words = ["login", "--auth-url", &url, "--audience", AUDIENCE];
        let shown = run.args(words).env("TERM", "xterm").finish().ok();
        assert!(shown.contains("type a number from 1 to 9"), "{shown}");
        let text = config(&home);
        let expected = [
            "[profiles.default]",
            &format!("auth_url = {url:?}"),
            "client_id = \"cart\"",
            "key_file = \"~/key.pem\"",
            "tenant = \"old:t1\"",
        ];
        for line in expected {
            assert!(text.contains(line), "{text}");
        }
        home.run(["token"]).finish().quiet();
    }

    // fault: login-for-secrets-only
    #[test]
    fn login_asks_for_a_command_that_prints_an_assertion() {
        let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
        let answers = [
            ("[current]: ", ""),
            ("Client id: ", "cart"),
            ("Number [1]: ", "8"),
            ("Command: ", "echo planted; touch ran"),
        ];
        let ended = answered(&home, &edge, &answers);
        assert_eq!(ended.status, 4, "{ended:?}");
        assert!(home.path.join("ran").exists());
        assert!(!ended.out.contains("planted\r\n"), "{ended:?}");
    }

    // fault: login-for-secrets-only
    #[test]
    fn login_asks_for_another_server() {
        let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
        let answers = [
            ("[current]: ", edge.token_url()),
            ("Client id: ", edge.client_id()),
            ("Audience [none]: ", AUDIENCE),
            ("Scopes [none]: ", ""),
            ("Number [1]: ", "1)"),
            ("Client secret: ", edge.client_secret()),
        ];
        let run = home.answer_on_terminal(&answers, common::PROGRAM);
        let run = run.args(["login", "--profile", "other"]);
        let shown = run.env("TERM", "xterm").finish().ok();
        assert!(!shown.contains(edge.client_secret()), "{shown}");
        let text = config(&home);
        assert!(
            text.contains(&format!("endpoint = {:?}", edge.token_url())),
            "{text}"
        );
        home.run(["token", "--profile", "other"]).finish().quiet();
    }
}
