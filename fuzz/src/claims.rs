//! The claims of any token can be read.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_no_io::Claims;

/// Reads the bytes as a token, and as the payload of a token.
pub fn claims(bytes: &[u8]) {
    if let Some(claims) = Claims::read(&String::from_utf8_lossy(bytes)) {
        check(&claims);
    }
    let token = ["e30", &URL_SAFE_NO_PAD.encode(bytes), ""].join(".");
    if let Some(claims) = Claims::read(&token) {
        assert_eq!(
            claims.header("alg"),
            None,
            "the payload was read as the header"
        );
        check(&claims);
    }
}

fn check(claims: &Claims) {
    let names: Vec<_> = claims.iter().map(|(name, _)| name).collect();
    assert!(names.is_sorted(), "out of order: {names:?}");
    for (name, text) in claims.iter() {
        assert_eq!(claims.get(name), Some(text));
    }
    for (name, date) in [("iat", claims.issued_at()), ("exp", claims.expires_at())] {
        assert!(date.is_none() || claims.get(name).is_some());
    }
    let _ = (claims.header("alg"), claims.header("kid"));
}
