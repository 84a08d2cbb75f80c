//! The clients of a transport.

use std::sync::{Arc, Mutex, PoisonError};

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
    /// A new client for each token request; copies of the configuration share its TLS sessions. The API requests of a
    /// runtime share a client that keeps its connections.
    Own {
        tls: Box<ClientConfig>,
        proxies: Arc<ProxyEnvironment>,
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
        let (tls, proxies, kept) = match self {
            Self::Callers { client, .. } => return Ok((client.clone(), None)),
            Self::Own { tls, proxies, kept } => (&**tls, proxies, kept),
        };
        let proxy = proxies.proxy_for(uri)?;
        if !limits.keep_alive {
            let client = client::for_one_request(tls.clone(), proxy.as_ref(), limits.timeout)?;
            return Ok((client, proxy));
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match &*kept {
            Some((owner, client)) if *owner == runtime => client.clone(),
            _ => {
                let client = client::for_many_requests(tls.clone(), Arc::clone(proxies))?;
                kept.insert((runtime, client)).1.clone()
            }
        };
        Ok((client, proxy))
    }
}
