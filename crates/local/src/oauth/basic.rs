//! Client credentials in an HTTP Basic header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::oauth::error_response::ErrorResponse;

/// Returns the id and the secret, or `None` if there is no `Authorization` header.
pub(crate) fn credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, ErrorResponse> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(ErrorResponse::InvalidRequest(
            "More than one Authorization header".into(),
        ));
    }
    let pair = value.to_str().ok().and_then(decode);
    let malformed =
        ErrorResponse::InvalidRequest("The Authorization header is not HTTP Basic".into());
    pair.map(Some).ok_or(malformed)
}

fn decode(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    // The case of a scheme does not matter (RFC 9110 §11.1).
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

/// Both parts are form-encoded before they are joined (RFC 6749 §2.3.1).
fn form_decode(part: &str) -> String {
    let query = format!("part={}", part.replace('&', "%26"));
    form_urlencoded::parse(query.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_a_form_encodes() {
        for (part, plain) in [
            ("plain", "plain"),
            ("a+b", "a b"),
            ("a%20b", "a b"),
            ("%3A%2B%25%26%3D", ":+%&="),
            ("bare&and=bare", "bare&and=bare"),
            ("%zz", "%zz"),
            ("", ""),
        ] {
            assert_eq!(form_decode(part), plain);
        }
    }

    #[test]
    fn splits_at_the_first_colon() {
        let value = format!("bAsIc {}", STANDARD.encode("id:se:cret"));
        let expected = ("id".to_owned(), "se:cret".to_owned());
        assert_eq!(decode(&value), Some(expected));
    }

    #[test]
    fn refuses_what_is_not_basic() {
        let unsplit = format!("Basic {}", STANDARD.encode("no colon"));
        for value in ["", "Basic", "Basic !", "Bearer aWQ6c2VjcmV0", &unsplit] {
            assert_eq!(decode(value), None, "{value}");
        }
    }
}
