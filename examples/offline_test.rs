//! Unit tests of code that uses OAuth, without a network: requests and responses are values, so a test
//! writes the response and checks the request.
//!
//! ```sh
//! cargo test --example offline_test   # runs the tests below
//! cargo run --example offline_test    # shows what the code under test says to an operator
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use edge_oauth_no_io::{Config, Secret, SecretBytes, Tenant, token_request, token_response};
use http::{Request, Response};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let busy = Response::builder()
        .status(429)
        .header("retry-after", "7")
        .body("")?;
    println!("{}", advice(&config()?, |_| busy));
    let wrong = Response::builder()
        .status(401)
        .body(r#"{"error":"access_denied"}"#)?;
    println!("{}", advice(&config()?, |_| wrong));
    Ok(())
}

/// The code under test: advice for an operator. Its caller decides how the request is sent.
fn advice(
    config: &Config,
    send: impl FnOnce(Request<SecretBytes>) -> Response<&'static str>,
) -> String {
    let response = send(token_request(config).expect("a secret needs no assertion"));
    match token_response(config, &response) {
        Ok(token) => format!("a token for {:?}", token.expires_in()),
        Err(error) => match error.retry_after() {
            Some(retry_after) => format!("wait {:?}", retry_after.wait(now())),
            None => format!("{error}\n  {}", error.hint().unwrap_or_default()),
        },
    }
}

fn config() -> Result<Config, edge_oauth_no_io::ConfigError> {
    Config::experience_edge(Tenant::Current, "my-client", Secret::new("my-secret"))
}

/// Matters only if the server sends a date in `Retry-After` and no `Date`.
fn now() -> std::time::Duration {
    std::time::UNIX_EPOCH.elapsed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use edge_oauth_no_io::TokenError;

    use super::*;

    fn response(status: u16, body: &'static str) -> Response<&'static str> {
        Response::builder().status(status).body(body).unwrap()
    }

    #[test]
    fn request_names_the_client() {
        let config = config().unwrap();
        advice(&config, |request| {
            assert_eq!(request.uri(), "https://auth.sitecorecloud.io/oauth/token");
            let body = String::from_utf8_lossy(request.body().as_ref());
            assert!(body.contains("client_id=my-client"));
            response(200, r#"{"access_token":"abc"}"#)
        });
    }

    #[test]
    fn busy_server_is_waited_for() {
        let mut busy = response(429, "");
        busy.headers_mut()
            .insert("retry-after", http::HeaderValue::from_static("7"));
        assert_eq!(advice(&config().unwrap(), |_| busy), "wait 7s");
    }

    #[test]
    fn wrong_secret_is_explained() {
        let error = response(
            401,
            r#"{"error":"access_denied","error_description":"Unauthorized"}"#,
        );
        let said = advice(&config().unwrap(), |_| error);
        assert!(said.contains("client secret is wrong"), "{said}");
    }

    #[test]
    fn malformed_response_is_transient() {
        let page = response(200, "<html>sign in to this network</html>");
        let error = token_response(&config().unwrap(), &page).unwrap_err();
        assert!(matches!(error, TokenError::Malformed(_)));
        assert!(error.is_transient());
    }
}
