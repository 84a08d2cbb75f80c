//! The characters that a text may have.

/// RFC 6749 Appendix A.1 and A.2: VSCHAR, for a client id and a client secret.
pub(crate) fn is_credential(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// RFC 6749 Appendix A.4: NQCHAR, so no space, quote or backslash.
pub(crate) fn is_scope_token(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b'\\'))
}

/// Returns whether a text may stand in a host's name or a tenant's id, so that neither can become more than one.
pub(crate) fn is_plain_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !text.is_empty() && text.bytes().all(plain)
}

/// RFC 3986 §4.3 and RFC 8707 §2: a scheme, something after it, no fragment, nothing that would have
/// to be escaped.
pub(crate) fn is_absolute_uri(uri: &str) -> bool {
    let Some((scheme, rest)) = uri.split_once(':') else {
        return false;
    };
    let scheme_starts = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let scheme_goes_on = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let allowed = |byte| {
        matches!(byte, b'!'..=b'~')
            && !matches!(
                byte,
                b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
            )
    };
    scheme_starts
        && scheme.chars().all(scheme_goes_on)
        && !rest.is_empty()
        && rest.bytes().all(allowed)
}

/// Returns whether every byte is one of `first` to `last`. There is no early end, and the distances are compared
/// at once, so that the loop takes many bytes at a time.
pub(crate) fn all_within(text: &str, first: u8, last: u8) -> bool {
    let distances = text.bytes().map(|byte| byte.wrapping_sub(first));
    distances.fold(0, u8::max) <= last - first
}

/// A parameter that the library sets itself, or that has a setter of its own.
pub(crate) fn is_reserved(parameter: &str) -> bool {
    RESERVED.contains(&parameter)
}

const RESERVED: [&str; 8] = [
    "audience",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "grant_type",
    "resource",
    "scope",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_byte_outside_is_enough_wherever_it_stands() {
        for byte in 0..=0x7f {
            for place in [0, 1, 31, 32, 66] {
                let mut text = vec![b'a'; 67];
                text[place] = byte;
                let text = String::from_utf8(text).unwrap();
                assert_eq!(
                    all_within(&text, b'!', b'~'),
                    byte.is_ascii_graphic(),
                    "{byte} at {place}"
                );
            }
        }
        assert!(!all_within("é", b'!', b'~'));
        assert!(all_within("", b'!', b'~'));
    }
}
