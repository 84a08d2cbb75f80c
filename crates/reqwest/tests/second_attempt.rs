//! The request that the middleware sends once more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use edge_oauth_driver::testing::ScriptedTransport;
use edge_oauth_no_io::{Config, Origin, Secret};
use edge_oauth_reqwest::{BearerMiddleware, TokenSource, hardened_client_builder};
use http::{Extensions, HeaderValue, Version, header};
use reqwest::{Request, Response, ResponseBuilderExt};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Error, Middleware, Next};

/// Responds in place of the network: rejects each token. Describes each request.
#[derive(Clone, Default)]
struct Api(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl Middleware for Api {
    async fn handle(
        &self,
        mut request: Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> Result<Response, Error> {
        let token = request.headers_mut().remove(header::AUTHORIZATION);
        assert!(token.unwrap().is_sensitive());
        let (version, timeout) = (request.version(), request.timeout());
        let body = request.body().map(|body| body.as_bytes().unwrap());
        let described = format!("{request:?} {version:?} {timeout:?} {body:?}");
        self.0.lock().unwrap().push(described);
        let response = http::Response::builder().url(request.url().clone());
        let response = response.status(401).header("www-authenticate", REJECTED);
        Ok(response.body("").unwrap().into())
    }
}

const REJECTED: &str = r#"Bearer error="invalid_token""#;

fn client(api: Api) -> ClientWithMiddleware {
    let mut number = 0;
    let transport = ScriptedTransport::new(move |_| {
        number += 1;
        let token = format!(r#"{{"access_token":"abc{number}","expires_in":900}}"#);
        Ok(http::Response::new(token.into_bytes()))
    });
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build();
    let source = TokenSource::new(transport, config.unwrap());
    let origin = Origin::from_url("http://127.0.0.1").unwrap();
    ClientBuilder::new(
        hardened_client_builder()
            .unwrap()
            .no_proxy()
            .build()
            .unwrap(),
    )
    .with(BearerMiddleware::new(source, origin))
    .with(api)
    .build()
}

#[tokio::test]
async fn second_attempt_has_all_parts_of_the_request() {
    let api = Api::default();
    let client = client(api.clone());
    let mut secret = HeaderValue::from_static("abc");
    secret.set_sensitive(true);
    let url = "http://127.0.0.1/things?page=2#top";
    let request = client.patch(url).version(Version::HTTP_10);
    let request = request.timeout(Duration::from_secs(3)).body("data");
    let request = request.header("x-many", "1").header("x-secret", secret);
    let sent = request.header("x-many", "2").send().await;
    assert_eq!(sent.unwrap().status(), 401);
    let seen = api.0.lock().unwrap();
    let [first, second] = &seen[..] else {
        panic!("{seen:?}")
    };
    assert_eq!(first, second);
    for part in [
        "PATCH",
        "page=2",
        "top",
        "\"1\"",
        "\"2\"",
        "Sensitive",
        "HTTP/1.0",
        "3s",
        "[100, 97,",
    ] {
        assert!(first.contains(part), "{part} in {first}");
    }
}

#[tokio::test]
async fn second_attempt_tells_an_empty_body_from_none() {
    for (body, described) in [(Some(""), "Some([])"), (None, "None")] {
        let api = Api::default();
        let mut request = client(api.clone()).post("http://127.0.0.1/things");
        if let Some(body) = body {
            request = request.body(body);
        }
        assert_eq!(request.send().await.unwrap().status(), 401);
        let seen = api.0.lock().unwrap();
        assert_eq!(seen.len(), 2);
        assert!(
            seen.iter().all(|seen| seen.ends_with(described)),
            "{seen:?}"
        );
    }
}
