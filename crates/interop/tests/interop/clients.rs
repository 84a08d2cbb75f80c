//! The transports, as their own tests create them.

use std::sync::{LazyLock, Once};
use std::time::Duration;

use edge_oauth_conformance::{Watch, watch};

use crate::credentials::HMAC_SECRET;

#[path = "../../../tower/tests/subject/mod.rs"]
mod hyper;
#[path = "../../../reqwest/tests/subject/mod.rs"]
mod reqwest;
#[path = "../../../surf/tests/subject/mod.rs"]
mod surf;
#[path = "../../../ureq/tests/subject/mod.rs"]
mod ureq;

pub(crate) use hyper::Hyper;
pub(crate) use reqwest::Reqwest;
pub(crate) use surf::Surf;
pub(crate) use ureq::Ureq;

/// Returns the collector of all log lines of the process.
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

/// A client and its secret, with characters that encodings change.
pub(crate) const AWKWARD: (&str, &str) = ("we:ird id+%", "p@ss:w%rd+ &=~");

/// The id and the secret of a client, with every character that RFC 6749 Appendix A allows.
pub(crate) static PRINTABLE: LazyLock<String> = LazyLock::new(|| (' '..='~').collect());

/// The time limit of an exchange that has to end with a response, even on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(60);
