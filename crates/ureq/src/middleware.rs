//! For agents: every request that goes through one is authorised.

use edge_oauth_driver::CallError;
use edge_oauth_no_io::may_carry_token;
use http::{Request, Response, StatusCode};
use ureq::middleware::{Middleware, MiddlewareNext};
use ureq::{Body, Error, SendBody};

use crate::quiet::Quiet;
use crate::source::TokenSource;
use crate::transport::OfTransport;

/// Authorises each request of an agent that has it.
///
/// Where the API answers 401, the token is dropped, so the next request has another. This one cannot
/// be sent once more, since ureq hands a middleware its request for good: use an
/// [`AuthorizedAgent`](crate::AuthorizedAgent) where that matters.
///
/// An error of ours arrives as [`ureq::Error::Other`] with a [`CallError`] in it.
///
/// ```
/// use edge_oauth_ureq::{BearerMiddleware, TokenSource, UreqTransport};
/// # use edge_oauth_no_io::{Config, Secret, Tenant};
/// # let edge = edge_oauth_local::LocalEdge::start()?;
/// # let config = Config::experience_edge(Tenant::New, edge.client_id(), Secret::new(edge.client_secret()))?
/// #     .endpoint(edge.token_url())?;
///
/// let source = TokenSource::new(UreqTransport::new(), config);
/// let agent = ureq::Agent::config_builder().middleware(BearerMiddleware::new(source)).build().new_agent();
/// let settings = agent.get(format!("{}/api/admin/v1/settings", edge.base_url())).call()?;
/// assert_eq!(settings.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct BearerMiddleware {
    source: TokenSource,
}

impl BearerMiddleware {
    /// Authorises with the tokens of this source. Should the source send through the same agent, its
    /// own requests pass as they are.
    pub fn new(source: TokenSource) -> Self {
        Self { source }
    }
}

impl Middleware for BearerMiddleware {
    fn handle(
        &self,
        mut request: Request<SendBody<'_>>,
        next: MiddlewareNext<'_>,
    ) -> Result<Response<Body>, Error> {
        if request.extensions().get::<OfTransport>().is_some() {
            return next.handle(request);
        }
        if !may_carry_token(request.uri()) {
            return Err(other(CallError::InsecureUrl));
        }
        let token = self
            .source
            .authorize(&mut request)
            .map_err(|error| other(error.into()))?;
        let quiet = Quiet::new();
        let result = next.handle(request);
        drop(quiet);
        let status = match &result {
            Ok(response) => response.status().as_u16(),
            Err(Error::StatusCode(status)) => *status,
            Err(_) => return result,
        };
        if status == StatusCode::UNAUTHORIZED.as_u16() {
            self.source.reject(&token);
        }
        result
    }
}

pub(crate) fn other(error: CallError) -> Error {
    Error::Other(Box::new(error))
}
