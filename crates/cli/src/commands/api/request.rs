//! The parts of a request that the command line gives.

use std::path::Path;

use edge_oauth_no_io::{SecretBytes, printable};
use http::header::{self, HeaderName, HeaderValue};
use http::{Method, Request, Uri};

use crate::error::{CliError, Exit};
use crate::input::{file, stdin, value};
use crate::settings::Settings;

/// Returns the given method, or the default.
pub(super) fn method(given: Option<&str>, has_body: bool) -> Result<Method, CliError> {
    let Some(given) = given else {
        return Ok(if has_body { Method::POST } else { Method::GET });
    };
    let is_word = given.bytes().all(|byte| byte.is_ascii_alphabetic());
    match Method::from_bytes(given.to_ascii_uppercase().as_bytes()) {
        Ok(method) if is_word => Ok(method),
        _ => Err(CliError::new(Exit::Usage, "the method is not one")
            .next("use GET, POST, PUT, PATCH or DELETE before the path")),
    }
}

/// Adds the headers of the user.
pub(super) fn add_headers(
    request: &mut Request<SecretBytes>,
    given: &[String],
) -> Result<(), CliError> {
    for (name, value) in value::headers(given)? {
        let shown = printable(&name, 64);
        let refuse = |why: &str| CliError::new(Exit::Usage, format_args!("--header {shown} {why}"));
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            return Err(refuse("is not the name of a header"));
        };
        if OWN.contains(&name) {
            return Err(refuse("is refused: the program sets it itself").next("omit that header"));
        }
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| refuse("has a value with a control character"))?;
        value.set_sensitive(true);
        request.headers_mut().insert(name, value);
    }
    Ok(())
}

/// Reads the body from a file or standard input.
pub(super) fn read_body(path: &Path, settings: &Settings) -> Result<Vec<u8>, CliError> {
    if path.as_os_str() == "-" {
        return Ok(std::mem::take(&mut *stdin::read("the body", LARGEST)?));
    }
    let read = file::read(path, LARGEST, settings.timeout, |_| Ok(()));
    let mut body = read.map_err(|error| {
        CliError::new(
            Exit::Usage,
            format_args!("the file {}: {error}", path.display()),
        )
        .next("use --input with the path of a file, or `-` for standard input")
    })?;
    Ok(std::mem::take(&mut *body))
}

/// Adds to the query of a URL.
pub(super) fn with_query(uri: &Uri, query: &str) -> Result<Uri, CliError> {
    let target = match uri.query() {
        Some(own) if !own.is_empty() => format!("{}?{own}&{query}", uri.path()),
        _ => format!("{}?{query}", uri.path()),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = target.parse().ok();
    Uri::from_parts(parts).map_err(|_| {
        CliError::new(
            Exit::Usage,
            "the URL is too long with the fields as its query",
        )
    })
}

/// Headers that the program or its HTTP client sets.
const OWN: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TRANSFER_ENCODING,
];

/// The archive of a site's source is smaller.
const LARGEST: usize = 256 * 1024 * 1024;
