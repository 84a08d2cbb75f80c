//! The P rows: what each answer of a token endpoint becomes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use edge_oauth_no_io::{
    AccessToken, BODY_LIMIT, Config, CredentialError, Culprit, MAX_WAIT, MalformedReason,
    RateLimits, Secret, Tenant, TokenError, experience_edge, token_response,
};
use http::{Response, StatusCode};

const TOKEN: &str = r#"{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}"#;
const YEARS_10: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

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

    fn wrong_member(self) -> &'static str {
        match self.reason() {
            MalformedReason::Member { name, .. } => name,
            other => panic!("no member: {other:?}"),
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

// P1, P28
#[test]
fn the_least_that_is_a_token() {
    let token = ok(r#"{"access_token":"t0ken"}"#).token();
    assert_eq!(token.expose(), "t0ken");
    assert_eq!(token.authorization(), "Bearer t0ken");
    assert_eq!(
        (token.expires_in(), token.scope(), token.token_type()),
        (None, None, "Bearer")
    );
    assert_eq!(with("expires_in", "null").token().expires_in(), None);
}

// B7
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

// P2
#[test]
fn an_empty_success() {
    let error = ok("").error();
    assert!(error.is_transient());
    assert_eq!(error.culprit(), Culprit::Server);
    assert_eq!(ok("").reason(), MalformedReason::Empty);
    assert_eq!(ok("  ").reason(), MalformedReason::Empty);
}

// P3
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

// P4, P5
#[test]
fn an_error_in_a_success() {
    for body in [
        r#"{"error":"invalid_client","error_description":"no"}"#,
        r#"{"access_token":"t0ken","error":"invalid_client","error_description":"no: t0ken"}"#,
    ] {
        let error = ok(body).error();
        assert_eq!(error.code(), Some("invalid_client"));
        assert_eq!(error.status(), Some(StatusCode::OK));
        assert!(!error.is_transient());
        assert!(!format!("{error} {error:?}").contains("t0ken"));
    }
    for nothing in [r#""""#, "null"] {
        assert_eq!(with("error", nothing).token().expose(), "t0ken");
    }
    assert!(with("error", "7").read().is_err());
}

// P6
#[test]
fn other_successes() {
    assert_eq!(status(201).body(TOKEN).token().expose(), "t0ken");
    for other in [202, 203, 204, 205, 206, 226, 299] {
        assert_eq!(status(other).body(TOKEN).token().expose(), "t0ken");
        for nothing in ["", "{}", r#"{"refresh_token":"t0ken"}"#, "<html>"] {
            let error = status(other).body(nothing).error();
            assert_eq!(error.status().unwrap().as_u16(), other);
            assert!(!error.is_transient());
            assert!(error.hint().unwrap().contains("endpoint"));
            assert!(!format!("{error} {error:?}").contains("t0ken"));
        }
    }
}

// P7
#[test]
fn an_interim_answer_as_the_final_one() {
    for interim in [100, 101, 103, 199] {
        let error = status(interim).error();
        assert!(matches!(error, TokenError::Transport(_)), "{error:?}");
        assert!(error.is_transient());
        assert_eq!(error.culprit(), Culprit::Network);
    }
}

// P8, P9, P47
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

// P10, P11, P12
#[test]
fn verdicts_are_permanent_and_keep_the_servers_words() {
    for (http, code) in [
        (400, "invalid_client"),
        (401, "invalid_client"),
        (400, "invalid_scope"),
        (400, "invalid_target"),
        (400, "unauthorized_client"),
        (400, "unsupported_grant_type"),
        (400, "invalid_request"),
        (403, "access_denied"),
        (402, "something_else"),
    ] {
        let body = format!(r#"{{"error":"{code}","error_description":"in words"}}"#);
        let error = status(http).body(body).error();
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.description(), Some("in words"));
        assert_eq!(error.status().unwrap().as_u16(), http);
        assert!(!error.is_transient(), "{code}");
        assert_eq!(error.culprit(), Culprit::Config);
        assert_eq!(
            error.to_string(),
            format!("the token endpoint answered with status {http}: {code}: in words")
        );
    }
    assert!(!status(401).body("<html>").error().is_transient());
}

// P16, P17, P18
#[test]
fn transient_answers() {
    let verdict = r#"{"error":"invalid_client"}"#;
    for http in [408, 425, 429, 500, 501, 502, 503, 504, 505, 511, 599] {
        for body in ["", "<html>", verdict] {
            let error = status(http).body(body).error();
            assert!(error.is_transient(), "{http} {body}");
            assert_eq!(error.culprit(), Culprit::Server);
            assert_eq!(error.status().unwrap().as_u16(), http);
        }
    }
    for code in ["temporarily_unavailable", "server_error"] {
        let error = status(400).body(format!(r#"{{"error":"{code}"}}"#)).error();
        assert!(error.is_transient());
        assert_eq!(error.code(), Some(code));
    }
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

// P19, P21
#[test]
fn retry_after_in_seconds() {
    assert_eq!(wait(&[("retry-after", "7")]), Some(7));
    assert_eq!(wait(&[("retry-after", "0")]), Some(0));
    assert_eq!(wait(&[]), None);
    for ignored in ["-1", "1.5", "abc", "", "+7", "7s", "0x7"] {
        assert_eq!(wait(&[("retry-after", ignored)]), None, "{ignored}");
    }
    assert_eq!(wait(&[("retry-after", "1"), ("retry-after", "2")]), None);
    assert_eq!(wait(&[("retry-after", "86400")]), Some(MAX_WAIT.as_secs()));
    for absurd in ["86401", "99999999999999999999", "18446744073709551615"] {
        assert_eq!(wait(&[("retry-after", absurd)]), None, "{absurd}");
    }
}

// P20
#[test]
fn retry_after_as_a_date() {
    // 1,000,000,000 s after the epoch is Sun, 09 Sep 2001 01:46:40 GMT.
    let at = "Sun, 09 Sep 2001 01:47:10 GMT";
    assert_eq!(wait(&[("retry-after", at)]), Some(30));
    let server_is_10_s_late = ("date", "Sun, 09 Sep 2001 01:46:30 GMT");
    assert_eq!(wait(&[("retry-after", at), server_is_10_s_late]), Some(40));
    let server_is_years_off = ("date", "Sat, 09 Sep 2006 01:47:05 GMT");
    assert_eq!(
        wait(&[
            ("retry-after", "Sat, 09 Sep 2006 01:47:10 GMT"),
            server_is_years_off
        ]),
        Some(5)
    );
    assert_eq!(
        wait(&[("retry-after", at), ("date", "yesterday")]),
        Some(30)
    );
    assert_eq!(
        wait(&[("retry-after", "Sun, 09 Sep 2001 01:46:00 GMT")]),
        Some(0)
    );
    assert_eq!(
        wait(&[("retry-after", "Sunday, 09-Sep-01 01:47:10 GMT")]),
        Some(30)
    );
    assert_eq!(
        wait(&[("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")]),
        Some(0)
    );
    assert_eq!(
        wait(&[("retry-after", "Sun, 99 Sep 2001 01:46:40 GMT")]),
        None
    );
}

// P23
#[test]
fn the_rate_and_quota_headers() {
    let used_up = ("x-ratelimit-remaining", "0");
    assert_eq!(
        wait(&[used_up, ("x-ratelimit-reset", "1000000060")]),
        Some(60)
    );
    assert_eq!(
        wait(&[
            used_up,
            ("x-ratelimit-reset", "1000000060"),
            ("retry-after", "90")
        ]),
        Some(90)
    );
    assert_eq!(wait(&[used_up, ("x-ratelimit-reset", "5")]), Some(0));
    assert_eq!(
        wait(&[
            ("x-ratelimit-remaining", "3"),
            ("x-ratelimit-reset", "1000000060")
        ]),
        None
    );

    let quota = |value| wait(&[("auth0-client-quota-limit", value)]);
    assert_eq!(
        quota("b=per_hour;q=10;r=0;t=3540,b=per_day;q=50;r=47;t=43200"),
        Some(3540)
    );
    assert_eq!(
        quota("b=per_hour;q=10;r=0;t=3540,b=per_day;q=50;r=0;t=43200"),
        Some(43200)
    );
    assert_eq!(quota(" b = per_hour ; new=1 ; r = 0 ; t = 60 "), Some(60));
    assert_eq!(
        wait(&[("auth0-organization-quota-limit", "b=per_hour;r=0;t=9")]),
        Some(9)
    );
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

// P24, P26
#[test]
fn lifetimes_in_every_form_that_servers_send() {
    for (value, seconds) in [
        ("3600", 3600),
        ("3600.0", 3600),
        ("3.6e3", 3600),
        ("3600.9", 3600),
        (r#""3600""#, 3600),
        (r#""3600.5""#, 3600),
        (r#""3.6e3""#, 3600),
        ("0", 0),
        ("0.9", 0),
        ("1", 1),
    ] {
        let life = with("expires_in", value).token().expires_in();
        assert_eq!(life, Some(Duration::from_secs(seconds)), "{value}");
    }
}

// P25
#[test]
fn lifetimes_that_are_none() {
    for value in [
        "1e400",
        "-1e400",
        r#""NaN""#,
        "true",
        "[]",
        "{}",
        r#""abc""#,
        r#""""#,
        r#""inf""#,
        r#""1e400""#,
        r#""--1""#,
        r#""-""#,
        r#"" ""#,
        r#""0x10""#,
        r#"[3600]"#,
        r#"{"a":3600}"#,
        r#""+1""#,
    ] {
        assert_eq!(
            with("expires_in", value).wrong_member(),
            "expires_in",
            "{value}"
        );
        let error = with("expires_in", value).error();
        assert!(!error.is_transient());
        assert_eq!(error.hint(), None, "it is the server that speaks");
        assert!(!format!("{error} {error:?}").contains("t0ken"));
    }
}

// P27
#[test]
fn endless_lifetimes_are_cut() {
    for value in [
        "18446744073709551615",
        "9223372036854775808",
        "1e18",
        "1e300",
        "99999999999999999999999",
        r#""1e18""#,
    ] {
        assert_eq!(
            with("expires_in", value).token().expires_in(),
            Some(YEARS_10),
            "{value}"
        );
    }
    assert_eq!(
        with("expires_in", "315360000").token().expires_in(),
        Some(YEARS_10)
    );
    let just_below = with("expires_in", "315359999").token().expires_in();
    assert_eq!(just_below, Some(YEARS_10 - Duration::from_secs(1)));
}

// P29
#[test]
fn tokens_that_are_none() {
    for value in [r#""""#, "null", "7", "[]", r#"["t0ken"]"#, "{}", "true"] {
        assert_eq!(
            with("access_token", value).wrong_member(),
            "access_token",
            "{value}"
        );
    }
    assert_eq!(ok("{}").wrong_member(), "access_token");
}

// P30
#[test]
fn a_token_is_fit_for_a_header_or_refused() {
    for bad in [
        r"\r", r"\n", r"\u0000", " ", r"\u007f", "é", r"\u00e9", r"\t", "😀",
    ] {
        for token in [
            format!("t0k{bad}en"),
            format!("{bad}t0ken"),
            format!("t0ken{bad}"),
        ] {
            let answer = || with("access_token", &format!("\"{token}\""));
            assert_eq!(answer().wrong_member(), "access_token", "{token:?}");
            let error = answer().error();
            assert!(!format!("{error} {error:?}").contains("t0k"));
        }
    }
    let every: String = (0x21..=0x7E_u8).map(char::from).collect();
    let json = every.replace('\\', r"\\").replace('"', r#"\""#);
    let token = with("access_token", &format!("\"{json}\"")).token();
    assert_eq!(token.expose(), every);
    assert_eq!(
        token.authorization().as_bytes(),
        format!("Bearer {every}").as_bytes()
    );
}

// P31
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

// P32
#[test]
fn the_type_of_a_token() {
    for bearer in [
        r#""bearer""#,
        r#""BEARER""#,
        r#""Bearer""#,
        r#""Bearer ""#,
        r#""BearerToken""#,
        "null",
    ] {
        assert_eq!(with("token_type", bearer).token().token_type(), "Bearer");
    }
    for other in [
        r#""DPoP""#,
        r#""mac""#,
        r#""N_A""#,
        r#""""#,
        r#""BearerDPoP""#,
        "7",
        "[]",
    ] {
        assert_eq!(
            with("token_type", other).wrong_member(),
            "token_type",
            "{other}"
        );
    }
}

// P33
#[test]
fn a_member_twice() {
    for (name, body) in [
        ("access_token", r#"{"access_token":"a","access_token":"b"}"#),
        (
            "access_token",
            r#"{"access_token":null,"x":1,"access_token":"b"}"#,
        ),
        (
            "access_token",
            r#"{"access_token":"a","access\u005ftoken":"b"}"#,
        ),
        (
            "expires_in",
            r#"{"access_token":"a","expires_in":1,"expires_in":1}"#,
        ),
    ] {
        assert_eq!(ok(body).wrong_member(), name);
    }
}

// P34
#[test]
fn something_after_the_object() {
    for tail in ["x", "{}", ",", "\0", "\u{feff}"] {
        assert_eq!(
            ok(format!("{TOKEN}{tail}")).reason(),
            MalformedReason::Syntax,
            "{tail:?}"
        );
    }
    assert!(ok(format!(" \r\n{TOKEN}\n\t ")).read().is_ok());
}

// X4
#[test]
fn an_answer_that_is_cut_short_may_be_whole_the_next_time() {
    for end in 1..TOKEN.len() {
        let error = ok(&TOKEN[..end]).error();
        assert!(error.is_transient(), "{error:?}");
    }
}

// P35
#[test]
fn only_utf_8() {
    assert_eq!(ok(format!("\u{feff}{TOKEN}")).token().expose(), "t0ken");
    let utf_16: Vec<u8> = TOKEN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(ok(utf_16).reason(), MalformedReason::Syntax);
    assert_eq!(
        ok([b"\xff\xfe".as_slice(), TOKEN.as_bytes()].concat()).reason(),
        MalformedReason::Syntax
    );
    for (body, token) in [
        (b"{\"access_token\":\"a\",\"x\":\"\xc3\"}".as_slice(), true),
        (b"{\"x\":\"\xc3\",\"access_token\":\"a\"}", true),
        (b"{\"access_token\":\"a\xc3\"}", false),
        (b"{\"access_token\":\"a\",\"scope\":\"\xc3\"}", false),
    ] {
        assert_eq!(ok(body).read().is_ok(), token);
    }
    assert_eq!(
        with("access_token", r#""\ud800""#).wrong_member(),
        "access_token"
    );
}

// P36
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

// P37
#[test]
fn the_body_decides_unless_it_is_a_form() {
    for content_type in [
        "text/plain",
        "text/html",
        "application/jsonfoo",
        "",
        "application/octet-stream",
    ] {
        assert_eq!(
            status(200)
                .header("content-type", content_type)
                .body(TOKEN)
                .token()
                .expose(),
            "t0ken"
        );
    }
    assert_eq!(status(200).body(TOKEN).token().expose(), "t0ken");

    let form = |status_code, body: &str| {
        let content_type = "Application/X-WWW-Form-URLEncoded; charset=utf-8";
        status(status_code)
            .header("content-type", content_type)
            .body(body)
    };
    let token = form(
        200,
        "access_token=t0ken&expires_in=3600&scope=a+b&token_type=bearer",
    )
    .token();
    assert_eq!((token.expose(), token.scope()), ("t0ken", Some("a b")));
    assert_eq!(token.expires_in(), Some(Duration::from_secs(3600)));
    let error = form(400, "error=invalid_client&error_description=in%20words").error();
    assert_eq!(
        (error.code(), error.description()),
        (Some("invalid_client"), Some("in words"))
    );
    assert_eq!(
        form(200, "error=invalid_client").error().code(),
        Some("invalid_client")
    );
    assert_eq!(
        form(200, "access_token=a&access_token=b").wrong_member(),
        "access_token"
    );
    assert_eq!(
        form(200, "access_token=a&expires_in=soon").wrong_member(),
        "expires_in"
    );
    assert_eq!(form(200, "access_token=%ff").wrong_member(), "access_token");
    assert_eq!(form(200, TOKEN).token().expose(), "t0ken");
}

// P38
#[test]
fn the_scope_is_reported_as_sent() {
    for (value, scope) in [
        (r#""a""#, Some("a")),
        (r#""b a c""#, Some("b a c")),
        (r#""""#, Some("")),
        (r#"["b","a"]"#, Some("b a")),
        ("[]", Some("")),
        ("null", None),
    ] {
        assert_eq!(with("scope", value).token().scope(), scope, "{value}");
    }
    for other in ["7", "true", "{}", r#"["a",7]"#, r#"[["a"]]"#, "[null]"] {
        assert_eq!(with("scope", other).wrong_member(), "scope", "{other}");
    }
}

// P39, P40
#[test]
fn what_was_not_asked_for_is_ignored() {
    let body = r#"{"refresh_token":"r3fresh","id_token":{"a":[1]},"access_token":"t0ken","x":null,"é":[{}],
        "message":7,"title":[],"error_description":{}}"#;
    let token = ok(body).token();
    assert_eq!(token.expose(), "t0ken");
    assert!(!format!("{token:?}").contains("r3fresh"));
}

// P41, P42
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

// P43
#[test]
fn a_problem_document() {
    let body = r#"{"type":"about:blank","title":"Out of order","status":503}"#;
    let error = status(503)
        .header("content-type", "application/reason+json")
        .body(body)
        .error();
    assert_eq!(
        (error.code(), error.description()),
        (None, Some("Out of order"))
    );
    assert!(error.is_transient());
}

// P46
#[test]
fn caching_headers_change_nothing() {
    let cached = ok(TOKEN)
        .header("cache-control", "public, max-age=60")
        .header("expires", "0")
        .token();
    assert_eq!(cached.expires_in(), ok(TOKEN).token().expires_in());
}

// P47
#[test]
fn answers_that_do_not_come_from_a_token_server() {
    for http in [400, 403] {
        let error = status(http)
            .header("content-type", "text/html")
            .body("<html>blocked</html>")
            .error();
        assert!(error.is_transient());
        assert_eq!(error.culprit(), Culprit::Network);
    }
    for http in [404, 405, 407, 410, 415, 418, 413] {
        let error = status(http).body("<html>").error();
        assert!(!error.is_transient(), "{http}");
        assert!(error.hint().is_some(), "{http}");
    }
    assert!(status(404).error().hint().unwrap().contains("endpoint"));
}

// P48
#[test]
fn other_shapes_of_errors() {
    let body = r#"{"statusCode":429,"error":"Too Many Requests","message":"Global limit has been reached"}"#;
    let error = status(429).body(body).error();
    assert_eq!(error.status(), Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(error.description(), Some("Global limit has been reached"));
    assert!(error.is_transient());

    let error = status(400)
        .body(r#"{"error":{"code":400,"message":"in words"}}"#)
        .error();
    assert_eq!(
        (error.code(), error.description()),
        (None, Some("in words"))
    );
    assert!(
        ok(r#"{"access_token":"t0ken","error":{"code":7}}"#)
            .read()
            .is_err()
    );
}

// P5, P47, P48
#[test]
fn a_member_without_text_says_nothing() {
    for nothing in [r#""""#, "null"] {
        let error = status(400)
            .body(format!(
                r#"{{"error":{nothing},"error_description":{nothing},"message":"in words"}}"#
            ))
            .error();
        assert_eq!(
            (error.code(), error.description()),
            (None, Some("in words"))
        );
        assert!(!error.is_transient());
    }
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

// P37
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

// P38
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

// fault: expired-on-arrival
#[test]
fn token_that_has_just_expired_is_transient() {
    for value in ["-2", "-0.5", "-1", r#""-1""#, r#"" -7 ""#] {
        let error = with("expires_in", value).error();
        assert!(error.is_transient(), "{value}");
        assert_eq!(error.culprit(), Culprit::Server);
        assert!(error.hint().unwrap().contains("clocks"));
        assert!(
            error
                .to_string()
                .ends_with("has a token that has already expired")
        );
    }
    assert_eq!(
        with("expires_in", r#"" 3600 ""#).token().expires_in(),
        Some(Duration::from_secs(3600))
    );
}

// fault: error-that-says-no
#[test]
fn error_that_says_no_beside_a_token_is_none() {
    for nothing in ["false", "0", r#""""#, "null"] {
        assert_eq!(
            with("error", nothing).token().expose(),
            "t0ken",
            "{nothing}"
        );
    }
    for something in ["true", "1", "{}", "[]", r#""x""#] {
        assert!(with("error", something).read().is_err(), "{something}");
    }
}

// fault: form-under-another-type
#[test]
fn body_decides_between_form_and_json() {
    for form in [
        "access_token=t0ken",
        "x=1&access_token=t0ken",
        "token_type=bearer&access_token=t0ken",
    ] {
        assert_eq!(status(200).body(form).token().expose(), "t0ken");
    }
    for text in ["a text & access_token=t0ken", "x=1", "accesstoken=t0ken"] {
        assert_eq!(
            status(200).body(text).reason(),
            MalformedReason::Syntax,
            "{text}"
        );
    }
    let form = "access_token=t0ken&token_type=bearer&expires_in=3600";
    for content_type in ["text/plain", "text/html", "application/json", ""] {
        let answer = status(200).header("content-type", content_type).body(form);
        assert_eq!(
            answer.token().expires_in(),
            Some(Duration::from_secs(3600)),
            "{content_type}"
        );
        let body = "error=invalid_client&error_description=in+words";
        let error = status(400)
            .header("content-type", content_type)
            .body(body)
            .error();
        assert_eq!(
            (error.code(), error.description()),
            (Some("invalid_client"), Some("in words"))
        );
    }
    let called_form = |body: &str| {
        let form = "application/x-www-form-urlencoded";
        status(200).header("content-type", form).body(body)
    };
    assert_eq!(called_form(TOKEN).token().expose(), "t0ken");
    let error = called_form(r#"{"error":"invalid_client"}"#).error();
    assert_eq!(error.code(), Some("invalid_client"));
}

// fault: white-space-around-a-form
#[test]
fn white_space_around_a_form_is_no_part_of_it() {
    for (before, after) in [
        ("", "\r\n"),
        ("\u{feff}", ""),
        (" \n", "\t\n\n"),
        ("\u{feff}\r\n", " "),
    ] {
        for form in [
            "expires_in=3600&access_token=t0ken",
            "access_token=t0ken&expires_in=3600",
        ] {
            let body = format!("{before}{form}{after}");
            let answer = status(200).header("content-type", "application/x-www-form-urlencoded");
            let token = answer.body(body).token();
            assert_eq!(token.expose(), "t0ken");
            assert_eq!(token.expires_in(), Some(Duration::from_secs(3600)));
        }
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

// fault: other-token-type
#[test]
fn hint_for_another_token_type_names_it() {
    let error = with("token_type", r#""DPoP""#).error();
    assert!(error.hint().unwrap().contains("Bearer"));
}

// fault: error-in-another-shape
#[test]
fn error_of_another_shape_in_a_success_is_an_error() {
    let error = ok(r#"{"errorCode":"invalid_client","errorSummary":"in words"}"#).error();
    assert_eq!(
        (error.code(), error.description()),
        (Some("invalid_client"), Some("in words"))
    );
    assert!(!error.is_transient());
    let error = ok(r#"{"success":false,"message":"in words"}"#).error();
    assert_eq!(
        (error.code(), error.description()),
        (None, Some("in words"))
    );
}
