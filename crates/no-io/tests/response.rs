//! Responses of a token endpoint: their texts, sizes and secrets. `vectors.rs` reads most others.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, BODY_LIMIT, Config, CredentialError, Culprit, MalformedReason, RateLimits, Secret,
    Tenant, TokenError, experience_edge, token_response,
};
use http::Response;

const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#;

fn config() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap()
}

struct Answer(http::response::Builder, Vec<u8>);

fn status(status: u16) -> Answer {
    Answer(Response::builder().status(status), Vec::new())
}

fn ok(body: impl Into<Vec<u8>>) -> Answer {
    status(200)
        .header("content-type", "application/json")
        .body(body)
}

impl Answer {
    fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value), self.1)
    }

    fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self(self.0, body.into())
    }

    fn read_by(self, config: &Config) -> Result<AccessToken, TokenError> {
        token_response(config, &self.0.body(self.1).unwrap())
    }

    fn read(self) -> Result<AccessToken, TokenError> {
        self.read_by(&config())
    }

    fn token(self) -> AccessToken {
        self.read().unwrap()
    }

    fn error(self) -> TokenError {
        self.read().unwrap_err()
    }

    fn reason(self) -> MalformedReason {
        match self.error() {
            TokenError::Malformed(malformed) => malformed.reason,
            other => panic!("not malformed: {other:?}"),
        }
    }
}

const WITHHELD: &str = "[withheld: it repeats a credential]";

