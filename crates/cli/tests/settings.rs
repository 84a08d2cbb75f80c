//! Options before the environment before the profile before the defaults, and the errors of wrong values.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

#[cfg(unix)]
use std::fs;

use common::{Home, Run};
use edge_oauth_local::{AUDIENCE, LocalEdge};

/// Prints the request, which shows the values.
fn request(home: &Home, arguments: &[&str]) -> Run {
    home.run([&["request"], arguments].concat())
}

const FILE: &str = r#"
[profiles.default]
client_id = "of-default"

[profiles.full]
client_id = "of-profile"
endpoint = "https://login.example/token?a=b"
audience = "https://api.example"
scope = "one two"
resource = ["https://one.example", "https://two.example"]
params = { organization_id = "org_1" }
client_auth = "body"
body = "form"
timeout = "10s"
"#;

#[test]
fn flags_come_before_the_environment_before_the_profile() {
    let home = Home::new();
    home.configure(FILE);
    let has = |run: Run, text: &str| {
        let out = run.finish().ok();
        assert!(out.contains(text), "{text} is not in {out}");
    };
    has(request(&home, &[]), "client_id=of-default");
    has(
        request(&home, &["--profile", "full"]),
        "client_id=of-profile",
    );
    let of_environment = |run: Run| run.env("SITECORE_CLIENT_ID", "of-environment");
    has(
        of_environment(request(&home, &["--profile", "full"])),
        "client_id=of-environment",
    );
    has(
        of_environment(request(&home, &["--client-id", "of-flag"])),
        "client_id=of-flag",
    );
    has(
        request(&home, &[]).env("SITECORE_CLIENT_ID", ""),
        "client_id=of-default",
    );
}

#[test]
fn a_profile_has_all_values_and_flags_replace_each() {
    let home = Home::new();
    home.configure(FILE);
    let out = request(&home, &["--profile", "full"]).finish().quiet();
    assert!(
        out.starts_with("POST /token?a=b HTTP/1.1\r\nHost: login.example\r\n"),
        "{out}"
    );
    assert!(
        out.ends_with(
            "audience=https%3A%2F%2Fapi.example&grant_type=client_credentials&client_id=of-profile\
             &client_secret=[redacted]&organization_id=org_1&scope=one+two\
             &resource=https%3A%2F%2Fone.example&resource=https%3A%2F%2Ftwo.example"
        ),
        "{out}"
    );
    let flags = [
        "--profile",
        "full",
        "--endpoint",
        "https://other.example/token",
        "--audience",
        "a",
        "--scope",
        "three",
        "--resource",
        "https://three.example",
        "--param",
        "organization_id=org_2",
        "--param",
        "x=a=b",
        "--body",
        "json",
    ];
    let out = request(&home, &flags).finish().quiet();
    assert!(
        out.ends_with(
            r#"{"audience":"a","grant_type":"client_credentials","client_id":"of-profile","client_secret":"[redacted]","organization_id":"org_2","x":"a=b","scope":"three","resource":"https://three.example"}"#
        ),
        "{out}"
    );
}

#[test]
fn another_endpoint_of_experience_edge_keeps_the_audience_and_any_other_has_none() {
    let home = Home::new();
    let id = ["--client-id", "id"];
    let edge = request(&home, &id).env("SITECORE_AUTH_URL", "https://edge.example/token");
    assert!(
        edge.finish()
            .quiet()
            .contains("audience=https%3A%2F%2Fapi.sitecorecloud.io")
    );
    let other = request(
        &home,
        &[&id[..], &["--endpoint", "https://login.example/token"]].concat(),
    );
    assert!(!other.finish().quiet().contains("audience"));
    let named = request(
        &home,
        &[&id[..], &["--endpoint", "https://login.example/token"]].concat(),
    );
    assert!(
        named
            .env("SITECORE_AUDIENCE", "a")
            .finish()
            .quiet()
            .contains("audience=a&")
    );
}

#[test]
fn variable_that_overrides_a_named_profile_causes_a_warning() {
    let home = Home::new();
    home.configure(FILE);
    let ended = request(&home, &["--profile", "full"])
        .env("SITECORE_CLIENT_ID", "other")
        .env("SITECORE_AUTH_URL", "https://edge.example/token")
        .finish();
    for variable in ["SITECORE_CLIENT_ID", "SITECORE_AUTH_URL"] {
        assert!(
            ended
                .err
                .contains(&format!("the variable {variable} overrides")),
            "{ended:?}"
        );
    }
    ended.ok();
    request(&home, &[])
        .env("SITECORE_CLIENT_ID", "other")
        .finish()
        .quiet();
}

