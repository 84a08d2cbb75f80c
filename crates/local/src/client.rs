//! The applications that the local server knows, and what each of them may do.

use std::fmt;

/// The id of the client that is there unless [`Options::client`](crate::Options::client) names another.
pub const DEFAULT_CLIENT_ID: &str = "local-client";

/// The secret of the client that is there unless [`Options::client`](crate::Options::client) names another.
pub const DEFAULT_CLIENT_SECRET: &str = "local-secret";

/// An application with an id and a secret.
///
/// ```
/// use edge_oauth_local::{Client, ClientKind, Edge, Options};
///
/// let wrong_kind = Client::new("deploy-bot", "pa55").kind(ClientKind::Automation);
/// let edge = Edge::new(Options::default().client(wrong_kind), "http://127.0.0.1:1");
/// # let _ = edge;
/// ```
#[derive(Clone)]
pub struct Client {
    id: String,
    secret: String,
    kind: ClientKind,
    scopes: Vec<String>,
}

/// What an application was made for. Only the first kind gets a token here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientKind {
    /// Made for the Edge APIs: gets a token.
    #[default]
    EdgeAdministration,
    /// Made for the environment or the organization: lacks a grant for the audience, answered with
    /// 403 `Client "…" is not authorized to access resource server "…"`.
    Automation,
    /// Made for people who sign in: answered with 403 `unauthorized_client`.
    Interactive,
}

impl Client {
    /// An Edge administration client with a few scopes.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            kind: ClientKind::default(),
            scopes: DEFAULT_SCOPES.map(String::from).to_vec(),
        }
    }

    /// Makes it another kind of client.
    #[must_use]
    pub fn kind(mut self, kind: ClientKind) -> Self {
        self.kind = kind;
        self
    }

    /// Replaces its scopes. With none at all, the answer and the token carry no `scope`.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn kind_of(&self) -> ClientKind {
        self.kind
    }

    /// The client's scopes, or those of them that were asked for.
    ///
    /// `None` means that something was asked for and the client has nothing of it.
    pub(crate) fn grant_scopes(&self, asked: Option<&str>) -> Option<Vec<&str>> {
        let held = self.scopes.iter().map(String::as_str);
        let Some(asked) = asked else {
            return Some(held.collect());
        };
        let granted: Vec<_> = held
            .filter(|scope| asked.split_whitespace().any(|wanted| wanted == *scope))
            .collect();
        (!granted.is_empty()).then_some(granted)
    }
}

impl Default for Client {
    /// [`DEFAULT_CLIENT_ID`] with [`DEFAULT_CLIENT_SECRET`].
    fn default() -> Self {
        Self::new(DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("secret", &"[redacted]")
            .field("kind", &self.kind)
            .field("scopes", &self.scopes)
            .finish()
    }
}

const DEFAULT_SCOPES: [&str; 2] = ["edge.content:clearall", "edge.tokens:create"];
