//! The whole server as a function from a request to a response.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use http::header::DATE;
use http::{HeaderValue, Method, Request, Response};

use crate::api::protected_api::{ProtectedApi, Route};
use crate::api::publishing::job_outcome::JobOutcome;
use crate::api::webhooks::delivery::{DeliveryOutcome, PendingDelivery};
use crate::fault::{Fault, InvalidFault, Transfer};
use crate::http::cors::Cors;
use crate::http::response::{self, MAX_BODY};
use crate::oauth::draft::Draft;
use crate::oauth::issuer::{Issuer, TOKEN_PATH};
use crate::oauth::metadata;
use crate::oauth::token_endpoint::TokenEndpoint;
use crate::options::options::Options;
use crate::server::response::{SimulatedResponse, UnsignedResponse};

/// A local server without sockets, clocks or threads.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_local::{Simulator, Options};
///
/// let mut simulator = Simulator::new(Options::default(), "http://127.0.0.1:1");
/// let request = http::Request::post("/oauth/token")
///     .header("content-type", "application/json")
///     .body(r#"{
///         "grant_type": "client_credentials",
///         "audience": "https://api.sitecorecloud.io",
///         "client_id": "local-client",
///         "client_secret": "local-secret"
///     }"#)?;
/// let simulated = simulator.respond(&request, Duration::from_secs(1_800_000_000));
/// assert_eq!(simulated.response.status(), 200);
/// assert_eq!(simulator.served().tokens_issued, 1);
/// # Ok::<(), http::Error>(())
/// ```
pub struct Simulator {
    issuer: Issuer,
    token_endpoint: TokenEndpoint,
    protected_api: ProtectedApi,
    cors: Cors,
    faults: VecDeque<Fault>,
    api_faults: VecDeque<Fault>,
    served: Served,
}

/// The numbers of requests, by purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Served {
    /// `POST /oauth/token`, successful or not.
    pub token_requests: u64,
    /// Issued tokens, even if a response was never read.
    pub tokens_issued: u64,
    /// Requests to the Admin, the Token and the Publishing API, with or without a valid token.
    pub api_requests: u64,
    /// Runs of webhooks that have ended, successful or not.
    pub webhook_runs: u64,
    /// All other requests: keys, metadata, preflights of a browser, unknown paths, wrong methods on the token endpoint.
    pub other_requests: u64,
}

impl Simulator {
    /// Creates a server with this base URL, such as `http://127.0.0.1:8080`. The URL appears in tokens and in the
    /// metadata; no request is sent to it.
    #[must_use]
    pub fn new(options: Options, base_url: &str) -> Self {
        Self {
            issuer: Issuer::new(&options, base_url),
            token_endpoint: TokenEndpoint::new(&options),
            protected_api: ProtectedApi::new(&options),
            cors: Cors::new(&options.cors_origins),
            faults: VecDeque::new(),
            api_faults: VecDeque::new(),
            served: Served::default(),
        }
    }

    /// Returns the response to a request that arrives at `now`, counted from the Unix epoch.
    ///
    /// Every request gets a response. A `now` after the year 9999, in which HTTP dates end, counts as its last
    /// second.
    pub fn respond(
        &mut self,
        request: &Request<impl AsRef<[u8]>>,
        now: Duration,
    ) -> SimulatedResponse {
        self.decide(request, now).sign()
    }

