//! The private key in a PEM text (RFC 7468). The texts of all sections are named, none is printed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::KeyError;

/// Returns the DER of the one private key in the text. Certificates and parameters beside it are skipped, as in
/// the files that servers use.
pub(crate) fn private_key(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut keys = Vec::new();
    let mut other = None;
    let mut lines = lines(text);
    while let Some(line) = lines.next() {
        let Some(label) = label(line, b"-----BEGIN ") else {
            continue;
        };
        let mut body = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut encrypted = label == b"ENCRYPTED PRIVATE KEY";
        loop {
            // A section without its end.
            let line = lines.next().ok_or(KeyError::Truncated)?;
            if let Some(end) = self::label(line, b"-----END ") {
                if end != label {
                    return Err(KeyError::Truncated);
                }
                break;
            }
            if self::label(line, b"-----BEGIN ").is_some() {
                return Err(KeyError::Truncated);
            }
            // RFC 1421 §4.6: headers, such as those of the old way to encrypt.
            if line.contains(&b':') {
                encrypted |= line.ends_with(b"ENCRYPTED") || line.starts_with(b"DEK-Info");
            } else {
                body.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
        }
        if encrypted {
            return Err(KeyError::Encrypted);
        }
        match label {
            b"PRIVATE KEY" | b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" => keys.push(body),
            b"EC PARAMETERS" => {}
            _ => other = other.or(Some(name(label))),
        }
    }
    match (keys.as_slice(), other) {
        ([body], _) => decode(body),
        ([], Some(found)) => Err(KeyError::NotPrivate { found }),
        ([], None) => Err(KeyError::NotPrivate {
            found: if text.trim_ascii().is_empty() {
                "an empty text"
            } else if text.windows(2).any(|pair| pair == br"\n") {
                r"a text with `\n` in place of line breaks"
            } else {
                "a text without a PEM section"
            },
        }),
        (keys, _) => Err(KeyError::Several { count: keys.len() }),
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| matches!(byte, b'\n' | b'\r'))
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
}

fn label<'a>(line: &'a [u8], start: &[u8]) -> Option<&'a [u8]> {
    line.strip_prefix(start)?.strip_suffix(b"-----")
}

fn decode(body: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    // Four characters are three bytes, so an even cut is left to the reader of the DER.
    if body.len() % 4 != 0 {
        return Err(KeyError::Truncated);
    }
    STANDARD
        .decode(body)
        .map(Zeroizing::new)
        .map_err(|_| KeyError::Invalid {
            reason: "the base64 text has a character that does not belong there",
        })
}

fn name(label: &[u8]) -> &'static str {
    match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE" => "a certificate",
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => "a certificate request",
        b"PUBLIC KEY" | b"RSA PUBLIC KEY" => "a public key",
        b"OPENSSH PRIVATE KEY" => "a key in the format of OpenSSH",
        b"DSA PRIVATE KEY" => "a DSA key",
        b"PGP PRIVATE KEY BLOCK" | b"PGP PUBLIC KEY BLOCK" => "a PGP key",
        _ => "a PEM section of another kind",
    }
}