#[test]
fn missing_profile_error_lists_the_existing_ones() {
    let home = Home::new();
    let err = request(&home, &["--profile", "prod"]).finish().fails(2);
    assert!(err.contains("config.toml"), "{err}");
    home.configure(FILE);
    let err = request(&home, &["--profile", "prod"]).finish().fails(2);
    assert!(
        err.contains("\"prod\"") && err.contains("default, full"),
        "{err}"
    );
    let err = request(&home, &["--config", "missing.toml"])
        .finish()
        .fails(2);
    assert!(err.contains("missing.toml"), "{err}");
}

#[test]
fn error_in_the_configuration_is_named_without_its_value() {
    let home = Home::new();
    for (text, named) in [
        (
            "[profiles.a]\nclient_secret = \"hunter2\"",
            "profiles.a.client_secret is refused",
        ),
        (
            "[profiles.a]\nclientid = \"hunter2\"",
            "profiles.a.clientid is not a known key",
        ),
        (
            "[profile.a]\nclient_id = \"hunter2\"",
            "unknown table profile",
        ),
        ("client_id = \"hunter2\"", "unknown key client_id"),
        ("[profiles]\na = \"hunter2\"", "profiles.a is not a table"),
        (
            "[profiles.a]\nclient_id = 1",
            "profiles.a.client_id is not text",
        ),
        ("[profiles.a]\nscope = 1", "profiles.a.scope is neither"),
        (
            "[profiles.a]\nparams = 1",
            "profiles.a.params is not a table",
        ),
        (
            "[profiles.a]\nbody = \"hunter2\"",
            "profiles.a.body is not a known value",
        ),
        (
            "[profiles.a]\ntimeout = \"hunter2\"",
            "profiles.a.timeout is not a time",
        ),
        (
            "[profiles.a]\ntimeout = 10",
            "profiles.a.timeout is not a time",
        ),
        (
            "[profiles.a]\ntimeout = \"0s\"",
            "profiles.a.timeout is not a time",
        ),
        ("[profiles.a]\nclient_id = hunter2", "line 2 is not TOML"),
        ("[profiles.a]\n\nx = 1\nx = 2", "line 4 is not TOML"),
    ] {
        home.configure(text);
        let err = request(&home, &[]).finish().fails(2);
        assert!(
            err.contains(named) && err.contains("config.toml") && !err.contains("hunter2"),
            "{err}"
        );
    }
}

#[cfg(unix)]
#[test]
fn configuration_writable_by_others_is_refused() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    let file = home.configure(FILE);
    for mode in [0o666, 0o646] {
        set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let err = request(&home, &[]).finish().fails(2);
        assert!(
            err.contains(&format!("mode {mode:04o}")) && err.contains("config.toml"),
            "{err}"
        );
    }
    set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    request(&home, &[]).finish().quiet();
}

#[test]
fn secret_of_the_environment_is_not_sent_to_the_server_of_a_named_profile() {
    let home = Home::new();
    home.configure(
        "[profiles.server]\nclient_id = \"a\"\nendpoint = \"http://127.0.0.1:1/\"\n\
         [profiles.file]\nclient_id = \"a\"\nclient_secret_file = \"f\"\n\
         [profiles.id]\nclient_id = \"a\"\nauth_url = \"http://127.0.0.1:1/\"\n",
    );
    let run = |arguments: &[&str]| {
        let run = home.run([&["token", "--no-cache", "--timeout", "1s"], arguments].concat());
        run.env("SITECORE_CLIENT_SECRET", "hunter2")
    };
    for name in ["server", "file", "id"] {
        let err = run(&["--profile", name]).finish().fails(2);
        assert!(
            err.contains("SITECORE_CLIENT_SECRET is set")
                && err.contains(&format!("profile \"{name}\""))
                && err.contains("unset SITECORE_CLIENT_SECRET"),
            "{err}"
        );
    }
    // A credential with its own server, or an unnamed profile, is not affected.
    run(&["--profile", "server", "--endpoint", "http://127.0.0.1:1/"])
        .finish()
        .fails(5);
    run(&["--profile", "server"])
        .env("SITECORE_AUTH_URL", "http://127.0.0.1:1/")
        .finish()
        .fails(5);
}

// fault: profile-secret-to-another-server
#[test]
fn secret_of_a_named_profile_is_not_sent_to_the_server_of_a_variable() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let secret = home.write("secret", edge.client_secret());
    #[cfg(unix)]
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let id = edge.client_id();
    let file = home.configure(&format!(
        "[profiles.default]\nclient_id = {id:?}\nclient_secret_file = {secret:?}\n"
    ));
    let url = edge.token_url();
    let named = ["--profile", "default"];
    let config = ["--config", file.to_str().unwrap()];
    let run = |arguments: &[&str]| {
        home.run([&["token", "--no-cache"], arguments].concat())
            .env("SITECORE_AUTH_URL", url)
    };
    for names in [named, config] {
        let err = run(&names).finish().fails(2);
        assert!(
            err.contains("SITECORE_AUTH_URL is set") && err.contains("unset SITECORE_AUTH_URL"),
            "{err}"
        );
    }
    assert_eq!(edge.served().token_requests, 0);
    // The command line can override it.
    let audience = ["--audience", edge_oauth_local::AUDIENCE];
    run(&[&named[..], &["--endpoint", url], &audience].concat())
        .finish()
        .ok();
}

