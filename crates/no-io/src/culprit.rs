//! Whose fault an error is.

/// Who has to act before an error goes away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Culprit {
    /// What we sent or where we sent it: the id, the secret, the audience, the endpoint.
    Config,
    /// The token server: it is overloaded, keeps a limit, or answers what no client can read.
    Server,
    /// What lies between: names, routes, certificates, proxies, time-outs.
    Network,
}
