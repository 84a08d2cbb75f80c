//! Middleware that adds a token to an agent's requests to one API.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::{Challenge, Origin, challenge, challenge_needs_body};
use http::{Request, Response, StatusCode, Uri};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, Error, ResponseExt, SendBody};

use crate::log_guard::LogGuard;
use crate::source::TokenSource;
use crate::transport::OfTransport;

/// Adds a token to the requests of an agent to one API. Requests to other origins pass unchanged.
///
/// If the API responds with 401, the middleware invalidates the token, and the next request gets a new one. It cannot
/// send the request again, since ureq gives it away to a middleware. An [`AuthorizedAgent`](crate::AuthorizedAgent)
/// can.
///
/// An error of the token source is [`ureq::Error::Other`] with a [`CallError`] inside. By default an agent of ureq
/// uses the proxy of the environment, also for `http` URLs.
///
/// ```
/// use edge_oauth_ureq::{BearerMiddleware, Origin, TokenSource, UreqTransport};
/// # use edge_oauth_ureq::{Config, Secret, Tenant};
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::Current, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .to_builder().endpoint(edge.token_url()).build()?;
/// # let api = edge.base_url();
///
/// let source = TokenSource::new(UreqTransport::new(), config);
/// let middleware = BearerMiddleware::new(source, Origin::from_url(api)?);
/// let agent = ureq::Agent::config_builder().middleware(middleware).proxy(None).build().new_agent();
/// assert_eq!(agent.get(format!("{api}/api/admin/v1/settings")).call()?.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BearerMiddleware {
    source: TokenSource,
    api: Origin,
}

impl BearerMiddleware {
    /// Creates a middleware that adds the tokens of this source to requests to `api`.
    ///
    /// If the source sends through the same agent, its token requests pass unchanged.
    pub fn new(source: TokenSource, api: Origin) -> Self {
        Self { source, api }
    }
}

impl Middleware for BearerMiddleware {
    fn handle(
        &self,
        mut request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, Error> {
        let is_ours = request.extensions().get::<OfTransport>().is_some();
        if is_ours || !self.api.covers(request.uri()) {
            return next.handle(request);
        }
        let token = self
            .source
            .authorize(&mut request)
            .map_err(|error| other(error.into()))?;
        let asked = request.uri().clone();
        let provider = self.source.config().provider().clone();
        let log_guard = LogGuard::new();
        let result = next.handle(request);
        drop(log_guard);
        let rejected = match &result {
            Ok(response) if is_from(response, &asked) => {
                let mut head = Response::new([]);
                *head.status_mut() = response.status();
                head.headers_mut().clone_from(response.headers());
                let is_undecided = challenge_needs_body(head.status(), head.headers(), &provider);
                // ureq returns the body only once, so a 403 is not read. A 401 rejects the token without a look at
                // the body.
                let is_decided = !is_undecided || head.status() == StatusCode::UNAUTHORIZED;
                is_decided && challenge(&head, &provider) == Challenge::InvalidToken
            }
            Ok(_) => false,
            Err(error) => matches!(error, Error::StatusCode(401)),
        };
        if rejected {
            self.source.invalidate(&token);
        }
        result
    }
}

/// Returns whether the response comes from the requested URL. After a redirect, which removes the token, a 401 is no
/// statement about the token.
pub(crate) fn is_from(response: &Response<Body>, asked: &Uri) -> bool {
    response.get_uri() == asked
}

pub(crate) fn other(error: CallError) -> Error {
    Error::Other(Box::new(error))
}
