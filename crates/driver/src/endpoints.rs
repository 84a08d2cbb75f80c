//! The health of token endpoints, shared by sources.

use std::sync::Arc;

use edge_oauth_no_io::{Acquisition, Candidate, EndpointHealth, Held, Moment};

use crate::random;
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// The health of token endpoints, as the sources of one process share it. An endpoint that fails gets the requests of one
/// source at a time, and one a second at most. Clones share one memory. A
/// [`TokenSourcePool`](crate::TokenSourcePool) has one for its sources.
///
/// The rules are those of [`EndpointHealth`].
///
/// ```
/// use edge_oauth_driver::blocking::TokenSource;
/// use edge_oauth_driver::testing::ScriptedTransport;
/// use edge_oauth_driver::{Endpoints, PooledSource};
/// use edge_oauth_no_io::{Config, Secret};
///
/// let transport = ScriptedTransport::new(|_| Ok(http::Response::new(r#"{"access_token":"abc"}"#.into())));
/// let endpoints = Endpoints::default();
/// for client in ["a", "b"] {
///     let config = Config::builder("https://login.example/token", client).client_secret(Secret::new("s3cret")).build()?;
///     let source = TokenSource::new(transport.clone(), config);
///     source.share_endpoints(&endpoints);
///     source.token()?;
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Endpoints(Arc<Mutex<EndpointHealth>>);

impl Default for Endpoints {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(EndpointHealth::new(random::number()))))
    }
}

impl Endpoints {
    pub(crate) fn join(&self) -> Membership {
        Membership {
            number: self.lock().join(),
            endpoints: self.clone(),
        }
    }

    /// A panic elsewhere leaves the health whole.
    fn lock(&self) -> MutexGuard<'_, EndpointHealth> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One source among those that share what they know.
pub(crate) struct Membership {
    endpoints: Endpoints,
    number: u64,
}

impl Membership {
    pub(crate) fn admit(&self, candidate: &Candidate<'_>, now: Moment) -> Result<(), Held> {
        self.endpoints.lock().admit(candidate, now)
    }

    pub(crate) fn note(&self, acquisition: &Acquisition, now: Moment) {
        self.endpoints.lock().note(self.number, acquisition, now);
    }
}
