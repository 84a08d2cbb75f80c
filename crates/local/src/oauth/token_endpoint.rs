//! `POST /oauth/token`: access tokens for client credentials.

use std::time::Duration;

use http::header::{CACHE_CONTROL, PRAGMA};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use crate::http::response;
use crate::oauth::assertion::claims::{SingleUse, check_claims};
use crate::oauth::assertion::compact_jws::Assertion;
use crate::oauth::assertion::error::AssertionError;
use crate::oauth::assertion::used_assertions::UsedAssertions;
use crate::oauth::draft::Draft;
use crate::oauth::error_response::ErrorResponse;
use crate::oauth::issuer::Issuer;
use crate::oauth::quota_usage::QuotaUsage;
use crate::oauth::rate_window::RateWindow;
use crate::oauth::token_request::{ClientAuth, TokenRequest};
use crate::options::client::{Client, ClientKind};
use crate::options::options::Options;

/// The clients, and the number of issued tokens.
pub(crate) struct TokenEndpoint {
    clients: Vec<(Client, QuotaUsage)>,
    lifetime: u64,
    rate_limit: Option<RateWindow>,
    used_assertions: UsedAssertions,
    issued: u64,
}

/// The permission for a token that a known client has.
struct Grant {
    client: usize,
    audience: String,
    scope: String,
}

impl TokenEndpoint {
    pub(crate) fn new(options: &Options) -> Self {
        let clients = options.effective_clients().into_iter();
        Self {
            clients: clients
                .map(|client| (client, QuotaUsage::new(&options.quotas)))
                .collect(),
            lifetime: options.lifetime.as_secs(),
            rate_limit: options
                .rate_limit
                .map(|(n, length)| RateWindow::new(n, length)),
            used_assertions: UsedAssertions::default(),
            issued: 0,
        }
    }

    /// Returns the number of issued tokens.
    pub(crate) fn issued(&self) -> u64 {
        self.issued
    }

    pub(crate) fn respond(
        &mut self,
        issuer: &Issuer,
        headers: &HeaderMap,
        body: &[u8],
        now: Duration,
    ) -> Response<Draft> {
        let grant = TokenRequest::read(headers, body);
        let grant = grant.and_then(|request| self.grant(issuer, request, now));
        let client = grant.as_ref().ok().map(|grant| grant.client);
        let grant = self.within_rate_limit(now).and(grant);
        let mut response = match grant.and_then(|grant| self.within_quota(grant, now)) {
            Ok(grant) => self.issue(issuer, &grant, now),
            Err(error) => error.to_response().map(Draft::from),
        };
        self.add_headers(response.headers_mut(), client, now);
        response
    }

    fn grant(
        &mut self,
        issuer: &Issuer,
        request: TokenRequest,
        now: Duration,
    ) -> Result<Grant, ErrorResponse> {
        match request.grant_type.as_deref() {
            Some("client_credentials") => {}
            Some(_) => return Err(ErrorResponse::UnsupportedGrantType),
            None => {
                return Err(ErrorResponse::InvalidRequest(
                    "The grant_type is missing".into(),
                ));
            }
        }
        let index = self.authenticate(issuer, &request, now)?;
        let (client, _) = &self.clients[index];
        let audience = request.audience.ok_or(ErrorResponse::MissingAudience)?;
        if !issuer.knows_audience(&audience) {
            return Err(ErrorResponse::UnknownAudience(audience));
        }
        match client.kind {
            ClientKind::EdgeAdministration => {}
            ClientKind::Automation => {
                let client = client.id().to_owned();
                return Err(ErrorResponse::MissingGrant { client, audience });
            }
            ClientKind::Interactive => return Err(ErrorResponse::GrantTypeNotAllowed),
        }
        let scope = client.grant_scopes(request.scope.as_deref());
        let scope = scope.map_err(ErrorResponse::ScopesNotGranted)?;
        Ok(Grant {
            client: index,
            audience,
            scope,
        })
    }

    /// Returns the client that proved its identity.
    fn authenticate(
        &mut self,
        issuer: &Issuer,
        request: &TokenRequest,
        now: Duration,
    ) -> Result<usize, ErrorResponse> {
        let id = request.client_id.as_deref();
        match &request.client_auth {
            ClientAuth::Secret { secret, basic } => self
                .find(id)
                .filter(|(_, client)| {
                    client.secret().is_some() && client.secret() == secret.as_deref()
                })
                .map(|(index, _)| index)
                .ok_or(ErrorResponse::WrongCredentials { basic: *basic }),
            ClientAuth::Assertion(text) => self
                .verify(issuer, id, text, now)
                .map_err(ErrorResponse::InvalidAssertion),
        }
    }

