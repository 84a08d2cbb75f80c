//! nginx in front of a local Experience Edge, over http, and over https with HTTP/2.

use std::time::Duration;

use edge_oauth_conformance::{Authority, Subject};
use edge_oauth_interop::Nginx;
use edge_oauth_local::{AUDIENCE, LocalEdge};
use edge_oauth_no_io::{
    BasicEncoding, ClientAuth, Config, Culprit, RequestLimits, Secret, TokenError, token_request,
    token_response,
};

use crate::clients::{LONG, listening};
use crate::credentials::fetch;
use crate::mutual_tls::{Files, PAIRS};

// These transports speak HTTP/1.1, and say so if the server prefers another version.
pub(crate) fn token_arrives_through_nginx<S: Subject>() {
    let stage = Stage::new();
    stage.each("/oauth/token", |subject: &S, config| {
        let response = subject
            .send(token_request(&config).unwrap(), RequestLimits::token(LONG))
            .unwrap();
        assert_eq!(response.headers()["x-protocol"], "HTTP/1.1");
        token_response(&config, &response).unwrap();
        fetch(
            subject,
            &config
                .to_builder()
                .basic_auth(BasicEncoding::Percent)
                .build()
                .unwrap(),
        )
        .unwrap();
    });
    assert_eq!(stage.edge.served().tokens_issued, 4);
}

// fault: 429-without-json, retry-after-in-seconds
pub(crate) fn rate_limit_sets_the_time_to_wait<S: Subject>() {
    let stage = Stage::new();
    stage.each("/limited/oauth/token", |subject: &S, config| {
        fetch(subject, &config).unwrap();
        let error = fetch(subject, &config).unwrap_err();
        assert_eq!(error.status().unwrap(), 429, "{error}");
        assert!(error.is_transient(), "{error}");
        let wait = error.retry_after().unwrap().wait(Duration::ZERO);
        assert_eq!(wait, Duration::from_secs(7));
    });
    assert_eq!(stage.edge.served().token_requests, 2);
}

// fault: transient-status, 4xx-without-an-object
pub(crate) fn html_page_with_an_error_status_is_transient<S: Subject>() {
    let stage = Stage::new();
    let _held = stage.edge.hold();
    for (path, status, culprit) in [
        ("/down/oauth/token", 502, Culprit::Server),
        ("/slow/oauth/token", 504, Culprit::Server),
        ("/forbidden/oauth/token", 403, Culprit::Network),
    ] {
        stage.each(path, |subject: &S, config| {
            let error = fetch(subject, &config).unwrap_err();
            assert_eq!(error.status().unwrap(), status, "{error}");
            assert_eq!(error.culprit(), culprit, "{error}");
            assert_eq!((error.code(), error.description()), (None, None), "{error}");
            assert!(error.is_transient(), "{error}");
        });
    }
}

// fault: success-with-a-web-page
pub(crate) fn html_page_with_status_200_is_no_token<S: Subject>() {
    Stage::new().each("/portal/", |subject: &S, config| {
        let error = fetch(subject, &config).unwrap_err();
        let TokenError::Malformed(malformed) = &error else {
            panic!("{error}");
        };
        assert_eq!(malformed.content_type.as_deref(), Some("text/html"));
        assert!(
            error.is_transient() && !error.to_string().contains("Welcome"),
            "{error}"
        );
    });
}

// fault: response-before-the-request-ends
// nginx responds as soon as it has read the length
pub(crate) fn request_that_is_too_large_is_rejected<S: Subject>() {
    let stage = Stage::new();
    stage.each("/oauth/token", |subject: &S, config| {
        let config = config
            .to_builder()
            .param("much", "a".repeat(20_000))
            .build()
            .unwrap();
        let error = fetch(subject, &config).unwrap_err();
        assert_eq!(error.status().unwrap(), 413, "{error}");
        assert_eq!(error.code(), None, "{error}");
        assert!(
            !error.is_transient(),
            "it is as large the next time: {error}"
        );
    });
    assert_eq!(stage.edge.served().token_requests, 0);
}

// fault: redirect-to-another-host
pub(crate) fn redirect_is_not_followed<S: Subject>() {
    Stage::new().each("/moved/", |subject: &S, config| {
        let error = fetch(subject, &config).unwrap_err();
        let TokenError::Redirect(redirect) = &error else {
            panic!("{error}");
        };
        assert_eq!(redirect.host.as_deref(), Some("elsewhere.invalid"));
    });
}

// fault: client-certificate-is-not-accepted: nginx says so by a web page
pub(crate) fn missing_or_unknown_client_certificate_is_an_error_with_the_reason<S: Subject>() {
    let stage = Stage::new();
    let url = stage.nginx.mutual_tls_url("/oauth/token");
    let config = Config::builder(&url, stage.edge.client_id());
    let without_secret = config
        .client_auth(ClientAuth::TlsClientAuth)
        .build()
        .unwrap();
    let foreign = Files::new(&PAIRS.foreign);
    for subject in [
        S::trusting(&stage.authority.pem()),
        foreign.trusting(&stage.authority),
    ] {
        let error = fetch(&subject, &without_secret).unwrap_err();
        assert_eq!(error.status().unwrap(), 400, "{error}");
        let hint = error.hint().unwrap();
        assert!(hint.contains("the client certificate is missing"), "{hint}");
    }
    let own = Files::new(&stage.authority.client_pem("client.example"));
    let secret = Secret::new(stage.edge.client_secret());
    let config = without_secret.to_builder().client_secret(secret);
    let config = config.audience(AUDIENCE).build().unwrap();
    fetch(&own.trusting::<S>(&stage.authority), &config).unwrap();
    assert_eq!(stage.edge.served().token_requests, 1);
}

struct Stage {
    edge: LocalEdge,
    authority: Authority,
    nginx: Nginx,
}

impl Stage {
    fn new() -> Self {
        let edge = LocalEdge::start().unwrap();
        listening().plant("the client secret of the local Edge", edge.client_secret());
        let authority = Authority::new("ours");
        let nginx = Nginx::before(edge.base_url(), &authority);
        Self {
            edge,
            authority,
            nginx,
        }
    }

    /// The transport's own client over http, and one that trusts nginx over https.
    fn each<S: Subject>(&self, path: &str, case: impl Fn(&S, Config)) {
        let subjects = [S::new(), S::trusting(&self.authority.pem())];
        for (url, subject) in self.nginx.urls(path).iter().zip(subjects) {
            let secret = Secret::new(self.edge.client_secret());
            let config = Config::builder(url, self.edge.client_id())
                .client_secret(secret)
                .build()
                .unwrap();
            case(
                &subject,
                config.to_builder().audience(AUDIENCE).build().unwrap(),
            );
        }
    }
}