// fault: profile-secret-to-another-server
#[test]
fn token_of_a_named_profile_is_not_sent_to_the_apis_of_a_variable() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let secret = home.write("secret", edge.client_secret());
    #[cfg(unix)]
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (id, url) = (edge.client_id(), edge.token_url());
    home.configure(&format!(
        "[profiles.edge]\nclient_id = {id:?}\nclient_secret_file = {secret:?}\nauth_url = {url:?}\n"
    ));
    let run = |arguments: &[&str]| {
        let words = ["admin", "settings", "get", "--profile", "edge"];
        home.run([&words, arguments].concat())
            .env("SITECORE_EDGE_URL", edge.base_url())
    };
    let err = run(&[]).finish().fails(2);
    assert!(err.contains("SITECORE_EDGE_URL is set"), "{err}");
    assert_eq!(edge.served().token_requests, 0);
    run(&["--url", edge.base_url()]).finish().ok();
}

#[test]
fn a_profile_can_name_another_endpoint_of_experience_edge() {
    let home = Home::new();
    home.configure(
        "[profiles.default]\nclient_id = \"a\"\nauth_url = \"https://edge.example/token\"\n",
    );
    let out = request(&home, &[]).finish().quiet();
    assert!(
        out.contains("Host: edge.example")
            && out.contains("audience=https%3A%2F%2Fapi.sitecorecloud.io"),
        "{out}"
    );
    home.configure(
        "[profiles.a]\nauth_url = \"https://a.example/\"\nendpoint = \"https://b.example/\"\n",
    );
    let err = request(&home, &[]).finish().fails(2);
    assert!(err.contains("both endpoint and auth_url"), "{err}");
}

#[test]
fn paths_in_the_file_are_relative_to_it_or_to_the_home() {
    let home = Home::new();
    home.write("etc/secrets/one", "");
    home.write("two", "");
    for (path, named) in [
        ("secrets/one", "etc/secrets/one is empty"),
        ("~/two", "two is empty"),
    ] {
        let text =
            format!("[profiles.default]\nclient_id = \"id\"\nclient_secret_file = {path:?}\n");
        let file = home.write("etc/edge.toml", text);
        let run = home.run(["token", "--config", file.to_str().unwrap()]);
        let err = run.finish().fails(3);
        assert!(err.replace('\\', "/").contains(named), "{err}");
    }
}

#[test]
fn wrong_value_is_reported_with_its_origin() {
    let home = Home::new();
    let err = request(&home, &[]).finish().fails(3);
    assert!(
        err.contains("no client id") && err.contains("SITECORE_CLIENT_ID"),
        "{err}"
    );
    assert!(
        err.contains("edge-oauth login") && !err.contains("doctor"),
        "{err}"
    );
    let err = request(&home, &["--client-id", "a\u{e9}"])
        .finish()
        .fails(3);
    assert!(
        err.contains("client_id") && err.contains("--client-id"),
        "{err}"
    );
    let err = request(&home, &["--client-id", "a"])
        .env("SITECORE_AUTH_URL", "http://edge.example/")
        .finish()
        .fails(2);
    assert!(err.contains("from SITECORE_AUTH_URL"), "{err}");
    for param in ["x", "=x"] {
        let err = request(&home, &["--client-id", "a", "--param", param])
            .finish()
            .fails(2);
        assert!(err.contains("NAME=VALUE"), "{err}");
    }
    request(&home, &["--client-id", "a", "--resource", "x"])
        .finish()
        .fails(2);
    request(&home, &["--client-id", "a", "--audience", ""])
        .finish()
        .fails(2);
    for time in ["soon", "0s"] {
        let err = request(&home, &["--client-id", "a", "--timeout", time]);
        assert!(err.finish().fails(2).contains("such as 10s"));
    }
    let err = request(&home, &["--client-id", "a", "--param", "scope=x"]);
    let err = err.finish().fails(2);
    assert!(err.contains("try: use the option for it"), "{err}");
}

