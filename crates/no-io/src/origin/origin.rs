//! The origins that a token may be sent to.

use http::Uri;

use crate::config_error::ConfigError;
use crate::origin::endpoint;

/// The scheme, host and port of an API (RFC 6454 §4): a token is sent to no other.
///
/// ```
/// use edge_oauth_no_io::Origin;
///
/// let origin = Origin::from_url("https://edge.sitecorecloud.io/api/admin/v1")?;
/// assert!(origin.covers(&"https://EDGE.sitecorecloud.io:443/api/apikey/v1".parse().unwrap()));
/// assert!(!origin.covers(&"https://edge.sitecorecloud.io.evil.example/".parse().unwrap()));
/// assert!(!origin.covers(&"http://edge.sitecorecloud.io/".parse().unwrap()));
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// Returns the origin of this URL, which has to be `https`, or `http` on the loopback (RFC 6750 §5.3).
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::Origin`] for any other URL.
    pub fn from_url(url: &str) -> Result<Self, ConfigError> {
        let uri = endpoint::parse(url).map_err(|_| ConfigError::Origin)?;
        Self::from_uri(&uri).ok_or(ConfigError::Origin)
    }

    /// Returns whether this URL is of this origin. A URL with a user name or a malformed host or port is of none.
    pub fn covers(&self, uri: &Uri) -> bool {
        Target::of(uri).is_some_and(|target| self.is_of(&target))
    }

    /// Returns whether the parts of a URL that another library has read are of this origin. The host of an IPv6 address is
    /// in brackets. The caller refuses a URL with a user name.
    ///
    /// ```
    /// use edge_oauth_no_io::Origin;
    ///
    /// let origin = Origin::from_url("https://edge.sitecorecloud.io/")?;
    /// assert!(origin.covers_parts("https", "edge.sitecorecloud.io", 443));
    /// assert!(!origin.covers_parts("http", "edge.sitecorecloud.io", 443));
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    pub fn covers_parts(&self, scheme: &str, host: &str, port: u16) -> bool {
        let own_scheme = if self.https { "https" } else { "http" };
        (own_scheme, self.port) == (scheme, port) && self.host.eq_ignore_ascii_case(host)
    }

    /// Returns the URL with this origin if it has none, as a client has it whose connection decides about the host.
    ///
    /// ```
    /// use edge_oauth_no_io::Origin;
    ///
    /// let origin = Origin::from_url("https://api.example")?;
    /// assert_eq!(origin.complete("/things?page=2".parse().unwrap()), "https://api.example:443/things?page=2");
    /// assert_eq!(origin.complete("https://other.example/".parse().unwrap()), "https://other.example/");
    /// # Ok::<_, edge_oauth_no_io::ConfigError>(())
    /// ```
    #[must_use]
    pub fn complete(&self, uri: Uri) -> Uri {
        if uri.scheme().is_some() || uri.authority().is_some() {
            return uri;
        }
        let Self { https, host, port } = self;
        let scheme = if *https { "https" } else { "http" };
        let whole = Uri::builder()
            .scheme(scheme)
            .authority(format!("{host}:{port}"))
            .path_and_query(uri.path_and_query().map_or("/", |path| path.as_str()));
        whole.build().unwrap_or(uri)
    }

    /// Returns whether a token may be sent to this URL at all: over `https`, or to the loopback (RFC 6750 §5.3).
    /// It may not if the URL has a user name or a malformed host or port, which parsers read differently.
    ///
    /// ```
    /// use edge_oauth_no_io::Origin;
    ///
    /// assert!(Origin::is_secure(&"https://edge.sitecorecloud.io/api".parse().unwrap()));
    /// assert!(Origin::is_secure(&"http://127.0.0.1:8080/api".parse().unwrap()));
    /// assert!(!Origin::is_secure(&"http://edge.sitecorecloud.io/api".parse().unwrap()));
    /// ```
    pub fn is_secure(uri: &Uri) -> bool {
        Target::of(uri).is_some_and(|target| target.is_secure())
    }

    pub(crate) fn is_of(&self, target: &Target<'_>) -> bool {
        (self.https, self.port) == (target.https, target.port)
            && self.host.eq_ignore_ascii_case(target.host)
    }

    pub(crate) fn from_uri(uri: &Uri) -> Option<Self> {
        let Target { https, host, port } = Target::of(uri)?;
        Some(Self {
            https,
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}

/// The origin of a URL, read once for all questions about it.
pub(crate) struct Target<'u> {
    https: bool,
    host: &'u str,
    port: u16,
}

impl<'u> Target<'u> {
    pub(crate) fn of(uri: &'u Uri) -> Option<Self> {
        let (https, default_port) = match uri.scheme_str()? {
            "https" => (true, 443),
            "http" => (false, 80),
            _ => return None,
        };
        let (host, port) = endpoint::host_and_port(uri)?;
        Some(Self {
            https,
            host,
            port: port.unwrap_or(default_port),
        })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.https || self.is_loopback()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        endpoint::is_loopback(self.host)
    }

    /// Returns whether the host is this domain or below it.
    pub(crate) fn is_within(&self, domain: &str) -> bool {
        let (host, domain) = (self.host.as_bytes(), domain.as_bytes());
        host.len().checked_sub(domain.len()).is_some_and(|start| {
            host[start..].eq_ignore_ascii_case(domain) && (start == 0 || host[start - 1] == b'.')
        })
    }
}
