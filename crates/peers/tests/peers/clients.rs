//! The transports, as their own tests make them.

use std::sync::{LazyLock, Once};
use std::time::Duration;

use edge_oauth_conformance::{Watch, watch};

use crate::credentials::HMAC_SECRET;

#[path = "../../../reqwest/tests/subject/mod.rs"]
mod reqwest;
#[path = "../../../surf/tests/subject/mod.rs"]
mod surf;
#[path = "../../../ureq/tests/subject/mod.rs"]
mod ureq;

pub(crate) use reqwest::Reqwest;
pub(crate) use surf::Surf;
pub(crate) use ureq::Ureq;

/// Hears every logger of the process.
pub(crate) fn listening() -> &'static Watch {
    static PLANTED: Once = Once::new();
    PLANTED.call_once(|| {
        for (id, secret) in [
            ("my-client", SECRET),
            ("HS256", HMAC_SECRET),
            AWKWARD,
            (&PRINTABLE, &PRINTABLE),
        ] {
            watch().plant(&format!("the secret of {id}"), secret);
        }
    });
    watch()
}

/// The secret of `my-client`.
pub(crate) const SECRET: &str = "my-secret, which is long";

/// A client, and its secret, with what encodings change.
pub(crate) const AWKWARD: (&str, &str) = ("we:ird id+%", "p@ss:w%rd+ &=~");

/// The id and the secret of a client: all that RFC 6749 Appendix A allows in one.
pub(crate) static PRINTABLE: LazyLock<String> = LazyLock::new(|| (' '..='~').collect());

/// For what has to answer, however busy the machine is.
pub(crate) const LONG: Duration = Duration::from_secs(60);
