//! An agent whose requests are authorised, and sent once more where the API refuses the token.

use std::io::{Cursor, Read};

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    AccessToken, CHALLENGE_BODY_LIMIT, Challenge, Provider, Replay, challenge, challenge_needs_body,
};
use http::uri::Scheme;
use http::{Request, Response};
use ureq::{Agent, Body, Error};

use crate::log_guard::LogGuard;
use crate::middleware::{is_from, other};
use crate::source::TokenSource;

/// An agent with a token source.
///
/// It keeps the agent's own settings, and gives the response's body as ureq does, to be read as it
/// arrives. [`TokenSource::send`] is the simpler way if the response is to be read whole.
///
/// ```
/// use edge_oauth_ureq::{AuthorizedAgent, TokenSource, UreqTransport};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
///
/// let source = TokenSource::new(UreqTransport::new(), config);
/// let agent = AuthorizedAgent::new(ureq::agent(), source);
/// let request = http::Request::get(format!("{}/api/admin/v1/settings", edge.base_url())).body(Vec::new())?;
/// assert_eq!(agent.run(&request)?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizedAgent {
    agent: Agent,
    source: TokenSource,
}

impl AuthorizedAgent {
    /// Sends through the agent, with the tokens of the source.
    pub fn new(agent: Agent, source: TokenSource) -> Self {
        Self { agent, source }
    }

    /// Sends a request, authorised. Where the API refuses the token, drops exactly that token and sends
    /// once more with another. An error of ours is [`ureq::Error::Other`] with a [`CallError`] in it.
    /// To `http`, which has to be the loopback, it goes without a proxy.
    pub fn run(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Error> {
        let provider = self.source.config().provider().clone();
        if !provider.allows(request.uri()) {
            return Err(other(CallError::UrlNotAllowed));
        }
        let token = self.source.token().map_err(|error| other(error.into()))?;
        let mut replay = Replay::new(token);
        let response = loop {
            let mut response = self.send(request, replay.token())?;
            let is_final = !is_from(&response, request.uri())
                || !replay.is_rejected(look(&mut response, &provider)?);
            if is_final {
                break response;
            }
            self.source.invalidate(replay.token());
            if !replay.again_with(self.source.token()) {
                break response;
            }
        };
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error && self.agent.config().http_status_as_error() {
            return Err(Error::StatusCode(status.as_u16()));
        }
        Ok(response)
    }

    fn send(
        &self,
        request: &Request<Vec<u8>>,
        token: &AccessToken,
    ) -> Result<Response<Body>, Error> {
        let _quiet = LogGuard::new();
        let mut copy = Request::new(request.body().as_slice());
        *copy.method_mut() = request.method().clone();
        *copy.uri_mut() = request.uri().clone();
        *copy.version_mut() = request.version();
        *copy.headers_mut() = request.headers().clone();
        // The settings that ureq keeps for a request are among them.
        *copy.extensions_mut() = request.extensions().clone();
        token.authorize(&mut copy);
        // The status is looked at here before the agent's own setting applies.
        let mut settings = self
            .agent
            .configure_request(copy)
            .http_status_as_error(false);
        if request.uri().scheme() == Some(&Scheme::HTTP) {
            settings = settings.proxy(None);
        }
        self.agent.run(settings.build())
    }
}

/// Reads what the response says about the token. What is read of its body is put back.
fn look(response: &mut Response<Body>, provider: &Provider) -> Result<Challenge, Error> {
    let mut start = Vec::new();
    if challenge_needs_body(response.status(), response.headers(), provider) {
        let _guard = LogGuard::new();
        let body = std::mem::replace(response.body_mut(), Body::builder().data([]));
        let mut rebuilt = Body::builder();
        if let Some(mime_type) = body.mime_type() {
            rebuilt = rebuilt.mime_type(mime_type);
        }
        if let Some(charset) = body.charset() {
            rebuilt = rebuilt.charset(charset);
        }
        let mut reader = body.into_reader();
        let limit = CHALLENGE_BODY_LIMIT as u64 + 1;
        reader.by_ref().take(limit).read_to_end(&mut start)?;
        *response.body_mut() = rebuilt.reader(Cursor::new(start.clone()).chain(reader));
    }
    let mut seen = Response::new(start);
    *seen.status_mut() = response.status();
    seen.headers_mut().clone_from(response.headers());
    Ok(challenge(&seen, provider))
}
