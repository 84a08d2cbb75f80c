//! JavaScript's `Response` to `http::Response`, with its body read in parts.

use edge_oauth_no_io::{
    LimitedBody, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use js_sys::futures::JsFuture;
use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ReadableStream, ReadableStreamDefaultReader, ResponseType};

use crate::transport_error;

/// Reads the whole response within its limits.
pub(crate) async fn read(
    response: web_sys::Response,
    limits: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    if response.type_() == ResponseType::Opaqueredirect {
        let why = "the browser hides its status and its target";
        return Err(TransportError::new(TransportErrorKind::Redirect, why));
    }
    let status = StatusCode::from_u16(response.status());
    let status = status.map_err(|_| protocol("its status is not a number from 100 to 999"))?;
    let headers = headers(&response).ok_or_else(|| protocol("a header cannot be read"))?;
    // `fetch` itself rejects a body that ends before its length. The length is of the bytes before decompression, and a
    // browser hides `Content-Encoding`, so it is not compared here.
    let mut body = LimitedBody::new(limits, None);
    if let Some(stream) = response.body() {
        read_body(&stream, &mut body).await?;
    }
    let mut answer = Response::new(body.finish()?);
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    Ok(answer)
}

/// The headers that the engine shows: in a page those that CORS exposes.
fn headers(response: &web_sys::Response) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for entry in js_sys::try_iter(&response.headers()).ok()?? {
        let entry = entry.ok()?.dyn_into::<Array>().ok()?;
        let name = HeaderName::try_from(entry.get(0).as_string()?).ok()?;
        headers.append(name, value(&entry.get(1).as_string()?)?);
    }
    Some(headers)
}

/// Each character is one byte of the wire. Workers decode the bytes as UTF-8, so a character may be larger there.
fn value(text: &str) -> Option<HeaderValue> {
    let bytes: Result<Vec<_>, _> = text.chars().map(u8::try_from).collect();
    HeaderValue::try_from(bytes.unwrap_or_else(|_| text.as_bytes().to_vec())).ok()
}

async fn read_body(stream: &ReadableStream, body: &mut LimitedBody) -> Result<(), TransportError> {
    let reader = stream
        .get_reader()
        .unchecked_into::<ReadableStreamDefaultReader>();
    loop {
        let next = settled(reader.read()).await;
        let next = next.map_err(|error| transport_error::in_body(&error))?;
        let member = |name: &str| Reflect::get(&next, &name.into()).unwrap_or_default();
        if member("done").is_truthy() {
            return Ok(());
        }
        let chunk = member("value").dyn_into::<Uint8Array>();
        let chunk = chunk.map_err(|_| protocol("its body is not made of bytes"))?;
        let length = chunk.length();
        for start in (0..length).step_by(PART as usize) {
            let part = chunk.subarray(start, length.min(start.saturating_add(PART)));
            // Wiped when it is dropped.
            body.push(SecretBytes::new(part.to_vec()).as_ref())?;
        }
    }
}

async fn settled(promise: Promise) -> Result<JsValue, JsValue> {
    JsFuture::from(promise).await
}

fn protocol(why: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Protocol, why)
}

/// The most bytes that are copied from JavaScript at a time: its chunks may be larger than the limit of the body.
const PART: u32 = 16 * 1024;
