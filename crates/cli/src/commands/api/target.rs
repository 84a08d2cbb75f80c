//! The URL of a call, and the hosts that the token may go to.

use edge_oauth_no_io::experience_edge::LEGACY_ENDPOINT;
use edge_oauth_no_io::{Config, Origin, Provider};
use http::Uri;

use crate::api_client::experience_edge;
use crate::error::{CliError, Exit};
use crate::services::{self, Service};
use crate::settings::Settings;

/// The URL of a call.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) uri: Uri,
    pub(super) service: Option<&'static Service>,
}

impl Target {
    /// Reads a URL, a path that begins with `/`, or a path that begins with the name of a service. Allows the hosts of
    /// `--allow-host` in the settings. Fails if the token may not go to the URL.
    pub(super) fn resolve(
        given: &str,
        edge_url: Option<&str>,
        allowed: &[String],
        settings: &mut Settings,
    ) -> Result<Self, CliError> {
        let url = match given.contains("://") {
            true => given.to_owned(),
            false => at_service(given, edge_url, settings)?,
        };
        let uri = parse(&url)?;
        allow(&mut settings.config, &uri, allowed)?;
        let service = Service::at(&uri, is_loopback(&uri));
        Ok(Self { uri, service })
    }
}

/// Returns the URL of a path. Paths with a leading `/` belong to Experience Edge.
fn at_service(
    given: &str,
    edge_url: Option<&str>,
    settings: &Settings,
) -> Result<String, CliError> {
    let is_edge = *settings.config.provider() == Provider::experience_edge();
    if !is_edge && edge_url.is_none() && settings.edge_url.is_none() {
        let message = "a path alone is of Experience Edge, and the token is of another server";
        return Err(CliError::new(Exit::Usage, message).next("use the whole URL, with https://"));
    }
    if given.starts_with('/') {
        let edge = experience_edge(edge_url, settings)?;
        return Ok(format!("{}{given}", edge.base_url()));
    }
    let (name, rest) = given.split_once('/').unwrap_or((given, ""));
    let (name, query) = name.split_once('?').unwrap_or((name, ""));
    let Some(service) = Service::named(name) else {
        let message = "the path begins neither with `/` nor with the name of a service";
        return Err(CliError::new(Exit::Usage, message).next(format!(
            "use a URL, a path of Experience Edge such as /api/admin/v1/settings, or a path after one of these names: {}",
            services::names()
        )));
    };
    let edge = experience_edge(edge_url, settings)?;
    let edge = edge.base_url();
    let is_at_edge = service.host == Some("edge.sitecorecloud.io");
    let is_local = edge.parse().is_ok_and(|edge: Uri| is_loopback(&edge));
    let base = match service.host {
        // A local Edge plays all services.
        Some(host) if !is_at_edge && !is_local => format!("https://{host}"),
        _ => edge.to_owned(),
    };
    // The documentation of the APIs writes the version, which each path of a service has already.
    let version = service.path.rsplit('/').next().unwrap_or_default();
    let rest = match rest.split_once('/') {
        Some((first, rest)) if first == version && !first.is_empty() => rest,
        _ => rest,
    };
    let rest = match (rest, query) {
        ("", "") => String::new(),
        ("", query) => format!("?{query}"),
        (rest, _) => format!("/{rest}"),
    };
    Ok(format!("{base}{}{rest}", service.path))
}

fn parse(url: &str) -> Result<Uri, CliError> {
    let refuse = |reason: &str| {
        CliError::new(Exit::Usage, format_args!("the URL of the API {reason}")).next(
            "percent-encode spaces and all characters that are not ASCII, as in /items?name=a%20b",
        )
    };
    let uri: Uri = url.parse().map_err(|_| refuse("cannot be read"))?;
    let Some(authority) = uri.authority() else {
        return Err(refuse("has no host"));
    };
    match authority.as_str().contains('@') {
        true => Err(refuse("has a user name or a password in it")
            .next("remove it: the token takes its place")),
        false => Ok(uri),
    }
}

/// Adds the allowed hosts to the configuration. Fails if the token may not go to the URL (promise 8).
fn allow(config: &mut Config, uri: &Uri, allowed: &[String]) -> Result<(), CliError> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if Origin::from_url(&format!("https://{authority}")).is_err() {
        let message = "the host or the port of the API's URL is not valid";
        return Err(
            CliError::new(Exit::Usage, message).next("use a URL such as https://api.example")
        );
    }
    let Some(origin) = origin_of(uri) else {
        let message = "the token is sent over https only, or to the loopback";
        return Err(CliError::new(Exit::Usage, message).next("use an https URL"));
    };
    let mut provider = config.provider().clone();
    let is_edge = provider == Provider::experience_edge();
    let mut is_named = false;
    for host in allowed {
        let origin = Origin::from_url(&format!("https://{host}")).map_err(|_| {
            CliError::new(
                Exit::Usage,
                "--allow-host is not a host, such as api.example or api.example:8443",
            )
        })?;
        is_named |= origin.covers(uri);
        provider = provider.origin(origin);
    }
    let is_own = match is_edge {
        true => is_loopback(uri) || (provider.allows(uri) && is_of_sitecore(config)),
        false => is_of_token(config, uri),
    };
    if !is_named && !is_own {
        let host = uri.authority().map_or("", |authority| authority.as_str());
        let issuer = config.endpoint().host().unwrap_or_default();
        let message = format!("the token is not sent to {host}: it is from {issuer}");
        return Err(CliError::new(Exit::Usage, message).next(format!(
            "use --allow-host {host} if that host may have the token"
        )));
    }
    if !is_edge && !is_named {
        provider = provider.origin(origin);
    }
    *config = config.to_builder().provider(provider).build()?;
    Ok(())
}

/// Returns whether the token was requested for an API at this URL: by the audience, a resource, or the same origin.
fn is_of_token(config: &Config, uri: &Uri) -> bool {
    let mut audiences = config.audience().into_iter().chain(config.resources());
    let covers = |url: &str| Origin::from_url(url).is_ok_and(|origin| origin.covers(uri));
    audiences.any(covers) || covers(&config.endpoint().to_string())
}

fn is_of_sitecore(config: &Config) -> bool {
    let issuer = config.endpoint();
    let legacy: Uri = LEGACY_ENDPOINT.parse().expect("a constant");
    (Provider::experience_edge().allows(issuer) && !is_loopback(issuer))
        || issuer.host() == legacy.host()
}

fn origin_of(uri: &Uri) -> Option<Origin> {
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    Origin::from_url(&format!("{scheme}://{authority}")).ok()
}

/// Returns whether a URL is of the loopback: the one to which `http` is secure.
fn is_loopback(uri: &Uri) -> bool {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    Uri::from_parts(parts).is_ok_and(|uri| Origin::is_secure(&uri))
}