    /// Does all of [`respond`](Self::respond) but the signature of a token.
    pub(crate) fn decide(
        &mut self,
        request: &Request<impl AsRef<[u8]>>,
        now: Duration,
    ) -> UnsignedResponse {
        let now = now.min(MAX_DATE);
        let (mut response, transfer) = self.route(request, request.body().as_ref(), now);
        // A server with a clock sends a `Date` (RFC 9110 §6.6.1).
        if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(UNIX_EPOCH + now)) {
            response.headers_mut().entry(DATE).or_insert(date);
        }
        self.cors.expose(request.headers(), response.headers_mut());
        UnsignedResponse {
            response,
            key: self.issuer.key.clone(),
            transfer,
            deliveries: self.protected_api.admin_api.webhooks.take_pending(),
        }
    }

    /// Records the outcome of a [`Delivery`](crate::Delivery) at `now`.
    ///
    /// The outcome joins the last 50 runs of its webhook, and the tenth consecutive failure disables the webhook. If
    /// the webhook was updated during the run, the outcome does not count. If it was deleted, the outcome is ignored.
    pub fn record_delivery(
        &mut self,
        delivery: PendingDelivery,
        outcome: DeliveryOutcome,
        now: Duration,
    ) {
        let webhooks = &mut self.protected_api.admin_api.webhooks;
        webhooks.record_run(&delivery, outcome, now.min(MAX_DATE));
    }

    /// Scripts the faults of the next token requests, one for each request and in this order. They follow the faults
    /// that are still scripted. Afterwards requests get normal responses.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidFault`] if one of the faults cannot be sent. Then none of them is used.
    pub fn script(&mut self, faults: impl IntoIterator<Item = Fault>) -> Result<(), InvalidFault> {
        self.faults.extend(valid(faults)?);
        Ok(())
    }

    /// Scripts the faults of the next requests to the Admin, the Token and the Publishing API. A fault with a status
    /// changes no state; a fault without one lets the request take effect.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Simulator::script`].
    pub fn script_api(
        &mut self,
        faults: impl IntoIterator<Item = Fault>,
    ) -> Result<(), InvalidFault> {
        self.api_faults.extend(valid(faults)?);
        Ok(())
    }

    /// Scripts the outcomes of the next publishing jobs that are created, one each and in this order. Later jobs publish
    /// all of their items.
    pub fn script_jobs(&mut self, outcomes: impl IntoIterator<Item = JobOutcome>) {
        self.protected_api.publishing_api.jobs.script(outcomes);
    }

    /// Returns the numbers of requests so far.
    #[must_use]
    pub fn served(&self) -> Served {
        Served {
            tokens_issued: self.token_endpoint.issued(),
            webhook_runs: self.protected_api.admin_api.webhooks.runs(),
            ..self.served
        }
    }

    fn route<B>(
        &mut self,
        request: &Request<B>,
        body: &[u8],
        now: Duration,
    ) -> (Response<Draft>, Transfer) {
        if let Some(response) = self.cors.preflight(request) {
            self.served.other_requests += 1;
            return (response.map(Draft::from), Transfer::default());
        }
        let path = request.uri().path();
        if path == TOKEN_PATH && request.method() == Method::POST {
            self.served.token_requests += 1;
            let fault = self.faults.pop_front().unwrap_or_else(Fault::none);
            let transfer = fault.transfer;
            return (fault.apply(|| self.token(request, body, now)), transfer);
        }
        if let Some(route) = Route::from_path(path) {
            self.served.api_requests += 1;
            let fault = self.api_faults.pop_front().unwrap_or_else(Fault::none);
            let transfer = fault.transfer;
            let response = fault.apply(|| self.api(route, request, body, now));
            return (response.map(Draft::from), transfer);
        }
        self.served.other_requests += 1;
        let response = match path {
            _ if body.len() > MAX_BODY => response::body_too_large(),
            TOKEN_PATH => response::method_not_allowed("POST"),
            _ => metadata::respond(&self.issuer, request.method(), path),
        };
        (response.map(Draft::from), Transfer::default())
    }

    fn token<B>(&mut self, request: &Request<B>, body: &[u8], now: Duration) -> Response<Draft> {
        if body.len() > MAX_BODY {
            return response::body_too_large().map(Draft::from);
        }
        let headers = request.headers();
        self.token_endpoint
            .respond(&self.issuer, headers, body, now)
    }

    fn api<B>(
        &mut self,
        route: Route<'_>,
        request: &Request<B>,
        body: &[u8],
        now: Duration,
    ) -> Response<Vec<u8>> {
        if body.len() > MAX_BODY {
            return response::body_too_large();
        }
        let api = &mut self.protected_api;
        api.respond(&self.issuer, route, request, body, now)
    }
}

fn valid(faults: impl IntoIterator<Item = Fault>) -> Result<Vec<Fault>, InvalidFault> {
    let faults: Vec<_> = faults.into_iter().collect();
    faults.iter().try_for_each(Fault::validate)?;
    Ok(faults)
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator")
            .field("base_url", &self.issuer.base_url)
            .field("faults", &self.faults)
            .field("api_faults", &self.api_faults)
            .field("served", &self.served())
            .finish_non_exhaustive()
    }
}

/// 9999-12-31T23:59:59Z.
const MAX_DATE: Duration = Duration::from_secs(253_402_300_799);
