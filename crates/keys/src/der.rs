//! Private keys in DER: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 §A.1.2) and SEC 1 (RFC 5915), and the public key in a
//! certificate.

use crate::error::{KeyError, invalid, missing, not_private, unsupported};
use crate::key_pair::{Curve, KeyPair};
use crate::pem::DAMAGED;

/// Reads a private key in one of the three forms, which the first elements tell apart.
pub(crate) fn private_key(der: &[u8]) -> Result<KeyPair, KeyError> {
    let mut outer = Reader(der);
    let mut key = Reader(outer.expect(SEQUENCE)?);
    if !outer.0.is_empty() {
        return Err(invalid("bytes follow the key"));
    }
    let (tag, first) = key.element()?;
    if tag == SEQUENCE {
        return Err(found_instead(first, key));
    }
    if tag != INTEGER {
        return Err(NOT_A_KEY);
    }
    match key.element()? {
        (SEQUENCE, algorithm) => pkcs8(algorithm, key),
        (INTEGER, modulus) => KeyPair::rsa_der(modulus, der),
        (OCTET_STRING, private) => ec(None, private, key),
        _ => Err(NOT_A_KEY),
    }
}

/// Returns the public key in a certificate (RFC 5280 §4.1).
pub(crate) fn certified_key(der: &[u8]) -> Result<&[u8], KeyError> {
    let mut key = subject_public_key_info(der).map_err(|error| match error {
        KeyError::InvalidCertificate { .. } => error,
        _ => DAMAGED,
    })?;
    let _algorithm = key.expect(SEQUENCE).map_err(|_| DAMAGED)?;
    let bits = key.expect(BIT_STRING).map_err(|_| DAMAGED)?;
    bits.strip_prefix(&[0]).ok_or(DAMAGED)
}

fn subject_public_key_info(der: &[u8]) -> Result<Reader<'_>, KeyError> {
    let mut certificate = Reader(Reader(der).expect(SEQUENCE)?);
    let mut fields = Reader(certificate.expect(SEQUENCE)?);
    // The others leave the version out, or have a lower number.
    if fields.element()? != (VERSION, &[INTEGER, 1, 2]) {
        return Err(KeyError::InvalidCertificate {
            reason: "it is not of X.509 version 3: issue one with extensions",
        });
    }
    fields.expect(INTEGER)?;
    // Signature, issuer, validity, subject.
    for _ in 0..4 {
        fields.expect(SEQUENCE)?;
    }
    fields.expect(SEQUENCE).map(Reader)
}

fn pkcs8(algorithm: &[u8], mut rest: Reader<'_>) -> Result<KeyPair, KeyError> {
    let mut algorithm = Reader(algorithm);
    let oid = algorithm.expect(OID)?;
    let key = rest.expect(OCTET_STRING)?;
    match oid {
        RSA => {
            let mut fields = Reader(Reader(key).expect(SEQUENCE)?);
            fields.expect(INTEGER)?;
            KeyPair::rsa_der(fields.expect(INTEGER)?, key)
        }
        EC => {
            let curve = curve(algorithm.expect(OID)?)?;
            let mut fields = Reader(Reader(key).expect(SEQUENCE)?);
            fields.expect(INTEGER)?;
            let private = fields.expect(OCTET_STRING)?;
            ec(Some(curve), private, fields)
        }
        // RFC 8410 §7: an octet string in the octet string. The public key in version 2 is not needed.
        ED25519 => KeyPair::ed25519(Reader(key).expect(OCTET_STRING)?, None),
        X25519 => Err(unsupported("an X25519 key, which cannot sign")),
        RSA_PSS => Err(unsupported("an RSA key that its type limits to PSS")),
        ED448 => Err(unsupported("an Ed448 key")),
        DSA => Err(unsupported("a DSA key")),
        _ => Err(unsupported("a key of another type")),
    }
}

fn ec(mut named: Option<Curve>, private: &[u8], mut rest: Reader<'_>) -> Result<KeyPair, KeyError> {
    let mut public = None;
    while !rest.0.is_empty() {
        match rest.element()? {
            (PARAMETERS, oid) => named = Some(curve(Reader(oid).expect(OID)?)?),
            // A bit string without unused bits.
            (PUBLIC, bits) => public = Reader(bits).expect(BIT_STRING)?.strip_prefix(&[0]),
            _ => {}
        }
    }
    let curve = named.ok_or(missing("the name of its curve"))?;
    // ring does not compute the public key.
    let public = public.ok_or(missing(
        "its public key, which `openssl ec -in key.pem -out new.pem` adds",
    ))?;
    KeyPair::ec(curve, private, public)
}

fn curve(oid: &[u8]) -> Result<Curve, KeyError> {
    match oid {
        P256 => Ok(Curve::P256),
        P384 => Ok(Curve::P384),
        P521 => Err(unsupported("an EC key on P-521")),
        SECP256K1 => Err(unsupported("an EC key on secp256k1")),
        _ => Err(unsupported("an EC key on another curve")),
    }
}

/// Names what begins with a sequence in a sequence.
fn found_instead(first: &[u8], mut rest: Reader<'_>) -> KeyError {
    let begins_with_oid = first.first() == Some(&OID);
    match rest.element() {
        Ok((OCTET_STRING, _)) if begins_with_oid => KeyError::Encrypted,
        Ok((BIT_STRING, _)) if begins_with_oid => not_private("a public key"),
        Ok((SEQUENCE, _)) => not_private("a certificate"),
        _ => NOT_A_KEY,
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn expect(&mut self, wanted: u8) -> Result<&'a [u8], KeyError> {
        match self.element()? {
            (tag, content) if tag == wanted => Ok(content),
            _ => Err(NOT_A_KEY),
        }
    }

    /// Reads one element: its tag and its content.
    fn element(&mut self) -> Result<(u8, &'a [u8]), KeyError> {
        let (&tag, rest) = self.0.split_first().ok_or(KeyError::Truncated)?;
        let (&length, rest) = rest.split_first().ok_or(KeyError::Truncated)?;
        let (length, rest) = match length {
            0..=0x7f => (usize::from(length), rest),
            // No key takes more than two bytes of length.
            0x81 | 0x82 => {
                let (bytes, rest) = rest
                    .split_at_checked(usize::from(length & 0x7f))
                    .ok_or(KeyError::Truncated)?;
                let length = bytes
                    .iter()
                    .fold(0, |sum, &byte| sum << 8 | usize::from(byte));
                (length, rest)
            }
            _ => return Err(NOT_A_KEY),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(KeyError::Truncated)?;
        self.0 = rest;
        Ok((tag, content))
    }
}

const NOT_A_KEY: KeyError = KeyError::Invalid {
    reason: "it is neither PKCS#8 nor PKCS#1 nor SEC 1",
};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const PARAMETERS: u8 = 0xa0;
const PUBLIC: u8 = 0xa1;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];
const SECP256K1: &[u8] = &[0x2b, 0x81, 4, 0, 0x0a];
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];
