//! A proxy out of the value of a variable.

use std::ffi::OsString;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use percent_encoding::percent_decode_str;

use crate::secret::Secret;
use crate::transport::error::TransportError;
use crate::transport::error_kind::TransportErrorKind;
use crate::transport::no_proxy;

/// A proxy, and the variable that names it. `Display` and `Debug` show its host and port, and no
/// credentials.
///
/// ```
/// use edge_oauth_no_io::ProxyEnvironment;
///
/// let proxies = ProxyEnvironment::new(|name| (name == "HTTPS_PROXY").then(|| "https://me:s3cret@proxy.example".into()));
/// let proxy = proxies.proxy_for(&"https://login.example/token".parse()?)?.expect("a variable names one");
/// assert_eq!((proxy.host(), proxy.port()), ("proxy.example", 443));
/// assert!(proxy.authorization().unwrap().is_sensitive());
/// assert_eq!(proxy.to_string(), "proxy.example:443");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Proxy {
    scheme: ProxyScheme,
    host: String,
    port: u16,
    credentials: Option<(Secret, Secret)>,
    variable: &'static str,
}

/// The protocol that a proxy speaks.
///
/// ```
/// use edge_oauth_no_io::{ProxyEnvironment, ProxyScheme};
///
/// let proxies = ProxyEnvironment::new(|name| (name == "HTTPS_PROXY").then(|| "https://me:s3cret@proxy.example".into()));
/// let proxy = proxies.proxy_for(&"https://login.example/token".parse()?)?.expect("a variable names one");
/// assert_eq!(proxy.scheme(), ProxyScheme::Https);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProxyScheme {
    /// In the clear; to an `https` server through a tunnel, in which TLS is spoken with the server.
    Http,
    /// Over TLS.
    Https,
}

impl Proxy {
    /// Returns how to speak to it.
    pub fn scheme(&self) -> ProxyScheme {
        self.scheme
    }

    /// Returns its host; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the user and the password for it.
    pub fn credentials(&self) -> Option<(&Secret, &Secret)> {
        let credentials = self.credentials.as_ref();
        credentials.map(|(user, password)| (user, password))
    }

    /// Returns the value of the `Proxy-Authorization` header (RFC 7617), marked as sensitive.
    pub fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = self.credentials()?;
        let pair = Secret::new(format!("{}:{}", user.expose(), password.expose()));
        let mut value = "Basic ".to_owned();
        STANDARD.encode_string(pair.expose(), &mut value);
        let mut value = HeaderValue::try_from(value).expect("base64 is ASCII");
        value.set_sensitive(true);
        Some(value)
    }

    /// Returns the name of the variable that it is from.
    pub fn variable(&self) -> &'static str {
        self.variable
    }

    /// Returns the error of a client that cannot use a proxy of this scheme.
    pub fn unsupported(&self) -> TransportError {
        let says = match self.scheme {
            ProxyScheme::Http => "names an http proxy, which this client does not support",
            ProxyScheme::Https => "names an https proxy, which this client does not support",
        };
        refused(self.variable, says)
    }

    pub(super) fn parse(variable: &'static str, value: OsString) -> Result<Self, TransportError> {
        let malformed = || {
            refused(
                variable,
                "is no proxy; set it to `http://host:port`, or unset it",
            )
        };
        let value = Secret::new(value.into_string().map_err(|_| malformed())?);
        let text = unquoted(value.expose());
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (scheme, usual_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyScheme::Http, 1080),
            "https" => (ProxyScheme::Https, 443),
            "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                let says = "names a SOCKS proxy; only http and https proxies are supported";
                return Err(refused(variable, says));
            }
            _ => return Err(malformed()),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (credentials, authority) = match authority.rsplit_once('@') {
            Some((credentials, authority)) => (Some(credentials), authority),
            None => (None, authority),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, no_proxy::port_of(port)),
            _ => (authority, Some(usual_port)),
        };
        let credentials = credentials.map(|credentials| {
            let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
            Some((decoded(user)?, decoded(password)?))
        });
        Ok(Self {
            scheme,
            host: proxy_host(host).ok_or_else(malformed)?,
            port: port.ok_or_else(malformed)?,
            credentials: credentials
                .map(|both| both.ok_or_else(malformed))
                .transpose()?,
            variable,
        })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("scheme", &self.scheme)
            .field("host", &self.host)
            .field("port", &self.port)
            .field("variable", &self.variable)
            .finish_non_exhaustive()
    }
}

/// Shells and `.env` files differ in who takes the quotes off.
pub(super) fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let pairs = ['"', '\''].into_iter();
    let mut bare = pairs.filter_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    bare.next().unwrap_or(text).trim()
}

fn proxy_host(text: &str) -> Option<String> {
    let sound = match text.strip_prefix('[') {
        Some(address) => {
            let address = address.strip_suffix(']')?;
            address.parse::<std::net::Ipv6Addr>().is_ok()
        }
        None => no_proxy::is_name(text),
    };
    sound.then(|| text.to_ascii_lowercase())
}

/// A control character would let the value write header lines of its own.
fn decoded(text: &str) -> Option<Secret> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    let clean = !text.chars().any(char::is_control);
    clean.then(|| Secret::new(text))
}

pub(super) fn refused(variable: &str, says: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Proxy, format_args!("{variable} {says}"))
}
