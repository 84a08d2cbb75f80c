//! The party that an error is the fault of.

/// The party that has to act before an error goes away.
///
/// ```
/// use edge_oauth_no_io::{Config, Culprit, Secret, token_response};
///
/// let config = Config::builder("https://login.example/token", "my-client").client_secret(Secret::new("s3cret")).build()?;
/// let response = http::Response::builder().status(401).body(r#"{"error":"invalid_client"}"#).unwrap();
/// assert_eq!(token_response(&config, &response).unwrap_err().culprit(), Culprit::Config);
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Culprit {
    /// The configuration: the id, the secret, the audience, the endpoint.
    Config,
    /// The token server: it is overloaded, keeps a limit, or answers what no client can read.
    Server,
    /// The network between: names, routes, certificates, proxies, timeouts.
    Network,
}

impl Culprit {
    /// Returns the name in lower case, such as for a label of a metric.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Server => "server",
            Self::Network => "network",
        }
    }
}
