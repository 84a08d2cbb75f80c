//! How the local server should behave.

use std::fmt;
use std::time::Duration;

use crate::options::client::Client;
use crate::options::quota::Quota;
use crate::options::signing_key::{InvalidKey, SigningKey};

/// The tenant id unless [`Options::tenant_id`] names another.
pub const DEFAULT_TENANT_ID: &str = "local-tenant";

/// How the local server should behave: start from [`Options::default`] and change what matters.
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
}

/// What the protected API says to a token whose time is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expired {
    /// 401 with a `Bearer` challenge.
    #[default]
    Unauthorized,
    /// 403 with a body that says `Token has expired`.
    Forbidden,
}

impl Options {
    /// Adds a client. The first call takes the place of the default client; where two clients
    /// have one id, the first counts.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// The tenant that everything belongs to: it stands in the claims of a token and makes
    /// `https://delivery.sitecore.cloud/<tenant-id>` a known audience.
    #[must_use]
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.tenant_id = tenant_id.into();
        self
    }

    /// How long a token lives, in whole seconds; what is over is cut off. 24 hours by default.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// Lets through this many token requests per window, from all clients together and whether
    /// or not they succeed, and refuses the rest with 429. No limit by default.
    #[must_use]
    pub fn rate_limit(mut self, requests: u64, window: Duration) -> Self {
        self.rate_limit = Some((requests, window));
        self
    }

    /// Adds a quota that every client has for itself. None by default.
    #[must_use]
    pub fn quota(mut self, quota: Quota) -> Self {
        self.quotas.push(quota);
        self
    }

    /// What the protected API says to an expired token. 401 by default.
    #[must_use]
    pub fn expired_as(mut self, expired: Expired) -> Self {
        self.expired = expired;
        self
    }

    /// Signs with this RSA key instead of the published development key. `kid` is the name that
    /// the key has in tokens and in the JWKS.
    ///
    /// A key comes from, for example:
    /// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 | openssl pkcs8 -topk8 -nocrypt -outform DER`
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] unless the bytes are a PKCS#8 RSA private key in DER of 2048 to 4096 bits.
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

    /// The port that [`LocalEdge`](crate::LocalEdge) listens on. 0, the default, takes a free one.
    /// [`Simulator`](crate::Simulator) has no use for it.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// What Delivery keys and the ids of webhooks and jobs are derived from: the same requests get the same
    /// ones again. Without it [`LocalEdge`](crate::LocalEdge) draws one at random, and an
    /// [`Simulator`](crate::Simulator), where nothing is random, takes 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How long [`LocalEdge`](crate::LocalEdge) waits for the answer to a webhook. 5 s by default.
    /// [`Simulator`](crate::Simulator) has no use for it.
    #[must_use]
    pub fn webhook_timeout(mut self, timeout: Duration) -> Self {
        self.webhook_timeout = timeout;
        self
    }

    /// Sets how long a publishing job runs. 10 s by default. It waits for a quarter of this time before it runs, and
    /// for the end of the jobs before it. A cancellation takes a tenth of it.
    #[must_use]
    pub fn publishing_time(mut self, time: Duration) -> Self {
        self.publishing_time = time;
        self
    }

    /// Sets how long [`LocalEdge`](crate::LocalEdge) waits for the head of a request before it closes the
    /// connection. 30 s by default. [`Simulator`](crate::Simulator) has no use for it.
    #[must_use]
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.head_timeout = timeout;
        self
    }

    /// The clients to serve: the default one where none was named.
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
            webhook_timeout: Duration::from_secs(5),
            publishing_time: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
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
            .finish()
    }
}
