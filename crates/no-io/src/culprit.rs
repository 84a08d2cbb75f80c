//! The party that an error is the fault of.

/// The party that has to act before an error goes away.
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
