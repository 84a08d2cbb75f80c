//! `http::Request` to JavaScript's `Request`.

use edge_oauth_no_io::{SecretBytes, TransportError, TransportErrorKind};
use http::{Request, header};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{
    AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit, RequestRedirect,
};

use crate::global;

/// Makes a request that follows no redirect, has no cookies and uses no cache.
pub(crate) fn to_js(
    request: &Request<SecretBytes>,
    abort: &AbortSignal,
) -> Result<web_sys::Request, TransportError> {
    let options = RequestInit::new();
    options.set_method(request.method().as_str());
    options.set_headers_headers(&headers(request).map_err(refused)?);
    options.set_redirect(RequestRedirect::Manual);
    options.set_signal(Some(abort));
    // `fetch` rejects even an empty body for some methods.
    let body = request.body().as_ref();
    if !body.is_empty() {
        options.set_body_opt_u8_array(Some(&Uint8Array::from(body)));
    }
    // Workers have neither cookies nor, in older versions, a cache, and reject the members.
    if is_supported("credentials") {
        options.set_credentials(RequestCredentials::Omit);
    }
    if is_supported("cache") {
        options.set_cache(RequestCache::NoStore);
    }
    let url = request.uri().to_string();
    web_sys::Request::new_with_str_and_init(&url, &options).map_err(refused)
}

fn headers(request: &Request<SecretBytes>) -> Result<Headers, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        // `fetch` counts the body itself. Node would send two lengths.
        if name != header::CONTENT_LENGTH {
            // Each character of the text is one byte on the wire.
            let value: String = value.as_bytes().iter().copied().map(char::from).collect();
            headers.append(name.as_str(), &value)?;
        }
    }
    Ok(headers)
}

/// Returns whether the engine knows this member of a request.
fn is_supported(member: &str) -> bool {
    let prototype =
        global::value("Request").and_then(|class| Reflect::get(&class, &"prototype".into()).ok());
    prototype.is_some_and(|prototype| Reflect::has(&prototype, &member.into()).unwrap_or_default())
}

/// The engine's own words may repeat the URL or a header.
fn refused(_: JsValue) -> TransportError {
    let why = "fetch rejects the request: its URL contains a password, its method is forbidden, or a GET has a body";
    TransportError::new(TransportErrorKind::Other, why)
}
