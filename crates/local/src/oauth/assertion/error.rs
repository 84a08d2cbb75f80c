//! Reasons to reject an assertion.

use std::fmt;

use crate::options::algorithm::Algorithm;

/// The only supported value of `client_assertion_type` (RFC 7523 §2.2).
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A reason to reject an assertion, which becomes the `error_description`. Its text repeats no part of the assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AssertionError {
    WrongType,
    MissingAssertion,
    NotAJwt,
    CriticalHeader,
    UnknownAlgorithm,
    UnknownClient,
    NoPublicKey,
    NoSecret,
    ShortSecret,
    UnknownKeyId,
    AlgorithmMismatch(Algorithm),
    WrongSignature,
    /// A claim is missing or has the wrong type.
    InvalidClaim(&'static str),
    WrongIssuer,
    WrongSubject,
    WrongAudience([String; 2]),
    Expired {
        seconds: u64,
    },
    /// The time of issue is too old for an assertion that the client makes for each request.
    ClockBehind {
        seconds: u64,
    },
    ClockAhead {
        seconds: u64,
    },
    LifetimeTooLong {
        max: u64,
    },
    Replayed,
}

impl fmt::Display for AssertionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongType => write!(f, "The client_assertion_type has to be {TYPE}"),
            Self::MissingAssertion => f.write_str("The client_assertion is missing"),
            Self::NotAJwt => {
                f.write_str("The client_assertion is not a signed JWT in compact form")
            }
            Self::CriticalHeader => {
                f.write_str("The assertion's header has crit, and no extension is known here")
            }
            Self::UnknownAlgorithm => {
                let names = Algorithm::ALL.map(Algorithm::name).join(", ");
                write!(f, "The assertion's alg is none of {names}")
            }
            Self::UnknownClient => f.write_str("No client has this id"),
            Self::NoPublicKey => f.write_str("The client has no public key: register one"),
            Self::NoSecret => f.write_str("The client has no secret, which HS256 needs"),
            Self::ShortSecret => {
                f.write_str("The client's secret has less than the 32 bytes that HS256 needs")
            }
            Self::UnknownKeyId => f.write_str("The assertion's kid names no key of the client"),
            Self::AlgorithmMismatch(algorithm) => {
                let name = algorithm.name();
                write!(
                    f,
                    "The assertion's alg {name} does not fit the client's key"
                )
            }
            Self::WrongSignature => {
                f.write_str("The assertion's signature does not fit the client's key")
            }
            Self::InvalidClaim(name) => {
                write!(f, "The assertion's {name} is missing or of another type")
            }
            Self::WrongIssuer => f.write_str("The assertion's iss is not that of the client"),
            Self::WrongSubject => f.write_str("The assertion's sub is not that of the client"),
            Self::WrongAudience([issuer, endpoint]) => {
                write!(f, "The assertion's aud is neither {issuer} nor {endpoint}")
            }
            Self::Expired { seconds } => write!(f, "The assertion expired {seconds} s ago"),
            Self::ClockBehind { seconds } => write!(
                f,
                "The assertion has expired: the client's clock is off, {seconds} s behind this server's, or \
                 the assertion is that old"
            ),
            Self::ClockAhead { seconds } => write!(
                f,
                "The assertion is not valid yet: the client's clock is off, {seconds} s ahead of this server's"
            ),
            Self::LifetimeTooLong { max } => {
                write!(f, "The assertion lives for more than {max} s")
            }
            Self::Replayed => {
                f.write_str("The assertion was used before: each needs a jti of its own")
            }
        }
    }
}
