//! An agent that resolves names and configures TLS only as often as needed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;

use http::Uri;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};
use ureq::{Agent, Error, Timeout};

use crate::lookup::on_thread;

/// Returns an agent for [`UreqTransport::with_agent`](crate::UreqTransport::with_agent) that resumes TLS sessions and
/// resolves names for new connections only.
///
/// Usually ureq builds a TLS configuration, with an empty session store, for each request that has its own settings,
/// as the requests of the transport have. This agent builds one for all requests, from `config`. A single request
/// cannot change it.
///
/// ureq also resolves the name before it looks for a kept connection, on a thread of its own if the request has a
/// timeout. This agent resolves a name only to connect, and an IP address without a thread. Therefore
/// [`timeout_connect`](ureq::config::ConfigBuilder::timeout_connect) includes the time to resolve the name.
///
/// ```
/// use edge_oauth_ureq::{UreqTransport, build_agent};
///
/// let config = ureq::Agent::config_builder().user_agent("my-program/1.0").build();
/// let transport = UreqTransport::with_agent(build_agent(config));
/// ```
pub fn build_agent(config: Config) -> Agent {
    build_with(config, Names)
}

fn build_with(config: Config, resolver: impl Resolver) -> Agent {
    let connector = AgentConnector {
        connector: DefaultConnector::new(),
        resolver,
    };
    Agent::with_parts(config, connector, AtConnect)
}

/// Leaves each name to the connector, which ureq asks only if there is no kept connection.
#[derive(Debug)]
struct AtConnect;

impl Resolver for AtConnect {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let mut addresses = self.empty();
        addresses.push(UNRESOLVED);
        Ok(addresses)
    }
}

const UNRESOLVED: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// Resolves names as ureq does, and IP addresses without the thread that bounds a lookup.
#[derive(Debug)]
struct Names;

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let unbounded = NextTimeout {
            after: Duration::NotHappening,
            ..timeout
        };
        if timeout.after.is_not_happening() || host.parse::<IpAddr>().is_ok() {
            return DefaultResolver::default().resolve(uri, config, unbounded);
        }
        let (uri, config) = (uri.clone(), config.clone());
        on_thread(thread::Builder::new(), timeout, move || {
            DefaultResolver::default().resolve(&uri, &config, unbounded)
        })
    }
}

/// Resolves the name of a new connection, and has ureq take each request's TLS configuration for the agent's, which it
/// keeps.
#[derive(Debug)]
struct AgentConnector<R> {
    connector: DefaultConnector,
    resolver: R,
}

impl<R: Resolver> AgentConnector<R> {
    /// Returns the addresses of the host, the time after resolving it, and the timeout that remains.
    fn resolve(
        &self,
        details: &ConnectionDetails<'_>,
    ) -> Result<(ResolvedSocketAddrs, Instant, NextTimeout), Error> {
        if details.addrs.first() != Some(&UNRESOLVED) {
            return Ok((details.addrs.clone(), details.now, details.timeout));
        }
        let mut timeout = details.timeout;
        let bound = details.config.timeouts().resolve.map(Duration::from);
        if let Some(bound) = bound.filter(|bound| *bound < timeout.after) {
            (timeout.after, timeout.reason) = (bound, Timeout::Resolve);
        }
        let addresses = self
            .resolver
            .resolve(details.uri, details.config, timeout)?;
        let now = (details.current_time)();
        let mut timeout = details.timeout;
        if let (Instant::Exact(now), Instant::Exact(end)) = (now, details.now + timeout.after) {
            let left = end.saturating_duration_since(now);
            if left.is_zero() {
                return Err(Error::Timeout(timeout.reason));
            }
            timeout.after = left.into();
        }
        Ok((addresses, now, timeout))
    }
}

impl<R: Resolver> Connector<()> for AgentConnector<R> {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        let (addrs, now, timeout) = self.resolve(details)?;
        let details = ConnectionDetails {
            uri: details.uri,
            addrs,
            config: details.config,
            request_level: false,
            resolver: &self.resolver,
            now,
            timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        self.connector.connect(&details, chained)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time;

    use edge_oauth_local::LocalEdge;

    use super::*;

    /// Counts the names that it resolves.
    #[derive(Debug, Default)]
    struct Counting(Arc<AtomicUsize>);

    impl Resolver for Counting {
        fn resolve(
            &self,
            uri: &Uri,
            config: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Names.resolve(uri, config, timeout)
        }
    }

    // fault: thread-for-each-request
    #[test]
    fn kept_connection_is_used_without_resolving_the_name() {
        let edge = LocalEdge::start().unwrap();
        let url = format!("{}/.well-known/openid-configuration", edge.base_url());
        let count = Arc::new(AtomicUsize::new(0));
        let agent = build_with(Config::default(), Counting(Arc::clone(&count)));
        for _ in 0..3 {
            let timeout = Some(time::Duration::from_secs(60));
            let request = agent.get(&url).config().timeout_global(timeout).build();
            let mut response = request.call().unwrap();
            assert!(
                response
                    .body_mut()
                    .read_to_string()
                    .unwrap()
                    .contains("issuer")
            );
        }
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    /// Never returns an address in time, by the timeout that it gets.
    #[derive(Debug)]
    struct Late;

    impl Resolver for Late {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            Err(Error::Timeout(timeout.reason))
        }
    }

    #[test]
    fn slow_lookup_ends_by_the_shortest_timeout() {
        let reason = |resolve: u64, global: u64| {
            let seconds = |seconds| Some(time::Duration::from_secs(seconds));
            let config = Agent::config_builder()
                .timeout_resolve(seconds(resolve))
                .timeout_global(seconds(global));
            let agent = build_with(config.build(), Late);
            match agent.get("http://login.example/").call() {
                Err(Error::Timeout(reason)) => reason,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(reason(1, 60), Timeout::Resolve);
        assert_eq!(reason(60, 1), Timeout::Global);
    }
}
