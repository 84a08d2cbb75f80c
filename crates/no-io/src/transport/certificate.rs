//! Advice about a certificate that is not accepted, in a sentence.

/// Returns the advice for the reason that the text of a TLS library ends with, such as
/// `invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))`. A name that the server's certificate
/// contains is quoted in such a text and so is no reason.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    find(&ADVICE, text)
}

/// Returns the advice for an alert of the server about the client's certificate, whose name the text ends with, such as
/// `received fatal alert: CertificateRequired`.
pub(super) fn advice_to_client(text: &str) -> Option<&'static str> {
    find(&ALERTS, text)
}

fn find(advice: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    let reason = text.trim_end_matches(')').rsplit([' ', '(']).next()?;
    let advice = advice.iter().find(|(name, _)| *name == reason);
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

/// The alerts of RFC 8446 §6.2, as rustls writes them.
const ALERTS: [(&str, &str); 8] = [
    (
        "CertificateRequired",
        "the server demands one (certificate_required); give the HTTP client a certificate and its key",
    ),
    (
        "CertificateExpired",
        "the server says that it has expired (certificate_expired); renew it, and check the clocks",
    ),
    (
        "CertificateRevoked",
        "the server says that it was revoked (certificate_revoked); use a new one",
    ),
    (
        "UnknownCA",
        "the server does not trust the authority that signed it (unknown_ca); register the authority with the \
         server, and send the intermediate certificates after the client's own",
    ),
    (
        "AccessDenied",
        "the server does not let it in (access_denied); register it with the server",
    ),
    (
        "BadCertificate",
        "the server does not accept it (bad_certificate); check that the server knows it or its authority",
    ),
    (
        "UnsupportedCertificate",
        "the server does not support its type (unsupported_certificate); issue one with clientAuth in its \
         extendedKeyUsage and a usual key",
    ),
    (
        "CertificateUnknown",
        "the server does not accept it (certificate_unknown); check that the server knows it or its authority",
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

    // fault: client-certificate-is-not-accepted
    #[test]
    fn alert_about_the_client_certificate_comes_with_advice() {
        for (text, says) in [
            ("received fatal alert: CertificateRequired", "demands one"),
            ("received fatal alert: UnknownCA", "intermediate"),
        ] {
            assert!(advice_to_client(text).unwrap().contains(says), "{text}");
            assert_eq!(advice(text), None);
        }
        assert_eq!(
            advice_to_client("the file `CertificateRequired` is empty"),
            None
        );
    }
}
