//! The source of a key set: a file, a URL or standard input.

use std::path::Path;
use std::time::Duration;

use edge_oauth_driver::blocking::Transport;
use edge_oauth_no_io::{Origin, RequestLimits, SecretBytes, printable};
use http::{Request, StatusCode, Uri};

use crate::error::{CliError, Exit};
use crate::http_client as client;
use crate::input::file;
use crate::input::stdin;

/// Reads a key set, limited in size.
pub(crate) fn read(from: &str, cacert: Option<&Path>) -> Result<Vec<u8>, CliError> {
    if from == "-" {
        return Ok(stdin::read("a key set", LIMIT)?.to_vec());
    }
    if from.contains("://") {
        return fetch(from, cacert);
    }
    let refuse = |what: &dyn std::fmt::Display| {
        let message = format!("the keys in {}: {what}", printable(from, SHOWN));
        CliError::new(Exit::Usage, message)
    };
    let keys = file::read(Path::new(from), LIMIT, TIMEOUT, |_| Ok(()));
    let keys = keys.map_err(|error| refuse(&error).about_file(&error))?;
    Ok(keys.to_vec())
}

/// Fetches a key set. The keys decide which tokens are valid, so they come over TLS, and only from the named host.
fn fetch(url: &str, cacert: Option<&Path>) -> Result<Vec<u8>, CliError> {
    let failure = |exit, what: &dyn std::fmt::Display| {
        let message = format!("the keys from {}: {what}", printable(url, SHOWN));
        CliError::new(exit, message)
    };
    let uri: Uri = url
        .parse()
        .map_err(|_| failure(Exit::Usage, &"not a URL"))?;
    if !Origin::is_secure(&uri) {
        let what = "neither https nor http on the loopback";
        return Err(failure(Exit::Usage, &what).next("use an https URL or a file"));
    }
    let mut request = Request::new(SecretBytes::new(Vec::new()));
    *request.uri_mut() = uri;
    let bounds = RequestLimits::new(TIMEOUT, LIMIT);
    let response = client::transport(cacert, None, TIMEOUT)?
        .send(request, bounds)
        .map_err(|error| failure(Exit::Network, &error))?;
    match response.status() {
        StatusCode::OK => Ok(response.body().as_ref().to_vec()),
        status if status.is_redirection() => {
            let what = "a redirect, which is not followed";
            Err(failure(Exit::Refused, &what).next("use the URL of the redirect, if you trust it"))
        }
        status => Err(failure(
            Exit::Refused,
            &format_args!("status {}", status.as_u16()),
        )),
    }
}

const TIMEOUT: Duration = Duration::from_secs(30);
const LIMIT: usize = 1024 * 1024;
const SHOWN: usize = 256;