    fn verify(
        &mut self,
        issuer: &Issuer,
        id: Option<&str>,
        text: &str,
        now: Duration,
    ) -> Result<usize, AssertionError> {
        let assertion = Assertion::read(text)?;
        // `client_id` is optional, since the assertion names the client (RFC 7521 §4.2).
        let (index, client) = self
            .find(id.or(assertion.subject()))
            .ok_or(AssertionError::UnknownClient)?;
        let source = client.keys().verify(client.secret(), &assertion)?;
        let audiences = [issuer.url(), issuer.token_endpoint()];
        let once = check_claims(&assertion.claims, source, client.id(), audiences, now)?;
        if let Some(SingleUse { id, until }) = once {
            if !self.used_assertions.insert(index, &id, until, now) {
                return Err(AssertionError::Replayed);
            }
        }
        Ok(index)
    }

    fn find(&self, id: Option<&str>) -> Option<(usize, &Client)> {
        let mut clients = self.clients.iter().map(|(client, _)| client).enumerate();
        clients.find(|(_, client)| Some(client.id()) == id)
    }

    fn within_rate_limit(&mut self, now: Duration) -> Result<(), ErrorResponse> {
        let Some(window) = &mut self.rate_limit else {
            return Ok(());
        };
        if window.try_take(now) {
            return Ok(());
        }
        Err(ErrorResponse::TooManyRequests {
            retry_after: window.resets_in(now),
        })
    }

    fn within_quota(&mut self, grant: Grant, now: Duration) -> Result<Grant, ErrorResponse> {
        let (_, usage) = &mut self.clients[grant.client];
        match usage.try_take(now) {
            Ok(()) => Ok(grant),
            Err(retry_after) => Err(ErrorResponse::TooManyRequests { retry_after }),
        }
    }

    /// Returns the token response (RFC 6749 §5.1).
    fn issue(&mut self, issuer: &Issuer, grant: &Grant, now: Duration) -> Response<Draft> {
        self.issued += 1;
        let mut members = json!({ "token_type": "Bearer", "expires_in": self.lifetime });
        if !grant.scope.is_empty() {
            members["scope"] = json!(grant.scope);
        }
        let claims = self.claims(issuer, grant, now);
        response::json(StatusCode::OK, &Value::Null).map(|_| Draft::Unsigned { members, claims })
    }

    fn claims(&self, issuer: &Issuer, grant: &Grant, now: Duration) -> Value {
        let client_id = self.clients[grant.client].0.id();
        let issued_at = now.as_secs();
        let mut claims = json!({
            "iss": issuer.url(),
            "sub": format!("{client_id}@clients"),
            "aud": grant.audience,
            "iat": issued_at,
            "exp": issued_at.saturating_add(self.lifetime),
            "azp": client_id,
            "gty": "client-credentials",
            // Without a `jti`, two tokens of the same second would be equal.
            "jti": self.issued.to_string(),
        });
        if !grant.scope.is_empty() {
            claims["scope"] = json!(grant.scope);
        }
        for (name, value) in [
            ("org_id", "org_local"),
            ("org_name", "local"),
            ("org_display_name", "Local organization"),
            ("org_account_id", "local-account"),
            ("org_type", "customer"),
            ("client_name", client_id),
            ("tenant_id", &issuer.tenant_id),
            ("tenant_name", "local"),
        ] {
            claims[format!("{CLAIMS_PREFIX}{name}")] = json!(value);
        }
        claims
    }

    fn add_headers(&mut self, headers: &mut HeaderMap, client: Option<usize>, now: Duration) {
        // A response about tokens is not stored (RFC 6749 §5.1).
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        if let Some(window) = &self.rate_limit {
            headers.insert(RATE_LIMIT, window.limit().into());
            headers.insert(RATE_REMAINING, window.remaining().into());
            headers.insert(RATE_RESET, window.resets_at().into());
        }
        let usage = client.map(|index| &mut self.clients[index].1);
        if let Some(quota) = usage.and_then(|usage| usage.header(now)) {
            headers.insert(CLIENT_QUOTA, quota);
        }
    }
}

const CLAIMS_PREFIX: &str = "https://auth.sitecorecloud.io/claims/";
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const CLIENT_QUOTA: HeaderName = HeaderName::from_static("auth0-client-quota-limit");
