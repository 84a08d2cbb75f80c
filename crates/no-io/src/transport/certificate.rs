//! Advice about a certificate that is not accepted, in a sentence.

/// Returns the advice for the reason that the text of a TLS library ends with, such as
/// `invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))`. A name that the server's certificate
/// contains is quoted in such a text and so is no reason.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    let reason = text.trim_end_matches(')').rsplit([' ', '(']).next()?;
    let advice = ADVICE.iter().find(|(name, _)| *name == reason);
    advice.map(|(_, advice)| *advice)
}

/// The reasons of webpki and rustls that are names and no sentences.
const ADVICE: [(&str, &str); 8] = [
    (
        "CaUsedAsEndEntity",
        "the server presents the certificate of an authority as its own; give the server a certificate \
         without CA:TRUE that this authority signed, or a self-signed certificate without CA:TRUE",
    ),
    (
        "EndEntityUsedAsCa",
        "the server's certificate was signed with a certificate that is no authority; sign it with one that \
         has CA:TRUE, and trust that one",
    ),
    (
        "UnknownIssuer",
        "UnknownIssuer: no trusted authority signed it; check the host, or trust the authority's certificate",
    ),
    (
        "UnsupportedCertVersion",
        "the server's certificate is of X.509 version 1; issue one of version 3, with the host in its \
         subjectAltName",
    ),
    (
        "PathLenConstraintViolated",
        "an authority of the chain may not sign other authorities (pathlen); issue the server's certificate \
         with an authority that may sign it",
    ),
    (
        "NameConstraintViolation",
        "the authority may not sign for this host (nameConstraints); issue the server's certificate with an \
         authority that may",
    ),
    (
        "BadSignature",
        "the signature does not match the authority's key; trust the certificate of the authority that signed \
         the server's certificate",
    ),
    (
        "InvalidPurpose",
        "the server's certificate is not for servers; issue one with serverAuth in its extendedKeyUsage",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_is_found_at_the_end_of_the_text_only() {
        for (text, says) in [
            (
                "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))",
                "CA:TRUE",
            ),
            ("invalid peer certificate: UnknownIssuer", "trust"),
            ("UnsupportedCertVersion", "version 3"),
        ] {
            assert!(advice(text).unwrap().contains(says), "{text}");
        }
        for text in [
            "",
            "certificate not valid for name \"a\"; certificate is only valid for DnsName(\"UnknownIssuer\")",
            "invalid peer certificate: UnknownIssuerOfNote",
            "invalid peer certificate: Expired",
        ] {
            assert_eq!(advice(text), None, "{text}");
        }
    }
}
