//! Profiles: the variables that choose one, the kind of tenant, and the command that prints the secret.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::Home;
use edge_oauth_local::LocalEdge;

#[test]
fn variables_choose_the_profile_and_its_file() {
    let home = Home::new();
    home.configure(
        "[profiles.default]\nclient_id = \"one\"\n[profiles.other]\nclient_id = \"two\"\n",
    );
    home.write("mine.toml", "[profiles.default]\nclient_id = \"three\"\n");
    let request = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut run = home.run([&["request"], arguments].concat());
        for (name, value) in variables {
            run = run.env(name, value);
        }
        run.finish()
    };
    let has = |arguments: &[&str], variables: &[(&str, &str)], id: &str| {
        let out = request(arguments, variables).ok();
        assert!(out.contains(&format!("client_id={id}&")), "{out}");
    };
    has(&[], &[], "one");
    has(&[], &[("EDGE_OAUTH_PROFILE", "other")], "two");
    has(
        &["--profile", "default"],
        &[("EDGE_OAUTH_PROFILE", "other")],
        "one",
    );
    has(&[], &[("EDGE_OAUTH_CONFIG", "mine.toml")], "three");
    has(
        &["--config", "mine.toml"],
        &[("EDGE_OAUTH_CONFIG", "missing")],
        "three",
    );
    let err = request(&[], &[("EDGE_OAUTH_PROFILE", "missing")]).fails(2);
    assert!(err.contains("no profile \"missing\""), "{err}");
    let err = request(&[], &[("EDGE_OAUTH_CONFIG", "missing")]).fails(2);
    assert!(err.contains("the configuration file missing"), "{err}");
}

// fault: profile-secret-to-another-server
#[test]
fn profile_that_a_variable_names_is_bound_too() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.write("secret", "hunter2");
    home.configure("[profiles.edge]\nclient_id = \"me\"\nclient_secret_command = \"cat secret\"\n");
    let run = home.run(["token"]).edge_without_secret(&edge);
    let err = run.env("EDGE_OAUTH_PROFILE", "edge").finish().fails(2);
    assert!(
        err.contains("has a client_secret_command: that is not sent"),
        "{err}"
    );
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn secret_of_a_variable_goes_to_an_old_tenant_of_a_named_profile() {
    let home = Home::new();
    home.configure(
        "[profiles.old]\nclient_id = \"a\"\ntenant = \"old:t\"\n[profiles.beta]\nclient_id = \"a\"\ntenant = \"pre-production\"\n",
    );
    // A proxy that is not there takes the place of the server.
    for (profile, status) in [("old", 5), ("beta", 2)] {
        let arguments = [
            "token",
            "--no-cache",
            "--timeout",
            "1s",
            "--profile",
            profile,
        ];
        let run = home.run(arguments).env("SITECORE_CLIENT_SECRET", "hunter2");
        run.env("HTTPS_PROXY", "http://127.0.0.1:1")
            .finish()
            .fails(status);
    }
}

#[test]
fn tenant_decides_endpoint_and_audience() {
    let home = Home::new();
    home.configure("[profiles.default]\nclient_id = \"me\"\n[profiles.old]\nclient_id = \"me\"\ntenant = \"old:my-tenant\"\n");
    let request = |arguments: &[&str]| home.run([&["request"], arguments].concat());
    let old = "audience=https%3A%2F%2Fdelivery.sitecore.cloud%2Fmy-tenant";
    for (arguments, host, audience) in [
        (&["--profile", "old"][..], "auth.sitecorecloud.io", old),
        (&["--tenant", "old:my-tenant"], "auth.sitecorecloud.io", old),
        (
            &["--profile", "old", "--tenant", "pre-production"],
            "auth-beta.sitecorecloud.io",
            "audience=https%3A%2F%2Fapi-beta.sitecorecloud.io",
        ),
        (
            &["--tenant", "old:my-tenant", "--audience", "urn:mine"],
            "auth.sitecorecloud.io",
            "audience=urn%3Amine",
        ),
    ] {
        let out = request(arguments).finish().ok();
        assert!(
            out.contains(&format!("Host: {host}\r\n")) && out.contains(audience),
            "{out}"
        );
    }
    let out = request(&["--tenant", "old:my-tenant"]).env("SITECORE_AUDIENCE", "urn:env");
    assert!(out.finish().ok().contains(old));
    let both = ["--tenant", "current", "--endpoint", "https://a.example/"];
    request(&both).finish().fails(2);
    request(&["--tenant", "older"]).finish().fails(2);
    for wrong in [
        "tenant = \"older\"",
        "tenant = \"current\"\nendpoint = \"https://a.example/\"",
    ] {
        home.configure(&format!(
            "[profiles.default]\nclient_id = \"me\"\n{wrong}\n"
        ));
        request(&[]).finish().fails(2);
    }
}

