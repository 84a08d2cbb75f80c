//! Options of the local server.

use std::fmt;
use std::time::Duration;

use crate::options::client::Client;
use crate::options::quota::Quota;
use crate::options::signing_key::{InvalidKey, SigningKey, TokenAlgorithm};

/// The default tenant id.
pub const DEFAULT_TENANT_ID: &str = "local-tenant";

/// Options of the local server. Start with [`Options::default`].
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_local::{Expired, Options};
///
/// let options = Options::default()
///     .lifetime(Duration::from_secs(900))
///     .rate_limit(10, Duration::from_secs(1))
///     .expired_as(Expired::Forbidden);
/// # let _ = options;
/// ```
#[derive(Clone)]
pub struct Options {
    pub(crate) clients: Vec<Client>,
    pub(crate) tenant_id: String,
    pub(crate) lifetime: Duration,
    pub(crate) rate_limit: Option<(u64, Duration)>,
    pub(crate) quotas: Vec<Quota>,
    pub(crate) expired: Expired,
    pub(crate) key: Option<SigningKey>,
    pub(crate) port: u16,
    pub(crate) seed: Option<u64>,
    pub(crate) webhook_timeout: Duration,
    pub(crate) publishing_time: Duration,
    pub(crate) head_timeout: Duration,
    pub(crate) cors_origins: Vec<String>,
}

/// The response of a protected API to an expired token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expired {
    /// A 401 with a `Bearer` challenge.
    #[default]
    Unauthorized,
    /// A 403 whose body says `Token has expired`.
    Forbidden,
}

impl Options {
    /// Adds a client. The first call replaces the default client. If two clients have one id, the first one counts.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Sets the tenant id. It is in the claims of a token, and makes `https://delivery.sitecore.cloud/<tenant-id>` a
    /// known audience.
    #[must_use]
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = tenant_id.into();
        self
    }

    /// Sets the lifetime of a token, rounded down to whole seconds: 24 hours by default.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Limits the token requests per window, of all clients together, successful or not. Further requests get a 429.
    /// By default there is no limit.
    #[must_use]
    pub fn rate_limit(mut self, requests: u64, window: Duration) -> Self {
        self.rate_limit = Some((requests, window));
        self
    }

    /// Adds a quota of tokens for each client. By default there is none.
    #[must_use]
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quotas.push(quota);
        self
    }

    /// Sets the response of a protected API to an expired token: a 401 by default.
    #[must_use]
    pub fn expired_as(mut self, expired: Expired) -> Self {
        self.expired = expired;
        self
    }

    /// Signs tokens with the published development key of this algorithm, in place of
    /// [`signing_key`](Self::signing_key). By default it is RS256, as with the real service.
    #[must_use]
    pub fn token_algorithm(mut self, algorithm: TokenAlgorithm) -> Self {
        self.key = Some(SigningKey::development(algorithm));
        self
    }

    /// Signs tokens with this key in place of a published development key: with RS256 if it is an RSA key, with ES256 if
    /// it is a key on P-256. `kid` is the name of the key in tokens and in the JWKS.
    ///
    /// This command makes a key:
    /// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 | openssl pkcs8 -topk8 -nocrypt -outform DER`
    ///
    /// # Errors
    ///
    /// Returns [`InvalidKey`] if the bytes are no PKCS#8 private key in DER: RSA of 2048 to 4096 bits, or P-256.
    ///
    /// ```
    /// use edge_oauth_local::Options;
    ///
    /// assert!(Options::default().signing_key(b"not a key", "mine").is_err());
    /// ```
    pub fn signing_key(
        mut self,
        pkcs8_der: &[u8],
        kid: impl Into<String>,
    ) -> Result<Self, InvalidKey> {
        self.key = Some(SigningKey::from_pkcs8(pkcs8_der, kid.into())?);
        Ok(self)
    }

    /// Sets the port of [`LocalEdge`](crate::LocalEdge). 0, the default, takes a free port.
    /// [`Simulator`](crate::Simulator) ignores it.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the seed of Delivery keys and of the ids of webhooks and jobs: the same requests get the same values. Without
    /// a seed, [`LocalEdge`](crate::LocalEdge) draws one at random, and [`Simulator`](crate::Simulator) uses 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the timeout of a webhook's response in [`LocalEdge`](crate::LocalEdge): 30 s by default, as with the real
    /// service. [`Simulator`](crate::Simulator) ignores it.
    #[must_use]
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.webhook_timeout = timeout;
        self
    }

    /// Sets the time that a publishing job runs: 10 s by default. Before it runs, it waits for a quarter of this time, and
    /// for the end of the jobs before it. A cancellation takes a tenth of this time.
    #[must_use]
    pub fn publishing_time(mut self, time: Duration) -> Self {
        self.publishing_time = time;
        self
    }

    /// Sets the timeout of a request's head, after which [`LocalEdge`](crate::LocalEdge) closes the connection, and then
    /// of its body, after which it responds with 408: 30 s by default. [`Simulator`](crate::Simulator) ignores it.
    #[must_use]
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// Permits the pages of this origin, such as `http://localhost:5173`, to call the token endpoint and the APIs from a
    /// browser (CORS). No page may by default. A call adds an origin.
    ///
    /// The Admin API of the real service takes calls of pages, and its token endpoint does not: a page gets its token
    /// elsewhere, such as from its own server. There is no value for every origin, since any page that the browser
    /// opens could then reach this server.
    ///
    /// ```
    /// use std::time::Duration;
    /// use edge_oauth_local::{Options, Simulator};
    ///
    /// let options = Options::default().cors_origin("http://localhost:5173");
    /// let mut simulator = Simulator::new(options, "http://127.0.0.1:1");
    /// let preflight = http::Request::options("/api/admin/v1/settings")
    ///     .header("origin", "http://localhost:5173")
    ///     .header("access-control-request-method", "GET")
    ///     .header("access-control-request-headers", "authorization")
    ///     .body("")?;
    /// let response = simulator.respond(&preflight, Duration::ZERO).response;
    /// assert_eq!(response.headers()["access-control-allow-origin"], "http://localhost:5173");
    /// # Ok::<(), http::Error>(())
    /// ```
    #[must_use]
    pub fn cors_origin(mut self, origin: impl Into<String>) -> Self {
        self.cors_origins.push(origin.into());
        self
    }

    /// Returns the clients: the default client if none was added.
    pub(crate) fn effective_clients(&self) -> Vec<Client> {
        if self.clients.is_empty() {
            vec![Client::default()]
        } else {
            self.clients.clone()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clients: Vec::new(),
            tenant_id: DEFAULT_TENANT_ID.to_owned(),
            lifetime: Duration::from_secs(24 * 60 * 60),
            rate_limit: None,
            quotas: Vec::new(),
            expired: Expired::default(),
            key: None,
            port: 0,
            seed: None,
            webhook_timeout: Duration::from_secs(30),
            publishing_time: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
            cors_origins: Vec::new(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("clients", &self.clients)
            .field("tenant_id", &self.tenant_id)
            .field("lifetime", &self.lifetime)
            .field("rate_limit", &self.rate_limit)
            .field("quotas", &self.quotas)
            .field("expired", &self.expired)
            .field("key", &self.key)
            .field("port", &self.port)
            .field("seed", &self.seed.map(|_| "[redacted]"))
            .field("webhook_timeout", &self.webhook_timeout)
            .field("publishing_time", &self.publishing_time)
            .field("head_timeout", &self.head_timeout)
            .field("cors_origins", &self.cors_origins)
            .finish()
    }
}
