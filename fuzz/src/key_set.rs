//! A key set verifies a token, or a printable line says why not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use edge_oauth_cli::jwt::Token;
use edge_oauth_cli::jwt::key_set::KeySet;

/// Reads the first line as the header of a token, the next as the rest of it, and what follows as a key set.
pub fn key_set(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut next = || parts.next().unwrap_or_default();
    let (header, rest, json) = (next(), next(), next());
    let keys = match KeySet::read(json) {
        Ok(keys) => keys,
        Err(reason) => return assert_printable(reason),
    };
    let rest = String::from_utf8_lossy(rest);
    let token = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
    let Token::Jwt { header, .. } = Token::read(&token) else {
        return;
    };
    match keys.verify(&token, &header) {
        Ok(valid) => {
            let name = header["alg"].as_str().expect("a name");
            assert_eq!(valid.algorithm, name);
            // RFC 8725 §3.1 and §3.2.
            assert!(name != "none" && !name.starts_with("HS"), "{name}");
            assert_printable(valid.kid.as_deref().unwrap_or_default());
            let other = keys.verify(&format!("e{token}"), &header);
            assert!(other.is_err(), "another token is valid too");
        }
        Err(reason) => assert_printable(&reason),
    }
}

fn assert_printable(text: &str) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() < 1024, "{} bytes", text.len());
}
