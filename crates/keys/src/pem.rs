//! The private key and the certificates in a PEM text (RFC 7468). The texts of all sections are named, none is printed.

use std::iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{KeyError, invalid};

/// Returns the DER of the one private key in the text. Certificates and parameters beside it are skipped, as in
/// the files that servers use.
pub(crate) fn private_key(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut keys = Vec::new();
    let mut other = None;
    for section in sections(text) {
        let section = section?;
        if section.encrypted {
            return Err(KeyError::Encrypted);
        }
        match section.label {
            b"PRIVATE KEY" | b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" => keys.push(section.body),
            b"EC PARAMETERS" => {}
            label => other = other.or(Some(name(label))),
        }
    }
    match (keys.as_slice(), other) {
        ([body], _) => decode(body),
        ([], Some(found)) => Err(KeyError::NotPrivate { found }),
        ([], None) => Err(KeyError::NotPrivate {
            found: name_of_text(text),
        }),
        (keys, _) => Err(KeyError::Several { count: keys.len() }),
    }
}

/// Returns the DER of each certificate in the text, in its order. Private keys beside them are skipped.
pub(crate) fn certificates(text: &[u8]) -> Result<Vec<Vec<u8>>, KeyError> {
    let mut certificates = Vec::new();
    let mut other = None;
    for section in sections(text) {
        let section = section.map_err(|_| DAMAGED)?;
        match name(section.label) {
            CERTIFICATE => certificates.push(decode(&section.body).map_err(|_| DAMAGED)?.to_vec()),
            found => other = other.or(Some(found)),
        }
    }
    if certificates.is_empty() {
        let found = other.unwrap_or_else(|| name_of_text(text));
        return Err(KeyError::NotCertificate { found });
    }
    Ok(certificates)
}

/// A part of a PEM text.
struct Section<'a> {
    label: &'a [u8],
    body: Zeroizing<Vec<u8>>,
    encrypted: bool,
}

fn sections(text: &[u8]) -> impl Iterator<Item = Result<Section<'_>, KeyError>> {
    let mut lines = lines(text);
    iter::from_fn(move || {
        let label = lines.find_map(|line| label(line, b"-----BEGIN "))?;
        let mut section = Section {
            label,
            body: Zeroizing::new(Vec::with_capacity(text.len())),
            encrypted: label == b"ENCRYPTED PRIVATE KEY",
        };
        for line in lines.by_ref() {
            if let Some(end) = self::label(line, b"-----END ") {
                return Some(match end == label {
                    true => Ok(section),
                    false => Err(KeyError::Truncated),
                });
            }
            if self::label(line, b"-----BEGIN ").is_some() {
                return Some(Err(KeyError::Truncated));
            }
            // RFC 1421 §4.6: headers, such as those of the old way to encrypt.
            if line.contains(&b':') {
                section.encrypted |= line.ends_with(b"ENCRYPTED") || line.starts_with(b"DEK-Info");
            } else {
                let bytes = line.iter().filter(|byte| !byte.is_ascii_whitespace());
                section.body.extend(bytes);
            }
        }
        // A section without its end.
        Some(Err(KeyError::Truncated))
    })
}

/// Returns the text without the byte order mark that editors on Windows write.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn name_of_text(text: &[u8]) -> &'static str {
    if text.trim_ascii().is_empty() {
        "an empty text"
    } else if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        "a text in UTF-16, which is to be saved as UTF-8,"
    } else if text.windows(2).any(|pair| pair == br"\n") {
        r"a text with `\n` in place of line breaks"
    } else {
        "a text without a PEM section"
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    without_mark(text)
        .split(|byte| matches!(byte, b'\n' | b'\r'))
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
        .map_err(|_| invalid("the base64 text has a character that does not belong there"))
}

fn name(label: &[u8]) -> &'static str {
    match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" | b"TRUSTED CERTIFICATE" => CERTIFICATE,
        b"PRIVATE KEY" | b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" | b"ENCRYPTED PRIVATE KEY" => {
            "a private key"
        }
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => "a certificate request",
        b"PUBLIC KEY" | b"RSA PUBLIC KEY" => "a public key",
        b"OPENSSH PRIVATE KEY" => "a key in the format of OpenSSH",
        b"DSA PRIVATE KEY" => "a DSA key",
        b"PGP PRIVATE KEY BLOCK" | b"PGP PUBLIC KEY BLOCK" => "a PGP key",
        _ => "a PEM section of another kind",
    }
}

const CERTIFICATE: &str = "a certificate";

pub(crate) const DAMAGED: KeyError = KeyError::InvalidCertificate {
    reason: "it is damaged or ends too early: copy the whole file again",
};
