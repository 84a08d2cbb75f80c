//! The HTTP client that all commands share.

use std::path::Path;
use std::time::Duration;

use edge_oauth_driver::proxy_environment;
use edge_oauth_ureq::{UreqTransport, build_agent};
use ureq::Agent;
use ureq::config::AutoHeaderValue;
use ureq::tls::{ClientCert, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::error::{CliError, Exit};
use crate::input::file;

/// Returns a transport that uses the proxies of the environment and trusts as [`agent`] does.
pub(crate) fn transport(
    cacert: Option<&Path>,
    certificate: Option<&ClientCert>,
    time: Duration,
) -> Result<UreqTransport, CliError> {
    let agent = agent(cacert, certificate, time)?;
    Ok(UreqTransport::with_agent(agent).proxies(proxy_environment()))
}

/// Returns an agent. It trusts the authorities of the system, or those in the file, which is read within `time`. It
/// presents the client's certificate, if there is one.
pub(crate) fn agent(
    cacert: Option<&Path>,
    certificate: Option<&ClientCert>,
    time: Duration,
) -> Result<Agent, CliError> {
    let roots = match cacert {
        Some(path) => authorities(path, time)?,
        None => RootCerts::PlatformVerifier,
    };
    let config = Agent::config_builder()
        .tls_config(
            TlsConfig::builder()
                .root_certs(roots)
                .client_cert(certificate.cloned())
                .build(),
        )
        .user_agent(USER_AGENT)
        .accept_encoding(AutoHeaderValue::None)
        .proxy(None)
        // `api` takes any method.
        .allow_non_standard_methods(true)
        .build();
    Ok(build_agent(config))
}

/// Larger than the certificates of all public authorities.
const LARGEST: usize = 16 * 1024 * 1024;

/// The `User-Agent` of this program.
pub(crate) const USER_AGENT: &str = concat!("edge-oauth/", env!("CARGO_PKG_VERSION"));

fn authorities(path: &Path, time: Duration) -> Result<RootCerts, CliError> {
    let refuse = |what: &dyn std::fmt::Display| {
        let message = format!("the certificate authorities in {}: {what}", path.display());
        CliError::new(Exit::Usage, message)
            .next("use --cacert with a PEM file that contains a CERTIFICATE")
    };
    let pem = file::read(path, LARGEST, time, |_| Ok(()))
        .map_err(|error| refuse(&error).about_file(&error))?;
    let mut certificates = Vec::new();
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(refuse(&"not PEM")),
        }
    }
    if certificates.is_empty() {
        return Err(refuse(&"there is none"));
    }
    Ok(RootCerts::new_with_certs(&certificates))
}
