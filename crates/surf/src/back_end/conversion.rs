//! Requests and responses between the types of surf and those of `http`.

use std::time::Duration;

use edge_oauth_no_io::{LimitedBody, RequestLimits, SecretBytes, TransportError};
use http::{HeaderName, HeaderValue, Uri, header};
use surf::http::{Body, Request, Response};

use crate::message::{self, Exact, Whole, unfit};

/// `uri` is the URL as the caller wrote it, if it is known.
pub(super) async fn to_http(
    mut source: Request,
    uri: Option<Uri>,
) -> Result<http::Request<SecretBytes>, TransportError> {
    let has_kind = source.header("content-type").is_some();
    let body = source.take_body();
    if !has_kind {
        // `take_body` added this content type.
        source.remove_header("content-type");
    }
    let length = body.len().and_then(|length| u64::try_from(length).ok());
    let unbounded = RequestLimits::new(Duration::MAX, usize::MAX);
    let body = message::collect(body, LimitedBody::new(unbounded, length)).await?;

    let mut request = http::Request::new(body);
    *request.method_mut() = http::Method::from_bytes(source.method().as_ref().as_bytes())
        .map_err(|_| unfit("the method is not one of HTTP"))?;
    *request.uri_mut() = match uri {
        Some(uri) => uri,
        None => source
            .url()
            .as_str()
            .split('#')
            .next()
            .unwrap_or_default()
            .parse()
            .map_err(|_| unfit("the URL is not one of HTTP"))?,
    };
    for (name, values) in source.iter() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes())
            .map_err(|_| unfit("a header's name is malformed"))?;
        // hyper sets these headers, and the caller has no influence on the connection.
        if FRAMING.contains(&name) {
            continue;
        }
        for value in values {
            let mut value = HeaderValue::from_str(value.as_str())
                .map_err(|_| unfit("a header's value is malformed"))?;
            // surf does not tell which of the errors are safe to print.
            value.set_sensitive(true);
            request.headers_mut().append(&name, value);
        }
    }
    Ok(request)
}

/// The transport takes the body as it is; another caller reads it as a stream.
pub(super) fn from_http(source: http::Response<SecretBytes>, by_transport: bool) -> Response {
    let (parts, body) = source.into_parts();
    let mut response = Response::new(message::closest(parts.status));
    if by_transport {
        response.ext_mut().insert(Whole(body));
    } else {
        let length = body.as_ref().len();
        // Setting a body adds a content type that the server may not have sent.
        response.set_body(Body::from_reader(
            async_std::io::Cursor::new(body),
            Some(length),
        ));
        response.remove_header("content-type");
    }
    for (name, value) in &parts.headers {
        // surf accepts only ASCII.
        let value = value.as_bytes().iter().map(|byte| match byte.is_ascii() {
            true => char::from(*byte),
            false => '?',
        });
        response.append_header(name.as_str(), value.collect::<String>());
    }
    response.ext_mut().insert(Exact(parts.status));
    response
}

const FRAMING: [HeaderName; 3] = [
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
];
