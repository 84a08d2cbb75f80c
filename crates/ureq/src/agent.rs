//! An agent that adds a token to its requests, and sends a request once more if the API rejects the token.

use std::io::{self, Cursor, Read};

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{
    AccessToken, CHALLENGE_BODY_LIMIT, Challenge, Provider, Replay, challenge, challenge_by_head,
    challenge_needs_body,
};
use http::uri::Scheme;
use http::{Request, Response};
use ureq::{Agent, Body, Error};

use crate::log_guard::LogGuard;
use crate::middleware::{is_from, other};
use crate::source::TokenSource;

/// An agent with a token source.
///
/// It keeps the agent's settings, and returns a response whose body is read as it arrives. If the body is small,
/// [`TokenSource::send`] is simpler.
///
/// If status and headers of a response do not tell whether the API rejects the token, as a 401 without
/// `WWW-Authenticate`, it waits for the beginning of the body, until the body's timeout in the agent's settings. A body
/// that is late rejects no token.
///
/// ```
/// use edge_oauth_ureq::{AuthorizedAgent, TokenSource, UreqTransport};
/// # use edge_oauth_ureq::{Config, Secret, Tenant};
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
///
/// let source = TokenSource::new(UreqTransport::new(), config);
/// let agent = AuthorizedAgent::new(source, ureq::agent());
/// let request = http::Request::get(format!("{}/api/admin/v1/settings", edge.base_url())).body(Vec::new())?;
/// assert_eq!(agent.run(&request)?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct AuthorizedAgent {
    source: TokenSource,
    agent: Agent,
}

impl AuthorizedAgent {
    /// Creates an agent that adds the tokens of this source to the requests of yours.
    pub fn new(source: TokenSource, agent: Agent) -> Self {
        Self { source, agent }
    }

    /// Sends a request with a token. If the API rejects the token, invalidates it and sends the request once more
    /// with a new one.
    ///
    /// A request to an `http` URL, which has to be on the loopback, goes without a proxy.
    ///
    /// # Errors
    ///
    /// Returns the errors of ureq. An error of the token source is [`ureq::Error::Other`] with a [`CallError`]
    /// inside.
    pub fn run(&self, request: &Request<Vec<u8>>) -> Result<Response<Body>, Error> {
        self.provider_of(request)?;
        let token = self.source.token().map_err(|error| other(error.into()))?;
        // Promise 8: the token may be of a configuration that came meanwhile.
        let mut provider = self.provider_of(request)?;
        let mut replay = Replay::new(token);
        let response = loop {
            let mut response = self.send(request, replay.token())?;
            let is_final = !is_from(&response, request.uri())
                || !replay.is_rejected(look(&mut response, &provider));
            if is_final {
                break response;
            }
            self.source.invalidate(replay.token());
            let has_another = replay.again_with(self.source.token());
            provider = match self.provider_of(request) {
                Ok(provider) if has_another => provider,
                _ => break response,
            };
        };
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if is_error && self.agent.config().http_status_as_error() {
            return Err(Error::StatusCode(status.as_u16()));
        }
        Ok(response)
    }

    /// Returns the provider if it allows a token at the request's URL.
    fn provider_of(&self, request: &Request<Vec<u8>>) -> Result<Provider, Error> {
        let config = self.source.config();
        match config.provider().allows(request.uri()) {
            true => Ok(config.provider().clone()),
            false => Err(other(CallError::UrlNotAllowed)),
        }
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
        // ureq keeps the settings of a request in its extensions.
        *copy.extensions_mut() = request.extensions().clone();
        token.authorize(&mut copy);
        // This agent reads the status before the caller's setting applies.
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

/// Returns what the response says about the token. Puts the part of the body that it reads back.
fn look(response: &mut Response<Body>, provider: &Provider) -> Challenge {
    if let Some(challenge) = challenge_by_head(response.status(), response.headers()) {
        return challenge;
    }
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
        let error = reader.by_ref().take(limit).read_to_end(&mut start).err();
        let cause = error.as_ref().and_then(io::Error::get_ref);
        let cause = cause.and_then(|cause| cause.downcast_ref());
        let is_late = matches!(cause, Some(Error::Timeout(_)));
        // Promise 6: a body that is late or breaks off takes no response with it.
        let read = Cursor::new(start.clone()).chain(Broken(error));
        *response.body_mut() = rebuilt.reader(read.chain(reader));
        if is_late {
            return Challenge::None;
        }
    }
    let mut seen = Response::new(start);
    *seen.status_mut() = response.status();
    seen.headers_mut().clone_from(response.headers());
    challenge(&seen, provider)
}

/// Fails once with the error of a body, if there was one.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
