//! Properties of any input: values arrive whole, and any response is a token or an error.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use edge_oauth_no_io::{
    ApiError, BasicEncoding, BodyFormat, Config, RateLimits, Secret, token_request, token_response,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const ENDPOINT: &str = "https://login.example/token";

/// Text of any characters that `new_lenient` takes for an id or a secret.
fn credential() -> impl Strategy<Value = String> {
    any::<String>().prop_filter("allowed", |text| {
        !text.is_empty() && !text.ends_with(['\n', '\r'])
    })
}

/// A form decoder that shares no code with the encoder.
fn decode_form(body: &[u8]) -> HashMap<String, String> {
    let body = std::str::from_utf8(body).unwrap();
    let decode = |text: &str| {
        urlencoding::decode(&text.replace('+', " "))
            .unwrap()
            .into_owned()
    };
    let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// A JSON parser that shares no code with the serialiser.
fn decode_json(body: &[u8]) -> HashMap<String, String> {
    let json: tinyjson::JsonValue = std::str::from_utf8(body).unwrap().parse().unwrap();
    let members = json.get::<HashMap<String, tinyjson::JsonValue>>().unwrap();
    members
        .iter()
        .map(|(name, value)| (name.clone(), value.get::<String>().unwrap().clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn id_secret_and_parameters_arrive_whole(
        id in credential(), secret in credential(), audience in ".+", value in any::<String>(),
    ) {
        let builder = Config::builder(ENDPOINT, &id).client_secret(Secret::new(&secret)).lenient();
        let builder = builder.audience(&audience).param("x y&", &value);
        let request = |format| token_request(&builder.clone().body_format(format).build().unwrap()).unwrap();
        let form = decode_form(request(BodyFormat::Form).body().as_ref());
        let json = decode_json(request(BodyFormat::Json).body().as_ref());
        for fields in [form, json] {
            prop_assert_eq!(&fields["client_id"], &id);
            prop_assert_eq!(&fields["client_secret"], &secret);
            prop_assert_eq!(&fields["audience"], &audience);
            prop_assert_eq!(&fields["x y&"], &value);
            prop_assert_eq!(fields.len(), 5);
        }
    }

    #[test]
    fn id_and_secret_arrive_whole_by_basic(id in credential(), secret in credential()) {
        for encoding in [BasicEncoding::Percent, BasicEncoding::Plus] {
            let config = Config::builder(ENDPOINT, &id).client_secret(Secret::new(&secret)).lenient();
            let request = token_request(&config.basic_auth(encoding).build().unwrap()).unwrap();
            let header = request.headers()["authorization"].to_str().unwrap();
            let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
            let pair = String::from_utf8(pair).unwrap().replace('+', "%20");
            let (left, right) = pair.split_once(':').unwrap();
            prop_assert_eq!(urlencoding::decode(left).unwrap(), id.as_str());
            prop_assert_eq!(urlencoding::decode(right).unwrap(), secret.as_str());
        }
    }

    #[test]
    fn any_endpoint_and_any_setter_gives_a_config_or_an_error(text in any::<String>(), tail in "[ -~]{0,40}") {
        let _ = Config::builder(&text, &text).client_secret(Secret::new(&text)).build();
        let _ = Config::builder(format!("https://{tail}"), "id").client_secret(Secret::new("s")).build();
        let builder = || Config::builder(ENDPOINT, "id").client_secret(Secret::new("s"));
        let _ = builder().scope(&text).build();
        let _ = builder().resource(&text).build();
        let _ = builder().param(&text, &text).build();
        if let Ok(config) = builder().endpoint(format!("http://{tail}")).build() {
            let host = config.endpoint().host().unwrap().to_ascii_lowercase();
            prop_assert!(host == "localhost" || host == "[::1]" || host.starts_with("127."), "{}", host);
        }
    }

    // fault: echo-in-another-spelling, echo-of-a-part
    #[test]
    fn part_of_a_secret_in_any_mixture_of_spellings_is_withheld(
        secret in "[!-\\[\\]-~]{8}[ -\\[\\]-~\u{e4}\u{20ac}\u{1f600}]{0,40}[!-\\[\\]-~]",
        cut in any::<prop::sample::Index>(),
        spellings in prop::collection::vec(0..SPELLINGS.len(), 0..4),
        (before, after) in ("[ (:/=]{1,3}", "[ ),;/]{1,3}"),
    ) {
        let config = Config::builder(ENDPOINT, "id").client_secret(Secret::new(&secret)).lenient().build().unwrap();
        let chars: Vec<_> = secret.chars().collect();
        let start = cut.index(chars.len() - 7);
        // Text that resembles an escape is shorter when it is read.
        let start = if secret.contains(['%', '&']) { 0 } else { start };
        let part: String = chars[start..].iter().collect();
        let echo = spellings.iter().fold(part.clone(), |text, at| SPELLINGS[*at](&text));
        let words = serde_json::Value::from(format!("{before}{echo}{after}"));
        let mut response = http::Response::new(format!(r#"{{"error":"x","error_description":{words}}}"#));
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        let error = token_response(&config, &response).unwrap_err();
        prop_assert_eq!(error.description(), Some("[withheld: it repeats a credential]"), "{} of {}", echo, secret);
    }

    #[test]
    fn any_response_is_a_token_or_an_error(
        status in 100_u16..1000,
        content_type in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        extra in prop::collection::vec(
            (prop::sample::select(vec!["retry-after", "date", "x-ratelimit-reset", "x-ratelimit-remaining",
                "location", "auth0-client-quota-limit"]), prop::collection::vec(any::<u8>(), 0..40)),
            0..6),
        body in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            json_like().prop_map(String::into_bytes),
            (prop::collection::vec(any::<u8>(), 0..9), json_like(), "[ -~]{0,20}", any::<prop::sample::Index>())
                .prop_map(|(before, json, after, cut)| {
                    let body = [before, json.into_bytes(), after.into_bytes()].concat();
                    body[..cut.index(body.len() + 1)].to_vec()
                }),
        ],
    ) {
        let mut response = http::Response::new(body);
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        let form = content_type.is_none().then(|| b"application/x-www-form-urlencoded".to_vec());
        for (name, value) in extra.into_iter().chain(content_type.or(form).map(|value| ("content-type", value))) {
            if let Ok(value) = http::HeaderValue::from_bytes(&value) {
                response.headers_mut().append(name, value);
            }
        }
        let config = Config::builder(ENDPOINT, "id").client_secret(Secret::new("s3cret")).build().unwrap();
        match token_response(&config, &response) {
            Ok(token) => {
                prop_assert!(matches!(status, 200..=299));
                prop_assert!(token.expose().bytes().all(|byte| matches!(byte, 0x21..=0x7E)));
                prop_assert!(token.authorization().is_sensitive());
                let _ = token.claims();
            }
            Err(error) => {
                let shown = format!("{error} {error:?} {:?}", error.hint());
                prop_assert!(shown.len() < 4096);
                prop_assert!(!error.to_string().contains(char::is_control));
                let _ = error.retry_after().map(|retry_after| retry_after.wait(std::time::Duration::ZERO));
            }
        }
        let _ = RateLimits::read(response.headers());
        let error = ApiError::from_response(&response, &["s3cret"]);
        let shown = format!("{error} {error:?}");
        prop_assert!(shown.len() < 4096);
        prop_assert!(!error.to_string().contains(char::is_control));
    }
}

/// Spellings that services, and what is between, write texts in.
const SPELLINGS: [fn(&str) -> String; 7] = [
    |text| urlencoding::encode(text).into_owned(),
    |text| text.bytes().map(|byte| format!("%{byte:02x}")).collect(),
    |text| urlencoding::encode(text).replace("%20", "+"),
    |text| {
        let json = serde_json::to_string(text).unwrap();
        json[1..json.len() - 1].to_owned()
    },
    |text| {
        let escaped = |c: char| match c {
            '\\' => r"\\".to_owned(),
            c if c.is_ascii_alphanumeric() => c.to_string(),
            c => {
                let units = c.encode_utf16(&mut [0; 2]).to_vec();
                units.iter().map(|unit| format!("\\u{unit:04X}")).collect()
            }
        };
        text.chars().map(escaped).collect()
    },
    |text| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;")
    },
    |text| {
        text.chars()
            .map(|c| format!("&#{};", u32::from(c)))
            .collect()
    },
];

/// Text that comes near to an answer: its members, with values of all kinds.
fn json_like() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec![
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "error",
        "error_description",
        "message",
        "errorCode",
        "detail",
        "fault",
        "title",
        "x",
    ]);
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("{\"message\":\"m\"}".to_owned()),
        Just("[\"a\",\"b\"]".to_owned()),
        Just("\"Bearer\"".to_owned()),
        any::<f64>().prop_map(|number| number.to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "[ -~]{0,20}".prop_map(|text| format!("{text:?}")),
    ];
    let members = prop::collection::vec((name, value), 0..6);
    members.prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}