// fault: message-that-steers-the-terminal
#[cfg(unix)]
#[test]
fn name_in_a_message_steers_no_terminal() {
    let home = Home::new();
    home.configure("[profiles.\"a\\u001b]0;x\\u0007\\u009b2J\\u202e\"]\nclient_id = 1\n");
    let run = home.run_on_terminal(("", ""), &["profile", "list"]);
    let ended = run.env("TERM", "xterm").finish();
    assert!(
        ended.out.contains("profiles.a?]0;x??2J?.client_id"),
        "{ended:?}"
    );
    home.configure("[profiles.\"a\\u001b]0;x\\u0007\"]\n");
    let run = home.run_on_terminal(("", ""), &["token", "--profile", "b"]);
    let ended = run.env("TERM", "xterm").finish();
    assert!(ended.out.contains("its profiles: a?]0;x?"), "{ended:?}");
}

// fault: command-that-closes-its-output
#[cfg(unix)]
#[test]
fn command_of_the_profile_prints_the_secret() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    home.write("secret", format!("{}\n", edge.client_secret()));
    let profile = |command: &str| {
        home.configure(&format!(
            "[profiles.local]\nclient_id = {:?}\nauth_url = {:?}\nclient_secret_command = {command:?}\n",
            edge.client_id(),
            edge.token_url()
        ));
        home.run(["token", "--no-cache", "--profile", "local"])
    };
    assert!(profile("cat 'secret'").finish().quiet().starts_with("ey"));
    let by_option = [
        "--profile",
        "local",
        "--no-cache",
        "--client-secret-command",
        "cat secret",
    ];
    let run = home.run([&["token"][..], &by_option].concat());
    assert!(run.finish().quiet().starts_with("ey"));
    let out = home.run(["doctor", "--profile", "local"]).finish().ok();
    assert!(out.contains("the command of profile"), "{out}");

    let err = profile("echo pl4nted-secret; exec >&-; exec sleep 60")
        .args(["--timeout", "1s"])
        .finish()
        .fails(3);
    assert!(err.contains("did not end in time"), "{err}");
    let err = profile("echo pl4nted-secret; echo locked >&2; exit 3")
        .finish()
        .fails(3);
    assert!(
        err.contains("locked") && err.contains("failed: exit status: 3"),
        "{err}"
    );
    assert!(!err.contains("pl4nted"), "{err}");
    for (command, says) in [
        ("true", "is empty"),
        ("head -c 100000 /dev/zero", "is larger than 64 KiB"),
        ("no-such-program-here", "failed: exit status: 127"),
    ] {
        let err = profile(command).finish().fails(3);
        assert!(err.contains(says), "{err}");
    }
    let slow = profile("exec sleep 600").args(["--timeout", "100ms"]);
    assert!(slow.finish().fails(3).contains("did not end in time"));
    let both = home.configure(
        "[profiles.local]\nclient_id = \"a\"\nclient_secret_file = \"b\"\nclient_secret_command = \"c\"\n",
    );
    assert!(both.exists());
    let err = home.run(["token", "--profile", "local"]).finish().fails(2);
    assert!(err.contains("two places of the client secret"), "{err}");
}
