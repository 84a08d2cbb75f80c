//! The proxy that the environment names for a request, read as curl reads it.

use std::ffi::OsString;

use http::Uri;

use crate::origin::endpoint;
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;
use crate::transport::no_proxy::{self, Exception};
use crate::transport::proxy::{Proxy, refused, unquoted};

/// The proxies that environment variables name, and the hosts that are reached without one.
///
/// | request | the first of these variables that is set and not empty |
/// |---|---|
/// | `https` | `https_proxy`, `HTTPS_PROXY`, `all_proxy`, `ALL_PROXY` |
/// | `http` | `http_proxy`, `all_proxy`, `ALL_PROXY` |
/// | hosts without a proxy | `no_proxy`, `NO_PROXY` |
///
/// `HTTP_PROXY` in upper case is not read: a web server sets it for its CGI programs from the header
/// `Proxy` of a request. A proxy is `[scheme://][user[:password]@]host[:port]`; the scheme is `http` unless
/// it is given, and the port 1080, or 443 for `https`, as curl has it. An entry of `NO_PROXY` is `*`, a name
/// that stands for all names below it too (`example.com`, `.example.com`, `*.example.com`), an address, a
/// network (`10.0.0.0/8`), or a name or address with a port; commas and blanks separate the entries.
///
/// The loopback is always reached without a proxy. A value that cannot be honoured is an error for the
/// requests that it would decide about.
///
/// ```
/// use edge_oauth_no_io::ProxyEnvironment;
///
/// let variables = |name: &str| match name {
///     "HTTPS_PROXY" => Some("http://proxy.example:3128".into()),
///     "NO_PROXY" => Some(".corp.example, 10.0.0.0/8".into()),
///     _ => None,
/// };
/// let proxies = ProxyEnvironment::new(variables);
/// let proxy = proxies.proxy_for(&"https://login.example/token".parse()?)?.unwrap();
/// assert_eq!(proxy.to_string(), "proxy.example:3128");
/// assert_eq!(proxy.variable(), "HTTPS_PROXY");
/// assert!(proxies.proxy_for(&"https://login.corp.example/token".parse()?)?.is_none());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProxyEnvironment {
    https: Setting<Option<Proxy>>,
    http: Setting<Option<Proxy>>,
    exceptions: Setting<Vec<Setting<Exception>>>,
}

/// The value of a variable, or why it cannot be honoured.
type Setting<T> = Result<T, TransportError>;

impl ProxyEnvironment {
    /// Reads the variables through this function, which returns the value of the one that it is given.
    pub fn new(variable: impl Fn(&'static str) -> Option<OsString>) -> Self {
        let first = |names: &[&'static str]| {
            let mut set = names
                .iter()
                .filter_map(|name| Some((*name, variable(name)?)));
            set.find(|(_, value)| !value.to_string_lossy().trim().is_empty())
        };
        let proxy = |names: &[&'static str]| {
            let set = first(names);
            set.map(|(name, value)| Proxy::parse(name, value))
                .transpose()
        };
        Self {
            https: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            http: proxy(&["http_proxy", "all_proxy", "ALL_PROXY"]),
            exceptions: first(&["no_proxy", "NO_PROXY"]).map_or(Ok(Vec::new()), exceptions),
        }
    }

    /// Returns whether no variable names a proxy, so that every request goes direct.
    ///
    /// ```
    /// use edge_oauth_no_io::ProxyEnvironment;
    ///
    /// let proxies = ProxyEnvironment::new(|name| (name == "NO_PROXY").then(|| "example.com".into()));
    /// assert!(proxies.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        matches!((&self.https, &self.http), (Ok(None), Ok(None)))
    }

    /// Checks every variable, for a client that cannot report an error with each request.
    ///
    /// # Errors
    ///
    /// Returns an error if one of them has a value that cannot be honoured, whatever it would decide about.
    pub fn check(&self) -> Result<(), TransportError> {
        let settings = [&self.https, &self.http];
        let settings = settings.map(|setting| setting.as_ref().err());
        let entries = self.exceptions.as_ref().map_err(Clone::clone)?;
        let entries = entries.iter().map(|entry| entry.as_ref().err());
        let error = settings.into_iter().chain(entries).flatten().next();
        error.map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Returns the proxy for a request to this URL; `None` means that it goes direct.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind [`Proxy`](TransportErrorKind::Proxy), which names the variable and nothing of its
    /// value, if the variable that decides has a value that cannot be honoured.
    pub fn proxy_for(&self, uri: &Uri) -> Result<Option<Proxy>, TransportError> {
        let (setting, default_port) = match uri.scheme_str() {
            Some("https") => (&self.https, 443),
            Some("http") => (&self.http, 80),
            _ => return Ok(None),
        };
        if matches!(setting, Ok(None)) {
            return Ok(None);
        }
        let host = uri.host().unwrap_or_default();
        if endpoint::is_loopback(host) {
            return Ok(None);
        }
        let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
        let port = uri.port_u16().or(Some(default_port));
        let exceptions = self.exceptions.as_ref().map_err(Clone::clone)?;
        let mut known = exceptions.iter().flatten();
        if known.any(|exception| exception.covers(&host, port)) {
            return Ok(None);
        }
        // An entry that cannot be read may be the one that is meant for this host.
        if let Some(error) = exceptions.iter().find_map(|entry| entry.as_ref().err()) {
            return Err(error.clone());
        }
        setting.clone()
    }
}

fn exceptions(
    (variable, list): (&'static str, OsString),
) -> Result<Vec<Setting<Exception>>, TransportError> {
    let list = list.into_string();
    let list = list.map_err(|_| refused(variable, "is not UTF-8"))?;
    let entries = no_proxy::parse(unquoted(&list)).into_iter();
    let named = |position| {
        let says = format!(
            "{variable} has no name, address or network as entry {position}; write `example.com` or `10.0.0.0/8`"
        );
        TransportError::new(TransportErrorKind::Proxy, says)
    };
    Ok(entries.map(|entry| entry.map_err(named)).collect())
}