// fault: files-without-end
#[cfg(unix)]
#[test]
fn endless_files_are_refused() {
    let home = Home::new();
    let id = ["--client-id", "a"];
    let err = request(&home, &[&id[..], &["--config", "/dev/zero"]].concat());
    let err = err.finish().fails(2);
    assert!(err.contains("/dev/zero: is larger than 1024 KiB"), "{err}");
    let token = home.run(["token", "--client-id", "a", "--cacert", "/dev/zero"]);
    let err = token.env("SITECORE_CLIENT_SECRET", "s").finish().fails(2);
    assert!(err.contains("/dev/zero: is larger than 16384 KiB"), "{err}");
}

// fault: pipe-without-a-writer
#[cfg(unix)]
#[test]
fn pipe_without_a_writer_is_waited_for_within_the_timeout() {
    let home = Home::new();
    home.run_other("mkfifo")
        .args(["-m", "600", "pipe"])
        .finish()
        .ok();
    let soon = ["--timeout", "10ms"];
    let err = request(&home, &[&soon[..], &["--config", "pipe"]].concat());
    let err = err.finish().fails(2);
    assert!(err.contains("pipe without a writer"), "{err}");
    let id = ["token", "--client-id", "a"];
    // The certificates are read at the first request, after the cache.
    let later = ["--timeout", "500ms"];
    for (option, status, time) in [("--client-secret-file", 3, soon), ("--cacert", 2, later)] {
        let run = home.run([&id[..], &time, &[option, "pipe"]].concat());
        let run = match option {
            "--cacert" => run.env("SITECORE_CLIENT_SECRET", "s"),
            _ => run,
        };
        let err = run.finish().fails(status);
        assert!(err.contains("pipe without a writer"), "{err}");
    }
}

// fault: byte-order-mark
#[test]
fn byte_order_mark_of_a_configuration_is_dropped_and_utf_16_is_named() {
    let home = Home::new();
    home.configure(&format!("\u{feff}{FILE}"));
    request(&home, &[]).finish().quiet();
    let utf_16: Vec<u8> = format!("\u{feff}{FILE}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    home.write("config/edge-oauth/config.toml", utf_16);
    let err = request(&home, &[]).finish().fails(2);
    assert!(err.contains("UTF-16"), "{err}");
}

// fault: private-group-refused
#[cfg(unix)]
#[test]
fn variable_turns_off_the_file_permission_checks() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    let file = home.configure(FILE);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    request(&home, &[]).finish().fails(2);
    let trusting = |value| request(&home, &[]).env("EDGE_OAUTH_TRUST_FILES", value);
    trusting("0").finish().fails(2);
    trusting("1").finish().quiet();
}

#[test]
fn authorities_that_cannot_be_read_are_named() {
    let home = Home::new();
    home.write("empty.pem", "");
    home.write(
        "broken.pem",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    );
    for file in ["missing.pem", "empty.pem", "broken.pem"] {
        let run = home.run(["token", "--client-id", "a", "--cacert", file]);
        let err = run.env("SITECORE_CLIENT_SECRET", "s").finish().fails(2);
        assert!(err.contains(file), "{err}");
    }
}

// fault: home-that-is-no-folder
#[test]
fn home_that_is_no_folder_has_no_configuration() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let file = home.write("file", "");
    let run = home.run(["token", "--no-cache"]).edge(&edge);
    let ended = run.env("XDG_CONFIG_HOME", &file).finish();
    assert!(ended.quiet().starts_with("ey"));
    let run = home.run(["token", "--profile", "a"]).edge(&edge);
    let err = run.env("XDG_CONFIG_HOME", &file).finish().fails(2);
    assert!(err.contains("does not exist"), "{err}");
}

// fault: spaces-around-a-value
#[test]
fn spaces_around_a_value_are_named() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    for (variable, value, name, status) in [
        ("SITECORE_CLIENT_ID", edge.client_id(), "client id", 4),
        (
            "SITECORE_CLIENT_SECRET",
            edge.client_secret(),
            "client secret",
            4,
        ),
        ("SITECORE_AUDIENCE", AUDIENCE, "audience", 4),
        ("SITECORE_AUTH_URL", edge.token_url(), "endpoint", 2),
    ] {
        for value in [format!(" {value}"), format!("{value} ")] {
            let run = home.run(["token"]).edge(&edge).env(variable, &value);
            let err = run.finish().fails(status);
            let warning =
                format!("warning: the {name} begins or ends with a space (from {variable})");
            assert_eq!(err.matches(&warning).count(), 1, "{err}");
            assert!(!err.contains(edge.client_secret()), "{err}");
        }
    }
}

// fault: spaces-around-a-value
#[test]
fn spaces_around_a_parameter_are_not_those_of_the_client_secret() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let pin = ["token", "--no-cache", "--param-env", "pin=PIN"];
    let run = home.run(pin).edge(&edge).env("PIN", " 1234 ");
    assert!(run.finish().quiet().starts_with("ey"));
}
