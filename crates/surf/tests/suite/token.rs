//! Tokens and error responses from a local Experience Edge.

use std::sync::mpsc;
use std::time::Duration;

use async_std::task::block_on;
use edge_oauth_driver::nonblocking::{Runtime, Transport};
use edge_oauth_local::{Fault, LocalEdge};
use edge_oauth_no_io::{
    BODY_LIMIT, BasicEncoding, BodyFormat, RequestLimits, Secret, Tenant, TokenError,
    TransportErrorKind, token_request,
};
use edge_oauth_surf::{AsyncStd, SurfTransport};

use crate::server::{Sink, config, fetch, kind};

#[test]
fn form_json_and_basic_auth_each_get_a_token() {
    let edge = LocalEdge::start().unwrap();
    let transport = SurfTransport::new();
    for config in [
        config(&edge),
        config(&edge)
            .to_builder()
            .body_format(BodyFormat::Json)
            .build()
            .unwrap(),
        config(&edge)
            .to_builder()
            .basic_auth(BasicEncoding::Percent)
            .build()
            .unwrap(),
    ] {
        let token = fetch(&transport, &config).unwrap();
        assert_eq!(token.expires_in(), Some(Duration::from_secs(86_400)));
    }
    assert_eq!(edge.served().tokens_issued, 3);
}

// fault: http-on-the-loopback
// The host as a name.
#[test]
fn host_name_is_resolved() {
    let edge = LocalEdge::start().unwrap();
    let url = format!("http://localhost:{}/oauth/token", edge.address().port());
    let config = config(&edge).to_builder().endpoint(&url).build().unwrap();
    fetch(&SurfTransport::new(), &config).unwrap();
}

// fault: invalid-client
#[test]
fn wrong_secret_is_an_error_response() {
    let edge = LocalEdge::start().unwrap();
    let wrong = Secret::new("wrong");
    let config =
        edge_oauth_no_io::Config::experience_edge(Tenant::Current, edge.client_id(), wrong)
            .unwrap()
            .to_builder()
            .endpoint(edge.token_url())
            .build()
            .unwrap();
    let error = fetch(&SurfTransport::new(), &config).unwrap_err();
    assert_eq!(error.code(), Some("access_denied"));
    assert!(!error.is_transient());
    assert_eq!(edge.served().token_requests, 1);
}

// fault: transient-status, 429-without-json, retry-after-in-seconds
// Every status is a response, even if surf has no name for it.
#[test]
fn error_response_keeps_its_status_and_time_to_wait() {
    let edge = LocalEdge::start().unwrap();
    let transport = SurfTransport::new();
    for status in [429, 503, 520, 599] {
        let fault = Fault::status(status).header("retry-after", "7");
        edge.script([fault]).unwrap();
        let error = fetch(&transport, &config(&edge)).unwrap_err();
        let wait = error.retry_after().unwrap().wait(Duration::ZERO);
        assert_eq!(wait, Duration::from_secs(7));
        assert!(error.is_transient());
        let TokenError::ErrorResponse(refusal) = error else {
            panic!("{error:?}");
        };
        assert_eq!(refusal.status, status);
    }
    assert_eq!(edge.served().token_requests, 4);
}

// fault: redirect-on-the-same-host, redirect-to-another-host
#[test]
fn redirects_are_not_followed() {
    let edge = LocalEdge::start().unwrap();
    let sink = Sink::new();
    let transport = SurfTransport::new();
    for status in [301, 302, 303, 307, 308] {
        for target in [edge.token_url(), &sink.url(), "/oauth/token"] {
            edge.script([Fault::redirect(status, target)]).unwrap();
            let error = fetch(&transport, &config(&edge)).unwrap_err();
            assert!(matches!(error, TokenError::Redirect(_)), "{error:?}");
        }
    }
    assert!(sink.saw_nothing());
    assert_eq!(edge.served().token_requests, 15);
}

// fault: body-too-large
#[test]
fn body_over_the_limit_is_too_large() {
    let edge = LocalEdge::start().unwrap();
    let transport = SurfTransport::new();
    let body = vec![b' '; BODY_LIMIT + 1];
    edge.script([Fault::none().body(body)]).unwrap();
    let error = fetch(&transport, &config(&edge)).unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::BodyTooLarge);

    let bounds = RequestLimits {
        max_body: 10,
        ..RequestLimits::token(crate::server::LONG)
    };
    let error =
        block_on(transport.send(token_request(&config(&edge)).unwrap(), bounds)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::BodyTooLarge);
}

// fault: silent-server
#[test]
fn timeout_leaves_the_next_request_intact() {
    let edge = LocalEdge::start().unwrap();
    let transport = SurfTransport::new();
    let hold = edge.hold();
    let short = Duration::from_millis(300);
    let error = block_on(transport.fetch(&config(&edge), short)).unwrap_err();
    assert_eq!(kind(&error), TransportErrorKind::Timeout);
    drop(hold);
    fetch(&transport, &config(&edge)).unwrap();
}

#[test]
fn source_runs_on_async_std() {
    let edge = LocalEdge::start().unwrap();
    let transport = SurfTransport::new();
    let (sender, receiver) = mpsc::channel();
    let request = token_request(&config(&edge)).unwrap();
    AsyncStd.spawn(Box::pin(async move {
        AsyncStd.sleep(Duration::ZERO).await;
        let bounds = RequestLimits::token(crate::server::LONG);
        let response = transport.send(request, bounds).await;
        sender
            .send(response.map(|response| response.status()))
            .unwrap();
    }));
    assert_eq!(receiver.recv().unwrap().unwrap(), 200);
}

// fault: request-printed, most-verbose-logs
// Nothing printable contains the secret.
#[test]
fn printed_values_contain_no_secret() {
    let edge = LocalEdge::start().unwrap();
    let transport = SurfTransport::new();
    edge.script([Fault::status(401).body(edge.client_secret())])
        .unwrap();
    let error = fetch(&transport, &config(&edge)).unwrap_err();
    let printed = format!("{transport:?} {error:?} {error}");
    assert!(!printed.contains(edge.client_secret()), "{printed}");
}
