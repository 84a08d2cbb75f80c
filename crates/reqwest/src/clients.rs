//! The clients of a transport.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_driver::proxy_environment;
use edge_oauth_no_io::{Proxy, ProxyEnvironment, RequestLimits, TransportError};
use http::Uri;
use reqwest::Client;
use rustls::ClientConfig;
use tokio::runtime::Id;

use crate::client;

/// The client for a request.
#[derive(Clone)]
pub(crate) enum Clients {
    /// Token requests have a client that keeps no connection, so any runtime may use it. The API requests of a runtime
    /// share a client that keeps its connections. Copies of the configuration share its TLS sessions.
    Own {
        tls: Box<ClientConfig>,
        proxies: Arc<ProxyEnvironment>,
        /// For requests with about this timeout, without a proxy. The time that is left when a request is sent varies.
        once: Arc<Mutex<Option<(Duration, Client)>>>,
        kept: Arc<Mutex<Option<(Id, Client)>>>,
    },
    /// The caller's client.
    Callers {
        client: Client,
        has_user_agent: bool,
    },
}

impl Clients {
    /// Returns clients with this TLS and the proxies of the environment.
    pub(crate) fn own(tls: ClientConfig) -> Self {
        Self::Own {
            tls: Box::new(tls),
            proxies: Arc::new(proxy_environment()),
            once: Arc::default(),
            kept: Arc::default(),
        }
    }

    pub(crate) fn callers(client: Client) -> Self {
        // `Debug` is the only way to read a client's default headers, which the request's own headers would replace.
        let has_user_agent = format!("{client:?}").contains("\"user-agent\": ");
        Self::Callers {
            client,
            has_user_agent,
        }
    }

    pub(crate) fn are_own(&self) -> bool {
        matches!(self, Self::Own { .. })
    }

    /// Returns whether a request has to bring its `User-Agent`.
    pub(crate) fn lack_user_agent(&self) -> bool {
        matches!(
            self,
            Self::Callers {
                has_user_agent: false,
                ..
            }
        )
    }

    /// Returns the client for a request, and the proxy if it is known.
    pub(crate) fn client_for(
        &self,
        uri: &Uri,
        limits: RequestLimits,
        runtime: Id,
    ) -> Result<(Client, Option<Proxy>), TransportError> {
        let (tls, proxies, once, kept) = match self {
            Self::Callers { client, .. } => return Ok((client.clone(), None)),
            Self::Own {
                tls,
                proxies,
                once,
                kept,
            } => (&**tls, proxies, once, kept),
        };
        let proxy = proxies.proxy_for(uri)?;
        let client = match &proxy {
            _ if limits.keep_alive => latest(
                kept,
                runtime,
                |owner| *owner == runtime,
                || client::for_many_requests(tls.clone(), Arc::clone(proxies)),
            ),
            None => latest(
                once,
                limits.timeout,
                |timeout| timeout.abs_diff(limits.timeout) <= limits.timeout / 100,
                || client::for_one_request(tls.clone(), None, limits.timeout),
            ),
            Some(proxy) => client::for_one_request(tls.clone(), Some(proxy), limits.timeout),
        };
        Ok((client?, proxy))
    }
}

/// Returns the latest client if its key serves. Otherwise makes one, which takes its place.
fn latest<K>(
    latest: &Mutex<Option<(K, Client)>>,
    key: K,
    serves: impl FnOnce(&K) -> bool,
    make: impl FnOnce() -> Result<Client, TransportError>,
) -> Result<Client, TransportError> {
    let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
    match &*latest {
        Some((owner, client)) if serves(owner) => Ok(client.clone()),
        _ => Ok(latest.insert((key, make()?)).1.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_serves_token_requests_with_about_its_timeout() {
        let clients = Clients::own(client::tls().unwrap());
        let Clients::Own { once, .. } = &clients else {
            panic!("they are the transport's own")
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.unwrap().handle().id();
        let uri = Uri::from_static("http://127.0.0.1/token");
        for (asked, made_for) in [
            (10_000, 10_000),
            (9_999, 10_000),
            (9_000, 9_000),
            (9_050, 9_000),
            (20_000, 20_000),
            (0, 0),
        ] {
            let limits = RequestLimits::token(Duration::from_millis(asked));
            clients.client_for(&uri, limits, runtime).unwrap();
            let timeout = once.lock().unwrap().as_ref().unwrap().0;
            assert_eq!(timeout, Duration::from_millis(made_for), "{asked}");
        }
    }
}