/// A token answer with this as the value of one more member.
fn with(name: &str, value: &str) -> Answer {
    let value = value.trim();
    ok(match name {
        "access_token" => format!(r#"{{"access_token":{value}}}"#),
        _ => format!(r#"{{"access_token":"t0ken","{name}":{value}}}"#),
    })
}

// fault: response-with-a-token-only, missing-expires-in
#[test]
fn the_least_that_is_a_token() {
    let token = ok(r#"{"access_token":"t0ken"}"#).token();
    assert_eq!(token.expose(), "t0ken");
    assert_eq!(token.authorization(), "Bearer t0ken");
    assert_eq!(
        (token.expires_in(), token.scope(), token.token_type()),
        (None, None, "Bearer")
    );
}

// fault: request-printed
#[test]
fn debug_of_a_token_says_how_long_it_lives_and_no_more() {
    let shown = format!("{:?}", with("scope", r#""read""#).token());
    assert_eq!(
        shown,
        "AccessToken { token: [redacted], expires_in: None, .. }"
    );
    let shown = format!("{:?}", ok(TOKEN).token());
    assert!(shown.contains("expires_in: Some(3600s)"), "{shown}");
}

// fault: success-with-a-web-page
#[test]
fn a_captive_portal() {
    let page = "<html>sign in, your code is 1234</html>";
    let error = status(200)
        .header("content-type", "text/html; charset=utf-8")
        .body(page)
        .error();
    assert!(error.is_transient());
    assert_eq!(
        error.to_string(),
        "the response with status 200 and content-type text/html; charset=utf-8 is neither a JSON object nor a form"
    );
    assert!(!format!("{error:?}").contains("1234"));
    assert!(error.hint().unwrap().contains("captive portal"));
}

// fault: redirect-on-the-same-host, redirect-to-another-host, 4xx-without-an-object
#[test]
fn redirects_end_here() {
    for redirect in [300, 301, 302, 303, 304, 305, 307, 308] {
        let location = "https://evil.example:444/token?client_secret=s3cret";
        let error = status(redirect)
            .header("location", location)
            .body(TOKEN)
            .error();
        assert!(!error.is_transient());
        assert_eq!(error.culprit(), Culprit::Config);
        assert!(error.hint().unwrap().contains("endpoint"));
        let TokenError::Redirect(to) = &error else {
            panic!("{error:?}")
        };
        assert_eq!(to.host.as_deref(), Some("evil.example"));
        assert_eq!(
            error.to_string(),
            format!(
                "the token endpoint answered with a redirect, status {redirect}, to evil.example"
            )
        );
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("/token"),
            "{shown}"
        );
    }
    for location in ["/elsewhere", "", "http://[", "\u{1b}"] {
        let error = status(302)
            .0
            .header("location", location.replace('\u{1b}', "?"))
            .body("");
        let error = token_response(&config(), &error.unwrap()).unwrap_err();
        assert!(
            matches!(error, TokenError::Redirect(to) if to.host.is_none()),
            "{location}"
        );
    }
}

// fault: access-denied
#[test]
fn error_response_is_printed_with_status_code_and_description() {
    let error = status(403).body(r#"{"error":"access_denied","error_description":"in words"}"#);
    assert_eq!(
        error.error().to_string(),
        "the token endpoint answered with status 403: access_denied: in words"
    );
}

/// The wait that a 429 with these headers asks for, at the wall time 1,000,000,000 s.
fn wait(headers: &[(&str, &str)]) -> Option<u64> {
    let answer = headers.iter().fold(status(429), |answer, (name, value)| {
        answer.header(name, value)
    });
    let retry_after = answer.error().retry_after()?;
    Some(
        retry_after
            .wait(Duration::from_secs(1_000_000_000))
            .as_secs(),
    )
}

// fault: quota-headers
#[test]
fn the_rate_and_quota_headers() {
    let used_up = ("x-ratelimit-remaining", "0");
    assert_eq!(wait(&[used_up, ("x-ratelimit-reset", "5")]), Some(0));

    let quota = |value| wait(&[("auth0-client-quota-limit", value)]);
    assert_eq!(quota(" b = per_hour ; new=1 ; r = 0 ; t = 60 "), Some(60));
    for ignored in [
        "",
        "b",
        "b=",
        "r=0;t=60",
        "b=x;r=0",
        "b=x;t=60",
        "b=x;r=-1;t=60",
        ";;,,=",
        "b=x;r=0;t=1e9",
    ] {
        assert_eq!(quota(ignored), None, "{ignored}");
    }
    assert_eq!(quota("b=x;r=0;t=99999999999999999999999"), None);

    let answer = Response::builder()
        .header("x-ratelimit-limit", "100")
        .header("x-ratelimit-remaining", "99")
        .header(
            "auth0-client-quota-limit",
            "b=per_hour;q=10;r=7;t=3540,b=per_day;q=50;r=47;t=43200",
        )
        .body(())
        .unwrap();
    let limits = RateLimits::read(answer.headers());
    assert_eq!(limits.earliest(), None);
    let rate = limits.rate.unwrap();
    assert_eq!(
        (rate.limit, rate.remaining, rate.reset),
        (Some(100), Some(99), None)
    );
    let day = &limits.client_quotas[1];
    assert_eq!(
        (day.bucket.as_str(), day.quota, day.remaining),
        ("per_day", Some(50), Some(47))
    );
    assert_eq!(day.reset, Some(Duration::from_secs(43200)));
    let flood = "b=x;r=1;t=1,".repeat(1000);
    let answer = Response::builder()
        .header("auth0-client-quota-limit", flood)
        .body(())
        .unwrap();
    assert!(RateLimits::read(answer.headers()).client_quotas.len() <= 8);
}

// fault: access-token-with-a-forbidden-character
#[test]
fn token_of_every_permitted_character_is_taken() {
    let every: String = (0x21..=0x7E_u8).map(char::from).collect();
    let json = every.replace('\\', r"\\").replace('"', r#"\""#);
    let token = with("access_token", &format!("\"{json}\"")).token();
    assert_eq!(token.expose(), every);
    assert_eq!(
        token.authorization().as_bytes(),
        format!("Bearer {every}").as_bytes()
    );
}

// fault: access-token-size
#[test]
fn the_size_of_a_token() {
    assert_eq!(with("access_token", r#""a""#).token().expose(), "a");
    let kib_64 = "a".repeat(64 * 1024);
    assert_eq!(
        with("access_token", &format!("\"{kib_64}\""))
            .token()
            .expose(),
        kib_64
    );
    let mib = "a".repeat(1024 * 1024);
    assert_eq!(
        with("access_token", &format!("\"{mib}\"")).reason(),
        MalformedReason::TooLarge
    );
}

// fault: cut-body
#[test]
fn an_answer_that_is_cut_short_may_be_whole_the_next_time() {
    for end in 1..TOKEN.len() {
        let error = ok(&TOKEN[..end]).error();
        assert!(error.is_transient(), "{error:?}");
    }
}

// fault: nesting-without-end
#[test]
fn depth_and_size_are_bounded() {
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(ok(deep).reason(), MalformedReason::TooLarge);
    let as_deep_as_fits = format!(r#"{{"x":{}"#, "[".repeat(BODY_LIMIT - 5));
    assert_eq!(ok(as_deep_as_fits).reason(), MalformedReason::Syntax);
    for member in ["access_token", "expires_in", "scope", "error"] {
        let deep = format!(
            r#"{{"{member}":{}{}}}"#,
            "[".repeat(60_000),
            "]".repeat(60_000)
        );
        assert!(ok(deep).read().is_err());
    }
    let many: String = (0..1_000_000).map(|i| format!(r#""{i}":0,"#)).collect();
    assert_eq!(
        ok(format!("{{{many}}}")).reason(),
        MalformedReason::TooLarge
    );
    assert_eq!(
        with("x", &format!("\"{}\"", "a".repeat(10 * 1024 * 1024))).reason(),
        MalformedReason::TooLarge
    );
    let exactly = format!(r#"{{"access_token":"{}"}}"#, "a".repeat(BODY_LIMIT - 19));
    assert_eq!(exactly.len(), BODY_LIMIT);
    assert!(ok(exactly.clone()).read().is_ok());
    assert_eq!(ok(exactly + " ").reason(), MalformedReason::TooLarge);
}

// fault: unprintable-description, unprintable-error-code
#[test]
fn the_servers_words_are_made_printable_and_cut() {
    let body =
        r#"{"error":"bad\"code\u001b[0m","error_description":"\u001b[31mred\r\nX: 1 \u202eé"}"#;
    let error = status(400).body(body).error();
    assert_eq!(error.code(), Some("bad\"code?[0m"));
    assert_eq!(error.description(), Some("?[31mred??X: 1 ?é"));
    let long = "a".repeat(60 * 1024);
    let error = status(400)
        .body(format!(
            r#"{{"error":"{long}","error_description":"{long}"}}"#
        ))
        .error();
    assert_eq!(error.code().unwrap().len(), 128 + 3);
    assert_eq!(error.description().unwrap().len(), 512 + 3);
    let mib = "a".repeat(1024 * 1024);
    let error = status(400)
        .body(format!(
            r#"{{"error":"{mib}","error_description":"{mib}"}}"#
        ))
        .error();
    assert!(error.to_string().len() < 1024);
    let content_type = "x".repeat(60 * 1024);
    let error = status(200)
        .header("content-type", &content_type)
        .body("no")
        .error();
    assert!(error.to_string().len() < 1024);
}

#[test]
fn the_hints_of_experience_edge() {
    let edge = Config::experience_edge(Tenant::Current, "id", Secret::new("s3cret")).unwrap();
    let hint = |config: &Config, http, error: &str, description: &str| {
        let body = format!(r#"{{"error":"{error}","error_description":"{description}"}}"#);
        status(http).body(body).read_by(config).unwrap_err().hint()
    };
    let denied = "access_denied";
    for (http, error, description, says) in [
        (401, denied, "Unauthorized", "client secret is wrong"),
        (
            403,
            denied,
            "Service not enabled within domain: x",
            "does not know this audience",
        ),
        (
            403,
            denied,
            "Non-global clients are not allowed access to APIv1",
            "no audience was sent",
        ),
        (
            403,
            denied,
            r#"Client \"a\" is not authorized to access resource server \"b\""#,
            "right kind",
        ),
        (
            403,
            "unauthorized_client",
            "Grant type 'client_credentials' not allowed",
            "right kind",
        ),
        (
            429,
            "too_many_requests",
            "",
            "keep a token until it expires",
        ),
    ] {
        assert!(
            hint(&edge, http, error, description)
                .unwrap()
                .contains(says),
            "{description}"
        );
        let elsewhere = hint(&config(), http, error, description).unwrap_or_default();
        assert!(!elsewhere.contains("Deploy app") && !elsewhere.contains("sitecore"));
    }
    let builder = |url: &str| Config::builder(url, "id").client_secret(Secret::new("s3cret"));
    let at = |url| builder(url).build().unwrap();
    let asking = |audience: &str| {
        let builder = builder("https://login.example/token");
        builder.audience(audience).build().unwrap()
    };
    for by_hand in [
        at(experience_edge::ENDPOINT),
        at(experience_edge::LEGACY_ENDPOINT),
        at(experience_edge::PRE_PRODUCTION_ENDPOINT),
        asking(experience_edge::AUDIENCE),
        asking(experience_edge::PRE_PRODUCTION_AUDIENCE),
        asking("https://delivery.sitecore.cloud/t"),
    ] {
        let hint = hint(&by_hand, 401, denied, "Unauthorized").unwrap();
        assert!(hint.contains("Deploy app"), "{by_hand:?}");
    }
    assert_eq!(hint(&edge, 403, denied, "for another reason"), None);
    let elsewhere = edge.to_builder().endpoint("http://127.0.0.1:1/token");
    let elsewhere = elsewhere.audience("urn:x").build().unwrap();
    assert!(
        hint(
            &elsewhere,
            403,
            denied,
            "Service not enabled within domain: urn:x"
        )
        .unwrap()
        .contains("does not know this audience")
    );
    assert_eq!(hint(&edge, 500, "x", "y"), None);
}

#[test]
fn a_secret_that_the_server_echoes_is_taken_out() {
    let config = Config::builder("https://login.example/token", "my id")
        .client_secret(Secret::new("p@ss w+rd"))
        .build()
        .unwrap();
    for echo in [
        "p@ss w+rd",
        "p%40ss+w%2Brd",
        "p%40ss%20w%2Brd",
        "bXklMjBpZDpwJTQwc3MlMjB3JTJCcmQ=",
    ] {
        let padding = "x".repeat(508);
        for description in [format!("got {echo}!"), format!("{padding}{echo}")] {
            let body = format!(r#"{{"error":"{echo}","error_description":"{description}"}}"#);
            let error = status(400).body(body).read_by(&config).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains(echo) && !shown.contains(&echo[..4]),
                "{shown}"
            );
        }
        let error = status(200)
            .header("content-type", echo)
            .body("no")
            .read_by(&config)
            .unwrap_err();
        assert!(!format!("{error} {error:?}").contains(echo));
    }
}

#[test]
fn a_secret_that_is_echoed_as_json_is_taken_out() {
    let secret = Secret::new("p\"w\\r/d\u{e9}");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .lenient()
        .build()
        .unwrap();
    for echo in [
        "p\"w\\r/d\u{e9}",
        "p\\\"w\\\\r/d\u{e9}",
        "p\\\"w\\\\r\\/d\u{e9}",
    ] {
        let description = serde_json::Value::from(format!("got {{\"client_secret\":\"{echo}\"}}"));
        let body = format!(r#"{{"error":"x","error_description":{description}}}"#);
        let error = status(400).body(body).read_by(&config).unwrap_err();
        assert_eq!(error.description(), Some(WITHHELD));
    }
}

#[test]
fn credentials_of_basic_are_taken_out_without_their_padding_too() {
    let secret = Secret::new("s3cret-of-ours");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .build()
        .unwrap();
    for echo in ["aWQ6czNjcmV0LW9mLW91cnM", "aWQ6czNjcmV0LW9mLW91cnM="] {
        let body = format!(r#"{{"error":"x","error_description":"got {echo}!"}}"#);
        let error = status(400).body(body).read_by(&config).unwrap_err();
        assert_eq!(error.description(), Some(WITHHELD));
    }
}

#[test]
fn a_token_that_is_no_good_is_in_no_error_either() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    for body in [
        r#"{"access_token":"t0ken-of-ours","expires_in":"soon"}"#,
        r#"{"access_token":["t0ken-of-ours","and"]}"#,
        r#"{"access_token":["t0ken-of-ours"],"error":"t0ken-of-ours"}"#,
        r#"{"access_token":"t0ken-of-ours","error":"no","error_description":"t0ken-of-ours"}"#,
    ] {
        let answer = status(200).header("content-type", "text/plain; x=t0ken-of-ours");
        let error = answer.body(body).read_by(&config).unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("t0ken"), "{shown}");
    }
}

// A server that spells the secret as a code of OAuth's is understood all the same.
#[test]
fn what_is_taken_out_changes_no_verdict() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("error"))
        .build()
        .unwrap();
    for (content_type, body) in [
        ("application/json", r#"{"error":"invalid_client"}"#),
        ("application/x-www-form-urlencoded", "error=invalid_client"),
    ] {
        let answer = status(400).header("content-type", content_type);
        let error = answer.body(body).read_by(&config).unwrap_err();
        assert_eq!(
            (error.culprit(), error.is_transient()),
            (Culprit::Config, false)
        );
    }
}

// Were each place of one compared with all of the other, this would take minutes.
#[test]
fn a_scope_that_is_all_but_the_token_costs_little() {
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("s3cret"))
        .build()
        .unwrap();
    for (c, n) in [("x", 32_000), (r"\\\\", 8_000)] {
        let (token, scope) = (c.repeat(n), c.repeat(2 * n));
        let body = format!(r#"{{"access_token":"{token}!","scope":"{scope}"}}"#);
        let token = status(200).body(body).read_by(&config).unwrap();
        assert!(token.scope().unwrap().starts_with("[withheld: "));
    }
}

// fault: content-type-that-does-not-fit
#[test]
fn a_form_that_repeats_the_request_as_it_was_loses_the_secret() {
    let secret = Secret::new("pl4nted+in/the=s3cret&%41");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .build()
        .unwrap();
    let json = r#"{"client_secret":"pl4nted+in/the=s3cret&%41"}"#;
    for echo in [
        json,
        "client_secret=pl4nted%2Bin%2Fthe%3Ds3cret%26%2541",
        "pl4nted+in\\/the=s3cret&%41",
        "client_secret%3Dpl4nted%252Bin%252Fthe%253Ds3cret%2526%252541",
    ] {
        for status_code in [200, 400] {
            let body = format!("error=invalid_request&error_description=got {echo}");
            let form = status(status_code)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
            let error = form.read_by(&config).unwrap_err();
            assert_eq!(error.code(), Some("invalid_request"));
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("pl4nted") && !shown.contains("s3cret"),
                "{shown}"
            );
        }
    }
}

// fault: scope-that-was-not-requested
#[test]
fn a_scope_that_echoes_the_secret_or_the_token_loses_it() {
    let secret = Secret::new("p@ss-w0rd");
    let config = Config::builder("https://login.example/token", "id")
        .client_secret(secret)
        .build()
        .unwrap();
    for (scope, read) in [
        (r#""read p@ss-w0rd""#, WITHHELD),
        (r#""read secret=p%40ss-w0rd""#, WITHHELD),
        (r#"["read","t0ken-of-ours"]"#, WITHHELD),
        (r#""read ken-of-ours""#, WITHHELD),
        (r#""write read""#, "write read"),
        (r#""""#, ""),
    ] {
        let body = format!(r#"{{"access_token":"t0ken-of-ours","scope":{scope}}}"#);
        let token = status(200).body(body).read_by(&config).unwrap();
        assert_eq!(token.scope(), Some(read));
        assert!(!format!("{token:?}").contains("ss-w0rd"));
    }
}

// fault: credential-not-supplied
#[test]
fn credential_error_is_ours_and_keeps_its_cause() {
    let cause = std::io::Error::other("no such file");
    let error = CredentialError::transient("key.pem cannot be read").with_source(cause);
    let error = TokenError::from(error);
    assert_eq!(error.to_string(), "key.pem cannot be read");
    assert_eq!(error.culprit(), Culprit::Config);
    assert!(error.is_transient());
    assert_eq!(
        (error.status(), error.code(), error.hint()),
        (None, None, None)
    );
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "no such file");
    assert!(!TokenError::from(CredentialError::permanent("x")).is_transient());
}
