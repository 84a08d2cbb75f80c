//! `edge-oauth admin`: settings, cache, content and webhooks, as people and scripts have them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Home, Run};
use edge_oauth_conformance::ClosedPort;
use edge_oauth_local::{Fault, LocalEdge};
use serde_json::{Value, json};

fn edge() -> LocalEdge {
    LocalEdge::start().unwrap()
}

fn admin(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    home.run([&["admin"], arguments].concat()).edge(edge)
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Creates a webhook that calls this server, and returns its id.
fn webhook(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> String {
    let url = format!("{}/hook", edge.base_url());
    let create = ["webhooks", "create", "-o", "json", "--label", "Revalidate"];
    let out = admin(
        home,
        edge,
        &[&create[..], &["--uri", &url], arguments].concat(),
    )
    .finish()
    .quiet();
    json_of(&out)["id"].as_str().unwrap().to_owned()
}

fn webhooks(home: &Home, edge: &LocalEdge) -> Value {
    let list = ["webhooks", "list", "-o", "json", "--show-secrets"];
    json_of(&admin(home, edge, &list).finish().quiet())
}

// fault: wrong-path-of-the-apis
#[test]
fn error_names_the_request_and_a_wrong_url_its_variable() {
    let (home, edge) = (Home::new(), edge());
    let wrong = format!("{}/wrong", edge.base_url());
    for (command, request) in [
        (&["settings", "get"][..], "GET URL/api/admin/v1/settings"),
        (&["webhooks", "get", "x"], "GET URL/api/admin/v1/webhooks/x"),
        (&["cache", "clear"], "DELETE URL/api/admin/v1/cache"),
    ] {
        let run = admin(&home, &edge, command).env("SITECORE_EDGE_URL", &wrong);
        let err = run.finish().fails(4);
        let request = request.replace("URL", &wrong);
        assert!(err.contains(&format!("({request})")), "{err}");
    }
    let run = admin(&home, &edge, &["settings", "get"]).env("SITECORE_EDGE_URL", "http://x");
    let err = run.finish().fails(2);
    assert!(err.contains("the URL of the APIs is not"), "{err}");
    assert!(err.contains("from SITECORE_EDGE_URL"), "{err}");
}

#[test]
fn cache_clear_in_two_runs_makes_one_token_request() {
    let (home, edge) = (Home::new(), edge());
    for _ in 0..2 {
        let ended = admin(&home, &edge, &["cache", "clear"]).finish();
        assert!(ended.err.contains("accepted the request"), "{ended:?}");
        assert_eq!(ended.ok(), "");
    }
    let served = edge.served();
    assert_eq!((served.token_requests, served.api_requests), (1, 2));
}

#[test]
fn settings_set_changes_only_the_given_settings() {
    let (home, edge) = (Home::new(), edge());
    let set = [
        "settings",
        "set",
        "--content-cache-ttl",
        "15m",
        "--media-cache-ttl",
        "720d",
        "--tenant-cache-auto-clear",
        "false",
    ];
    let out = admin(&home, &edge, &set).finish().quiet();
    for line in [
        "contentCacheTtl        00:15:00 (15m)",
        "mediaCacheTtl          720.00:00:00 (720d)",
        "contentCacheAutoClear  true",
        "tenantCacheAutoClear   false",
    ] {
        assert!(out.contains(line), "{line} is not in {out}");
    }
    let get = admin(&home, &edge, &["settings", "get"]).finish().quiet();
    assert_eq!(get, out);
    let get = admin(&home, &edge, &["settings", "get", "-o", "json"]).finish();
    let settings = json!({
        "contentCacheTtl": "00:15:00",
        "mediaCacheTtl": "720.00:00:00",
        "contentCacheAutoClear": true,
        "mediaCacheAutoClear": true,
        "tenantCacheAutoClear": false,
    });
    assert_eq!(json_of(&get.quiet()), settings);
}

#[test]
fn invalid_settings_are_refused_before_a_request() {
    let (home, edge) = (Home::new(), edge());
    let set = |arguments: &[&str]| {
        let set = [&["settings", "set"], arguments].concat();
        admin(&home, &edge, &set).finish().fails(2)
    };
    assert!(set(&[]).contains("--content-cache-ttl"));
    let err = set(&["--media-cache-ttl", "1500ms"]);
    assert!(err.contains("mediaCacheTtl has a fraction"), "{err}");
    assert!(set(&["--content-cache-auto-clear", "perhaps"]).contains("true, false"));
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn settings_missing_from_a_response_are_requested() {
    let (home, edge) = (Home::new(), edge());
    edge.script_api([Fault::none().body("")]).unwrap();
    let set = ["settings", "set", "--content-cache-ttl", "1m"];
    let out = admin(&home, &edge, &set).finish().quiet();
    assert!(out.contains("00:01:00"), "{out}");
    assert_eq!(edge.served().api_requests, 2);
}

#[test]
fn content_is_deleted_only_with_yes() {
    let (home, edge) = (Home::new(), edge());
    let err = admin(&home, &edge, &["content", "delete"])
        .finish()
        .fails(2);
    assert!(
        err.contains("cannot be undone") && err.contains("try: use --yes"),
        "{err}"
    );
    assert_eq!(edge.served().token_requests, 0);
    let ended = admin(&home, &edge, &["content", "delete", "--yes"]).finish();
    assert_eq!(ended.ok(), "");
    assert_eq!(edge.served().api_requests, 1);
}

#[test]
fn webhook_is_created_listed_and_shown() {
    let (home, edge) = (Home::new(), edge());
    let none = admin(&home, &edge, &["webhooks", "list"]).finish();
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "no webhook\n"));
    let id = webhook(&home, &edge, &["--header", "x-site: www", "--body", "{}"]);
    admin(&home, &edge, &["cache", "clear"]).finish().ok();
    edge.wait_for_webhook_runs(1);

    let table = admin(&home, &edge, &["webhooks", "list"]).finish().quiet();
    let (header, row) = table.split_once('\n').unwrap();
    assert!(
        header.starts_with("ID") && header.ends_with("URI"),
        "{table}"
    );
    assert_eq!(header.find("URI"), row.find("http://"), "{table}");
    for cell in [id.as_str(), "Revalidate", "enabled", "OnEnd", "failed"] {
        assert!(row.contains(cell), "{cell} is not in {table}");
    }
    let shown = admin(&home, &edge, &["webhooks", "get", &id])
        .finish()
        .quiet();
    for line in [
        "label    Revalidate",
        "header   x-site: [redacted]",
        "run      2",
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    let err = admin(&home, &edge, &["webhooks", "get", "other"])
        .finish()
        .fails(4);
    assert!(
        err.contains("404") && err.contains("webhooks list"),
        "{err}"
    );
}

#[test]
fn webhook_update_keeps_other_and_unknown_members() {
    let (home, edge) = (Home::new(), edge());
    let id = webhook(&home, &edge, &["--header", "x-a: 1", "--header", "x-b: 2"]);
    let update = |arguments: &[&str]| {
        let update = [&["webhooks", "update", &id, "-o", "json"], arguments].concat();
        admin(&home, &edge, &update).finish().quiet();
        webhooks(&home, &edge)[0].clone()
    };
    let before = webhooks(&home, &edge)[0].clone();
    let after = update(&[
        "--label",
        "New",
        "--header",
        "x-c: 3",
        "--remove-header",
        "X-A",
    ]);
    assert_eq!(after["label"], "New");
    assert_eq!(after["headers"], json!({ "x-b": "2", "x-c": "3" }));
    for name in [
        "id",
        "uri",
        "method",
        "executionMode",
        "createdBy",
        "disabled",
    ] {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert_eq!(update(&["--disable"])["disabled"], true);
    assert_eq!(update(&["--label", "Still off"])["disabled"], true);
    assert_eq!(update(&["--enable"])["disabled"], false);
    let include = ["--mode", "on-update", "--body-include", r#"{"site":"www"}"#];
    assert_eq!(update(&include)["bodyInclude"], json!({ "site": "www" }));
    assert_eq!(update(&["--body-include", ""])["bodyInclude"], Value::Null);

    // An unknown member, as a newer service may have it, is written back.
    let mut newer = webhooks(&home, &edge)[0].clone();
    newer["somethingNew"] = json!({ "a": 1 });
    edge.script_api([Fault::none().body(newer.to_string())])
        .unwrap();
    assert_eq!(
        update(&["--label", "Newer"])["somethingNew"],
        json!({ "a": 1 })
    );
}

#[test]
fn webhook_is_deleted_only_with_yes() {
    let (home, edge) = (Home::new(), edge());
    let id = webhook(&home, &edge, &[]);
    admin(&home, &edge, &["webhooks", "delete", &id])
        .finish()
        .fails(2);
    assert_eq!(webhooks(&home, &edge).as_array().unwrap().len(), 1);
    admin(&home, &edge, &["webhooks", "delete", &id, "-y"])
        .finish()
        .ok();
    assert_eq!(webhooks(&home, &edge), json!([]));
    let err = admin(&home, &edge, &["webhooks", "delete", &id, "-y"])
        .finish()
        .fails(4);
    assert!(err.contains("webhooks list"), "{err}");
}

// fault: input-error-names-a-field-of-the-service
#[test]
fn invalid_webhook_is_refused_with_its_option() {
    let (home, edge) = (Home::new(), edge());
    let create = |arguments: &[&str]| {
        let create = ["webhooks", "create", "--label", "a", "--uri"];
        admin(&home, &edge, &[&create[..], arguments].concat())
            .finish()
            .fails(2)
    };
    let good = "https://www.example.com/";
    let err = create(&["http://www.example.com/"]);
    assert!(
        err.contains("--uri is not https") && err.contains("begins with https://"),
        "{err}"
    );
    let err = create(&[good, "--body-include", "[]"]);
    assert!(err.contains("--body-include is not a JSON object"), "{err}");
    assert!(
        create(&[good, "--mode", "on-update", "--body", "x"])
            .contains("--body is for the execution mode OnEnd")
    );
    assert!(create(&[good, "--header", "no colon"]).contains("--header"));
    assert!(create(&[good, "--header", "@missing"]).contains("try: check the path"));
    let err = create(&[good, "--header", "Authorization: Bearer pl4nted"]);
    assert!(
        err.contains("--header @FILE") && !err.contains("pl4nted"),
        "{err}"
    );
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn credentials_of_a_webhook_come_from_files_and_standard_input() {
    let (home, edge) = (Home::new(), edge());
    home.write("headers", "authorization: Bearer one\r\nx-two: 2\n");
    home.write("body", "{\"secret\":\"three\"}\n");
    webhook(&home, &edge, &["--header", "@headers", "--body", "@body"]);
    let create = ["webhooks", "create", "--label", "b", "--uri", "@-"];
    let run = admin(&home, &edge, &create).input("https://www.example.com/?secret=four\n");
    let shown = run.finish().quiet();
    assert!(
        shown.contains("https://www.example.com/[redacted]\n"),
        "{shown}"
    );
    let list = webhooks(&home, &edge);
    assert_eq!(
        list[0]["headers"],
        json!({ "authorization": "Bearer one", "x-two": "2" })
    );
    assert_eq!(list[0]["body"], "{\"secret\":\"three\"}");
    assert_eq!(list[1]["uri"], "https://www.example.com/?secret=four");
}

#[test]
fn token_rejected_by_an_api_is_replaced_in_the_cache() {
    let (home, edge) = (Home::new(), edge());
    let kept = |home: &Home| std::fs::read(home.cached("token")).unwrap();
    admin(&home, &edge, &["cache", "clear"]).finish().ok();
    let before = kept(&home);
    edge.script_api([Fault::status(401)]).unwrap();
    let ended = admin(&home, &edge, &["-v", "cache", "clear"]).finish();
    assert!(
        ended.err.contains("the API rejected the token"),
        "{ended:?}"
    );
    ended.ok();
    assert_eq!(edge.served().token_requests, 2);
    assert_ne!(kept(&home), before);
    admin(&home, &edge, &["cache", "clear"]).finish().ok();
    assert_eq!(edge.served().token_requests, 2);
    admin(&home, &edge, &["--no-cache", "cache", "clear"])
        .finish()
        .ok();
    assert_eq!(edge.served().token_requests, 3);
}

#[test]
fn api_error_has_its_exit_status_and_advice() {
    let (home, edge) = (Home::new(), edge());
    let get = || admin(&home, &edge, &["settings", "get"]).finish();
    edge.script_api([
        Fault::status(429).header("retry-after", "7"),
        Fault::status(502).body("<html>bad gateway</html>"),
        Fault::none().body("<html>sign in</html>"),
        Fault::status(403).body(r#"{"message":"not you"}"#),
    ])
    .unwrap();
    let err = get().fails(4);
    assert!(
        err.contains("429") && err.contains("wait for 7 s") && err.contains("try: "),
        "{err}"
    );
    let err = get().fails(4);
    assert!(err.contains("502") && !err.contains("html"), "{err}");
    assert!(get().fails(4).contains("the body is a web page"));
    let err = get().fails(4);
    assert!(
        err.contains("not you") && err.contains("Edge administration"),
        "{err}"
    );
    let closed = ClosedPort::take();
    let url = format!("http://{}", closed.address());
    let closed = ["--url", &url, "settings", "get"];
    let err = admin(&home, &edge, &closed).finish().fails(5);
    assert!(
        err.contains("no response of the API") && err.contains("--url"),
        "{err}"
    );
}

#[test]
fn url_comes_from_the_option_the_environment_or_the_profile() {
    let (home, edge) = (Home::new(), edge());
    let profile = format!("[profiles.default]\nedge_url = \"{}\"\n", edge.base_url());
    home.configure(&profile);
    let get = |url: &str| {
        let run = home.run(["admin", "settings", "get", "-v"]).edge(&edge);
        run.env("SITECORE_EDGE_URL", url)
    };
    let ended = get("").finish();
    assert!(
        ended.err.contains(&format!("{}: profile", edge.base_url())),
        "{ended:?}"
    );
    ended.ok();
    let err = get("http://www.example.com").finish().fails(2);
    assert!(
        err.contains("https") && err.contains("SITECORE_EDGE_URL"),
        "{err}"
    );
    let flag = get("http://www.example.com").args(["--url", edge.base_url()]);
    flag.finish().ok();
}

#[test]
fn token_of_another_server_is_not_sent_to_the_real_service() {
    let (home, edge) = (Home::new(), edge());
    let run = admin(&home, &edge, &["cache", "clear"]).env("SITECORE_EDGE_URL", "");
    let err = run.finish().fails(2);
    assert!(
        err.contains("edge.sitecorecloud.io") && err.contains("SITECORE_EDGE_URL"),
        "{err}"
    );
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn admin_has_all_options_of_the_client() {
    let help = Home::new()
        .run(["admin", "cache", "clear", "--help"])
        .finish()
        .quiet();
    for option in [
        "--url",
        "--profile",
        "--token-scope",
        "--token-body",
        "--timeout",
        "--no-cache",
    ] {
        assert!(help.contains(option), "{option} is not in {help}");
    }
}
