//! Converts messages between the types of `http` and of surf.

use async_std::io::{Cursor, Read, ReadExt};
use edge_oauth_no_io::{
    LimitedBody, RequestLimits, SecretBytes, TransportError, TransportErrorKind,
};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri, header};
use surf::Url;
use surf::http::{Body, Method};
use zeroize::Zeroizing;

use crate::transport_error;

/// Facts that surf's request cannot express, for a back end that understands them.
#[derive(Clone)]
pub(crate) struct Asked {
    /// The URL as the configuration spells it.
    pub(crate) uri: Uri,
    pub(crate) bounds: RequestLimits,
}

/// A status that surf's response may not be able to express.
#[derive(Clone, Copy)]
pub(crate) struct Exact(pub(crate) StatusCode);

/// The whole body of a response, so that it need not be copied out of a stream.
pub(crate) struct Whole(pub(crate) SecretBytes);

pub(crate) fn url(uri: &Uri) -> Result<Url, TransportError> {
    Url::parse(&uri.to_string()).map_err(|_| unfit("surf does not accept the URL"))
}

pub(crate) fn method(method: &http::Method) -> Result<Method, TransportError> {
    let method = method.as_str().parse();
    method.map_err(|_| unfit("surf does not know the method"))
}

/// Returns the status in surf's type. If surf does not know it, returns the first of its class (RFC 9110 §15).
pub(crate) fn closest(status: StatusCode) -> surf::StatusCode {
    surf::StatusCode::try_from(status.as_u16()).unwrap_or(match status.as_u16() / 100 {
        1 => surf::StatusCode::Continue,
        2 => surf::StatusCode::Ok,
        3 => surf::StatusCode::MultipleChoice,
        4 => surf::StatusCode::BadRequest,
        _ => surf::StatusCode::InternalServerError,
    })
}

/// Adds headers and body to surf's request, which may have headers already.
pub(crate) fn fill(
    target: &mut surf::Request,
    source: Request<SecretBytes>,
    bounds: RequestLimits,
) -> Result<(), TransportError> {
    let (parts, body) = source.into_parts();
    let length = body.as_ref().len();
    // Setting a body adds a content type, so the headers follow it.
    target.set_body(Body::from_reader(Cursor::new(body), Some(length)));
    target.remove_header("content-type");
    for name in parts.headers.keys() {
        target.remove_header(name.as_str());
    }
    for (name, value) in &parts.headers {
        // Each back end derives `Content-Length` from the body. With this header it would be sent twice.
        if name != header::CONTENT_LENGTH {
            let value = value
                .to_str()
                .map_err(|_| unfit("surf takes ASCII headers only"))?;
            target.append_header(name.as_str(), value);
        }
    }
    if target.header("user-agent").is_none() {
        target.insert_header("user-agent", USER_AGENT);
    }
    let uri = parts.uri;
    target.set_ext(Asked { uri, bounds });
    Ok(())
}

/// Reads surf's response to its end.
pub(crate) async fn read(
    mut source: surf::Response,
    method: &http::Method,
    bounds: RequestLimits,
) -> Result<Response<SecretBytes>, TransportError> {
    let status = match source.ext::<Exact>() {
        Some(Exact(status)) => *status,
        None => StatusCode::from_u16(source.status().into()).expect("surf's are all of HTTP"),
    };
    let mut response = Response::new(());
    *response.status_mut() = status;
    for (name, values) in source.iter() {
        for value in values {
            let name = HeaderName::from_bytes(name.as_str().as_bytes());
            let value = HeaderValue::from_str(value.as_str());
            // Skip a malformed value: if the server sends no `Date`, async-h1 makes one up, with a line break in it.
            if let (Ok(name), Ok(value)) = (name, value) {
                response.headers_mut().append(name, value);
            }
        }
    }
    let whole = AsMut::<surf::http::Response>::as_mut(&mut source)
        .ext_mut()
        .remove();
    let body = match whole {
        Some(Whole(body)) => body,
        None => {
            let headers = response.headers();
            let buffer = LimitedBody::for_response(bounds, method, status, headers);
            collect(source.take_body(), buffer).await?
        }
    };
    Ok(response.map(|()| body))
}

/// Reads a body to its end, within its limits.
pub(crate) async fn collect(
    mut body: impl Read + Unpin,
    mut buffer: LimitedBody,
) -> Result<SecretBytes, TransportError> {
    let mut chunk = Zeroizing::new([0; 4096]);
    loop {
        let read = body.read(&mut *chunk).await;
        match read.map_err(|error| transport_error::from_io(&error))? {
            0 => return buffer.finish(),
            length => buffer.push(&chunk[..length])?,
        }
    }
}

pub(crate) fn unfit(why: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Other, why)
}

/// The `User-Agent` of a client that sets none.
pub(crate) const USER_AGENT: &str = concat!("edge-oauth-surf/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::*;

    // fault: query-in-the-endpoint
    #[test]
    fn a_query_is_kept_byte_for_byte() {
        for text in [
            "https://login.example/token?p=1&q=%7e+%2F&r",
            "https://login.example/?",
            "http://127.0.0.1:8080/a%2Fb;c=d?x=a;b:@!$()*,&&=",
        ] {
            assert_eq!(url(&text.parse().unwrap()).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_url_changes() {
        for (given, made) in [
            ("https://login.example?p", "https://login.example/?p"),
            ("https://LOGIN.example:443/", "https://login.example/"),
            ("https://login.example/a/../b", "https://login.example/b"),
            ("https://login.example/%2e/b", "https://login.example/b"),
            ("https://login.example/?'", "https://login.example/?%27"),
            (
                "https://login.example/{a}?{a}",
                "https://login.example/%7Ba%7D?{a}",
            ),
        ] {
            assert_eq!(url(&given.parse().unwrap()).unwrap().as_str(), made);
        }
    }

    #[test]
    fn every_status_has_one_that_stands_for_it() {
        for (status, stands) in [
            (200, 200),
            (299, 200),
            (399, 300),
            (429, 429),
            (499, 400),
            (520, 500),
            (999, 500),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(u16::from(closest(status)), stands);
        }
    }
}
