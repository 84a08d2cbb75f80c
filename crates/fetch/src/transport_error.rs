//! Converts what `fetch` throws to the core's errors, without its text.

use edge_oauth_no_io::{TransportError, TransportErrorKind as Kind};
use js_sys::Reflect;
use wasm_bindgen::JsValue;

use crate::global;

/// Returns the error of a request that has no response. The engine's own words may contain the URL, so they are never
/// used.
pub(crate) fn in_head(error: &JsValue) -> TransportError {
    known(error).unwrap_or_else(|| {
        // Only pages and the workers of pages have one, and only they are subject to CORS.
        let why = match global::value("location") {
            Some(_) => NETWORK_OR_CORS,
            None => "the network failed, and the engine does not tell why",
        };
        TransportError::new(Kind::Other, why)
    })
}

/// Returns the error of a body that broke off.
pub(crate) fn in_body(error: &JsValue) -> TransportError {
    known(error).unwrap_or_else(|| TransportError::new(Kind::Closed, "the body broke off"))
}

/// Node gives the error of the system, of its parser or of TLS as the cause, with a code. Browsers say nothing.
fn known(error: &JsValue) -> Option<TransportError> {
    let member = |value: &JsValue, name: &str| Reflect::get(value, &name.into()).ok();
    let cause = member(error, "cause")?;
    let code = member(&cause, "code")?.as_string()?;
    let kind = kind(&code)?;
    Some(match kind {
        // The advice of the core is by the names of rustls.
        Kind::Certificate if code == "CERT_HAS_EXPIRED" => {
            TransportError::new(kind, "it has expired")
        }
        _ => TransportError::new(kind, code),
    })
}

fn kind(code: &str) -> Option<Kind> {
    Some(match code {
        "ENOTFOUND" | "EAI_AGAIN" => Kind::Resolve,
        "ECONNREFUSED" | "EHOSTUNREACH" | "ENETUNREACH" | "ENETDOWN" | "EADDRNOTAVAIL" => {
            Kind::Connect
        }
        "UND_ERR_CONNECT_TIMEOUT"
        | "UND_ERR_HEADERS_TIMEOUT"
        | "UND_ERR_BODY_TIMEOUT"
        | "ETIMEDOUT" => Kind::Timeout,
        "ECONNRESET" | "ECONNABORTED" | "EPIPE" | "UND_ERR_SOCKET" | "UND_ERR_CLOSED" => {
            Kind::Closed
        }
        "UND_ERR_HEADERS_OVERFLOW" | "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" => Kind::Protocol,
        "DEPTH_ZERO_SELF_SIGNED_CERT"
        | "SELF_SIGNED_CERT_IN_CHAIN"
        | "ERR_TLS_CERT_ALTNAME_INVALID" => Kind::Certificate,
        _ if code.starts_with("CERT_") || code.starts_with("UNABLE_TO_") => Kind::Certificate,
        _ if code.starts_with("HPE_") || code.starts_with("Z_") => Kind::Protocol,
        _ if code.starts_with("ERR_SSL_") || code.starts_with("ERR_TLS_") || code == "EPROTO" => {
            Kind::Tls
        }
        _ => return None,
    })
}

const NETWORK_OR_CORS: &str = "either the network failed, or the server does not permit requests of this page's origin \
     (CORS); a browser does not tell which of the two";
