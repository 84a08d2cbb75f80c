//! `edge-oauth api`: calls of any API.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::api::{Api, Call};
use common::{Home, Run};
use edge_oauth_local::LocalEdge;

/// Returns a call by a client of Experience Edge whose token endpoint and APIs are at this server.
fn call(home: &Home, api: &Api, arguments: &[&str]) -> Run {
    home.run([&["api"], arguments].concat())
        .env("SITECORE_AUTH_URL", api.token_url())
        .env("SITECORE_EDGE_URL", api.base())
        .env("SITECORE_CLIENT_ID", "my-client")
        .env("SITECORE_CLIENT_SECRET", "planted-secret")
}

#[test]
fn path_is_called_with_the_token_and_its_body_is_printed() {
    let (home, api) = (Home::new(), Api::start());
    api.respond(200, "", r#"{ "a": 1.10 }"#);
    let out = call(&home, &api, &["/api/admin/v1/settings?x=1"]).finish();
    assert_eq!(out.quiet(), r#"{ "a": 1.10 }"#);
    let head = api.last().head;
    assert!(
        head.starts_with("GET /api/admin/v1/settings?x=1 HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.contains("authorization: Bearer t0ken-number-1"),
        "{head}"
    );
    assert!(!head.to_lowercase().contains("content-type"), "{head}");
}

#[test]
fn service_is_called_by_its_name() {
    let (home, api) = (Home::new(), Api::start());
    for (given, path) in [
        ("admin/settings", "/api/admin/v1/settings"),
        // As the documentation of the API writes it.
        ("admin/v1/settings", "/api/admin/v1/settings"),
        ("tokens?label=a", "/api/apikey/v1?label=a"),
        (
            "publishing/jobs?pageSize=2",
            "/authoring/publishing/v1/jobs?pageSize=2",
        ),
        ("deploy/api/projects/v2", "/api/projects/v2"),
    ] {
        call(&home, &api, &[given]).finish().ok();
        let head = api.last().head;
        assert!(
            head.starts_with(&format!("GET {path} HTTP/1.1\r\n")),
            "{head}"
        );
    }
    let err = call(&home, &api, &["nonsense/x"]).finish().fails(2);
    assert!(err.contains("admin, tokens, publishing"), "{err}");
    assert_eq!(api.calls().len(), 5);
}

#[test]
fn fields_are_a_json_body_or_a_query() {
    let (home, api) = (Home::new(), Api::start());
    home.write("name", "from a file\n");
    let fields = ["-F", "count=7", "-f", "text=7", "-F", "names[]=@name"];
    call(&home, &api, &[&["/x"][..], &fields].concat())
        .finish()
        .ok();
    let last = api.last();
    assert!(last.head.starts_with("POST /x "), "{last:?}");
    assert!(
        last.head.contains("content-type: application/json\r\n"),
        "{last:?}"
    );
    let body: serde_json::Value = serde_json::from_str(&last.body).unwrap();
    let expected = serde_json::json!({ "text": "7", "count": 7, "names": ["from a file"] });
    assert_eq!(body, expected);
    call(&home, &api, &["get", "/x?a=b", "-F", "c=d e|f"])
        .finish()
        .ok();
    let head = api.last().head;
    assert!(head.starts_with("GET /x?a=b&c=d+e%7Cf "), "{head}");
}

#[test]
fn body_is_read_from_a_file_or_standard_input() {
    let (home, api) = (Home::new(), Api::start());
    let body = home.write("body", "PK-zip");
    let body = body.to_str().unwrap();
    let header = ["-H", "Content-Type: application/zip"];
    let arguments = [&["PUT", "/x", "--input", body][..], &header].concat();
    call(&home, &api, &arguments).finish().ok();
    let last = api.last();
    assert!(last.head.starts_with("PUT /x "), "{last:?}");
    assert!(
        last.head.contains("content-type: application/zip\r\n"),
        "{last:?}"
    );
    assert_eq!(last.body, "PK-zip");
    let arguments = ["/x", "--input", "-", "-F", "a=b"];
    call(&home, &api, &arguments)
        .input(r#"{"c":1}"#)
        .finish()
        .ok();
    let last = api.last();
    assert!(last.head.starts_with("POST /x?a=b "), "{last:?}");
    assert_eq!(last.body, r#"{"c":1}"#);
}

// fault: post-without-a-length
#[test]
fn post_without_a_body_has_a_length() {
    let (home, api) = (Home::new(), Api::start());
    for arguments in [&["POST", "/x"][..], &["-X", "POST", "/x"]] {
        call(&home, &api, arguments).finish().ok();
        let head = api.last().head;
        assert!(head.starts_with("POST /x "), "{head}");
        assert!(head.contains("content-length: 0\r\n"), "{head}");
    }
}

#[test]
fn rejected_token_is_replaced_once() {
    let (home, api) = (Home::new(), Api::start());
    api.respond(401, "", "");
    api.respond(200, "", "done");
    assert_eq!(call(&home, &api, &["/x"]).finish().ok(), "done");
    assert_eq!((api.calls().len(), api.tokens()), (2, 2));
    api.respond(401, "", "");
    api.respond(401, "", "");
    call(&home, &api, &["/x"]).finish().fails(4);
    assert_eq!((api.calls().len(), api.tokens()), (4, 3));
}

#[test]
fn head_of_the_response_is_included() {
    let (home, api) = (Home::new(), Api::start());
    api.respond(201, "Location: /x/7\n", "{}");
    let out = call(&home, &api, &["-i", "POST", "/x"]).finish().ok();
    assert!(out.starts_with("HTTP/1.1 201 Created\n"), "{out}");
    assert!(
        out.contains("location: /x/7\n") && out.ends_with("\n\n{}"),
        "{out}"
    );
}

// fault: header-with-a-line-break
#[test]
fn header_of_an_argument_is_one_line() {
    let (home, api) = (Home::new(), Api::start());
    let header = ["/x", "-H", "a: b\r\nAuthorization: c"];
    let err = call(&home, &api, &header).finish().fails(2);
    assert!(err.contains("--header has a line break"), "{err}");
    let err = call(&home, &api, &["https://me@cm.sitecorecloud.io/x"]);
    let err = err.finish().fails(2);
    assert!(err.contains("try: remove it"), "{err}");
}

#[test]
fn value_at_a_pointer_is_printed_alone() {
    let (home, api) = (Home::new(), Api::start());
    for (pointer, expected) in [("/a/0/b", "text\n"), ("/a", "[{\"b\":\"text\"}]\n")] {
        api.respond(200, "", r#"{ "a": [{ "b": "text" }] }"#);
        let out = call(&home, &api, &["/x", "--pointer", pointer]).finish();
        assert_eq!(out.quiet(), expected);
    }
    let err = call(&home, &api, &["/x", "--pointer", "/c"])
        .finish()
        .fails(1);
    assert!(err.contains("nothing at the place"), "{err}");
    call(&home, &api, &["/x", "--pointer", "a"])
        .finish()
        .fails(2);
}

#[test]
fn error_is_explained_and_its_body_is_printed() {
    let (home, api) = (Home::new(), Api::start());
    let problem = r#"{"title":"Conflict","detail":"it runs already"}"#;
    api.respond(409, "Content-Type: application/problem+json\n", problem);
    let ended = call(&home, &api, &["POST", "/x"]).finish();
    assert_eq!((ended.status, ended.out.trim_end()), (4, problem));
    assert!(
        ended.err.contains("409: Conflict: it runs already"),
        "{ended:?}"
    );
    for (status, advice) in [
        (521, "did not reach"),
        (524, "outcome is unknown"),
        (404, "404"),
    ] {
        api.respond(status, "Content-Type: text/html\n", "<html>down</html>");
        let ended = call(&home, &api, &["/x"]).finish();
        assert_eq!(ended.status, 4);
        assert!(ended.err.contains(advice), "{ended:?}");
    }
}

// fault: mistyped-path-of-an-api
#[test]
fn error_names_the_request_without_its_query() {
    let (home, api) = (Home::new(), Api::start());
    let path = "/api/admin/v1/setings?key=planted";
    for (status, url) in [(404, path.to_owned()), (503, api.base().to_owned() + path)] {
        api.respond(status, "", "");
        let err = call(&home, &api, &["PUT", &url]).finish().err;
        let request = format!("(PUT {}/api/admin/v1/setings)", api.base());
        assert!(err.contains(&request), "{err}");
        assert!(!err.contains("planted"), "{err}");
    }
    api.respond(404, "", "");
    let err = call(&home, &api, &["admin/x", "--paginate"]).finish().err;
    let request = format!("(GET {}/api/admin/v1/x)", api.base());
    assert!(err.contains(&request), "{err}");
}

// fault: response-that-steers-the-terminal
#[cfg(unix)]
#[test]
fn response_steers_no_terminal() {
    let (home, api) = (Home::new(), Api::start());
    let steering = "\u{1b}]0;planted\u{7}\u{9b}2J\u{202e}";
    for (status, exit) in [(200, 0), (400, 4), (500, 4)] {
        for arguments in [&["/x"][..], &["/x", "-i"]] {
            let body = format!("a{steering}b");
            api.respond(status, "X-Mine: c\u{9b}2Jd\n", &body);
            let run = home.run_on_terminal(("", ""), &[&["api"], arguments].concat());
            let run = run
                .env("SITECORE_AUTH_URL", api.token_url())
                .env("SITECORE_EDGE_URL", api.base())
                .env("SITECORE_CLIENT_ID", "my-client")
                .env("SITECORE_CLIENT_SECRET", "planted-secret")
                .env("TERM", "dumb");
            let ended = run.finish();
            assert_eq!(ended.status, exit, "{ended:?}");
            let steers = |c: char| c.is_control() && !"\r\n\t".contains(c) || c == '\u{202e}';
            assert!(!ended.out.contains(steers), "{ended:?}");
        }
    }
}

// fault: token-that-is-cached-no-more
#[test]
fn repeated_token_is_redacted_if_it_is_rejected_or_short_lived() {
    let echo = "t0ken-number-1, t0ken-number-2, t0ken-number-3";
    let headers = format!("X-Echo: {echo}\n");
    for (lifetime, statuses) in [
        (3600, &[401, 200][..]),
        (3600, &[401, 401]),
        (1, &[200]),
        (1, &[401, 200]),
    ] {
        let (home, api) = (Home::new(), Api::start());
        api.set_lifetime(lifetime);
        for status in statuses {
            api.respond(*status, &headers, echo);
        }
        let ended = call(&home, &api, &["/x", "-i"]).finish();
        assert!(ended.out.contains("x-echo: "), "{ended:?}");
        for Call { head, .. } in api.calls() {
            let token = head.split_once("Bearer ").unwrap().1;
            let token = token.lines().next().unwrap();
            assert!(!ended.out.contains(token), "{token}: {ended:?}");
        }
    }
}

// fault: redirect-of-an-api
#[test]
fn redirect_is_not_followed_and_its_host_is_named() {
    let (home, api) = (Home::new(), Api::start());
    api.respond(302, "Location: https://elsewhere.example/?secret=1\n", "");
    let err = call(&home, &api, &["/x"]).finish().fails(4);
    assert!(err.contains("refers to elsewhere.example,"), "{err}");
    assert!(!err.contains("secret=1"), "{err}");
    assert_eq!(api.calls().len(), 1);
}

// fault: web-page-as-a-success
#[test]
fn web_page_is_no_success() {
    let (home, api) = (Home::new(), Api::start());
    api.respond(200, "Content-Type: text/html\n", "<html>Log in</html>");
    let ended = call(&home, &api, &["/x"]).finish();
    assert_eq!(ended.status, 4, "{ended:?}");
    assert!(ended.err.contains("web page"), "{ended:?}");
}

// fault: graphql-error-as-a-success
#[test]
fn graphql_error_is_an_error() {
    let (home, api) = (Home::new(), Api::start());
    let body = r#"{"errors":[{"message":"Not authorized","extensions":{"code":"AUTH_NOT_AUTHORIZED"}}],"data":null}"#;
    api.respond(200, "", body);
    let path = "/sitecore/api/authoring/graphql/v1";
    let ended = call(&home, &api, &["POST", path, "-f", "query={ x }"]).finish();
    assert_eq!((ended.status, ended.out.as_str()), (4, body));
    assert!(
        ended
            .err
            .contains("GraphQL: Not authorized AUTH_NOT_AUTHORIZED"),
        "{ended:?}"
    );
    assert!(ended.err.contains("roles of a new client"), "{ended:?}");
    api.respond(200, "", r#"{"errors":["a report, and not GraphQL"]}"#);
    call(&home, &api, &["/x"]).finish().ok();
}

// fault: wrong-kind-of-client-at-an-api
#[test]
fn wrong_kind_of_client_is_named() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    edge.script_api([edge_oauth_local::Fault::status(403)])
        .unwrap();
    let ended = home.run(["api", "admin/settings"]).edge(&edge).finish();
    assert_eq!(ended.status, 4, "{ended:?}");
    let right = "this client is of the right kind and lacks a scope or a role: the admin API takes";
    assert!(ended.err.contains(right), "{ended:?}");
    let (home, api) = (Home::new(), Api::start());
    api.respond(403, "", "Forbidden");
    let err = call(&home, &api, &["publishing/jobs"]).finish().err;
    let wrong = "the publishing API takes a client of the kind environment automation (xmcpub.*)";
    assert!(err.contains(wrong), "{err}");
}

// fault: a-token-for-another-host
#[test]
fn token_goes_to_no_host_that_is_not_allowed() {
    let (home, api) = (Home::new(), Api::start());
    for url in [
        "https://api.example/x",
        "https://edge.sitecorecloud.io/api/admin/v1/settings",
        "https://edge.sitecorecloud.io.example/x",
    ] {
        let err = call(&home, &api, &[url]).finish().fails(2);
        assert!(err.contains("--allow-host"), "{err}");
    }
    for (url, says) in [
        ("http://edge.sitecorecloud.io/x", "https only"),
        ("https://me:secret99@127.0.0.1/x", "user name"),
        ("ftp://127.0.0.1/x", "https only"),
        ("https://[::1].example/x", "host or the port"),
        ("https://127.0.0.1:99999/x", "host or the port"),
    ] {
        let err = call(&home, &api, &[url]).finish().fails(2);
        assert!(err.contains(says) && !err.contains("secret99"), "{err}");
    }
    let url = "https://127.0.0.1.example:1/x";
    let err = call(&home, &api, &[url, "--allow-host", "api.example"])
        .finish()
        .fails(2);
    assert!(err.contains("--allow-host 127.0.0.1.example:1"), "{err}");
    assert_eq!((api.calls().len(), api.tokens()), (0, 0));
}

#[test]
fn token_of_another_server_goes_to_the_host_of_its_audience() {
    let (home, api, other) = (Home::new(), Api::start(), Api::start());
    let token_url = api.token_url();
    let client = ["--endpoint", &token_url, "--client-id", "me"];
    let run = |arguments: &[&str]| {
        let arguments = [&["api"], arguments, &client].concat();
        home.run(arguments)
            .env("SITECORE_CLIENT_SECRET", "planted-secret")
            .finish()
    };
    let url = format!("{}/x", other.base());
    let err = run(&[&url]).fails(2);
    assert!(err.contains("is not sent to 127.0.0.1:"), "{err}");
    run(&[&url, "--audience", other.base()]).ok();
    run(&[&url, "--resource", other.base()]).ok();
    assert_eq!(other.calls().len(), 2);
    let err = run(&["/x"]).fails(2);
    assert!(err.contains("whole URL"), "{err}");
}

#[test]
fn pages_of_each_form_become_one_list() {
    let (home, api) = (Home::new(), Api::start());
    let list = |arguments: &[&str]| {
        let ended = call(&home, &api, &[arguments, &["--paginate"]].concat()).finish();
        ended.quiet()
    };
    api.respond(
        200,
        "",
        r#"{"data":[1,2],"totalCount":3,"pageNumber":1,"pageSize":2}"#,
    );
    api.respond(
        200,
        "",
        r#"{"data":[3],"totalCount":3,"pageNumber":2,"pageSize":2}"#,
    );
    assert_eq!(
        list(&["deploy/api/environments/v2?PageSize=2"]),
        "[1,2,3]\n"
    );
    assert!(api.last().head.contains("?PageSize=2&pageNumber=2 "));
    api.respond(200, "", r#"{"data":[1],"next":"a b"}"#);
    api.respond(200, "", r#"{"data":[],"next":null}"#);
    assert_eq!(list(&["publishing/jobs"]), "[1]\n");
    assert!(api.last().head.contains("?continuationToken=a+b "));
    api.respond(
        200,
        "",
        r#"{"keys":[1],"hasNext":true,"totalPages":2,"currentPage":1}"#,
    );
    api.respond(
        200,
        "",
        r#"{"keys":[2],"hasNext":false,"totalPages":2,"currentPage":2}"#,
    );
    assert_eq!(list(&["/x?PageNumber=1"]), "[1,2]\n");
    assert!(
        api.last().head.contains("?PageNumber=2 "),
        "{:?}",
        api.last()
    );
    api.respond(200, "Link: </x?p=2>; rel=\"next\", </x>; rel=prev\n", "[1]");
    api.respond(200, "", "[{\"id\":2}]");
    assert_eq!(list(&["/x", "--pointer", "/1/id"]), "2\n");
    assert!(api.last().head.starts_with("GET /x?p=2 "));
}

// fault: list-that-does-not-add-up
#[test]
fn list_that_does_not_add_up_is_an_error() {
    let (home, api) = (Home::new(), Api::start());
    let fails = || {
        let err = call(&home, &api, &["/x", "--paginate"]).finish().fails(4);
        assert!(err.contains("list"), "{err}");
    };
    api.respond(200, "", r#"{"data":[1],"hasNext":false,"totalPages":3}"#);
    fails();
    api.respond(200, "", r#"{"data":[],"hasNext":true}"#);
    fails();
    for _ in 0..3 {
        api.respond(200, "", r#"{"data":[1],"next":"same"}"#);
    }
    fails();
    api.respond(200, "Link: <https://other.example/>; rel=next\n", "[1]");
    fails();
    api.respond(200, "", r#"{"a":[],"b":[]}"#);
    fails();
    api.respond(200, "", r#"{"data":[1],"next":"second"}"#);
    api.respond(500, "", r#"{"message":"broken"}"#);
    let ended = call(&home, &api, &["/x", "--paginate"]).finish();
    assert_eq!((ended.status, ended.out.as_str()), (4, ""), "{ended:?}");
    call(&home, &api, &["POST", "/x", "--paginate"])
        .finish()
        .fails(2);
}

// fault: standard-input-read-twice
#[test]
fn standard_input_is_for_one_option() {
    let (home, api) = (Home::new(), Api::start());
    for arguments in [
        &["/x", "--input", "-", "--client-secret-file", "-"][..],
        &["/x", "--input", "-", "-H", "@-"],
        &["/x", "-F", "a=@-", "-F", "b=@-"],
    ] {
        let err = call(&home, &api, arguments).input("a: b").finish().fails(2);
        assert!(err.contains("two options read standard input"), "{err}");
    }
    call(&home, &api, &["POST", "/x", "-X", "PUT"])
        .finish()
        .fails(2);
    assert_eq!((api.calls().len(), api.tokens()), (0, 0));
}

#[test]
fn headers_that_the_program_sets_are_refused() {
    let (home, api) = (Home::new(), Api::start());
    home.write("headers", "Authorization: Bearer planted\n");
    for header in [
        "Host: a.example",
        "Content-Length: 7",
        "Authorization: Bearer planted",
        "@headers",
    ] {
        let err = call(&home, &api, &["/x", "-H", header]).finish().fails(2);
        assert!(err.contains("refused") && !err.contains("planted"), "{err}");
    }
    call(&home, &api, &["/x", "-H", "x-mine: yes"])
        .finish()
        .ok();
    assert!(api.last().head.contains("x-mine: yes"));
    assert_eq!(api.calls().len(), 1);
}

// fault: method-that-is-not-registered
#[test]
fn method_that_is_not_registered_is_sent() {
    let (home, edge) = (Home::new(), LocalEdge::start().unwrap());
    let run = home.run(["api", "purge", "admin/settings"]).edge(&edge);
    let ended = run.finish();
    assert_eq!(ended.status, 4, "{ended:?}");
    assert_eq!(edge.served().api_requests, 1);
}
