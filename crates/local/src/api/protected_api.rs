//! The three protected APIs behind the check of the access token.

use std::time::Duration;

use http::{Request, Response};

use crate::api::access_token;
use crate::api::admin_api::{self, AdminApi};
use crate::api::publishing_api::{self, PublishingApi};
use crate::api::request::ApiRequest;
use crate::api::token_api::{self, TokenApi};
use crate::oauth::issuer::Issuer;
use crate::options::options::{Expired, Options};

pub(crate) struct ProtectedApi {
    expired: Expired,
    pub(crate) admin_api: AdminApi,
    token_api: TokenApi,
    pub(crate) publishing_api: PublishingApi,
}

/// The API of a path, and the path inside the API.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Admin(&'a str),
    Token(&'a str),
    Publishing(&'a str),
}

impl<'a> Route<'a> {
    /// Returns `None` if the path belongs to none of the APIs.
    pub(crate) fn from_path(path: &'a str) -> Option<Self> {
        if let Some(path) = path.strip_prefix(admin_api::BASE) {
            return Some(Self::Admin(path));
        }
        if let Some(path) = below(path, publishing_api::BASE) {
            return Some(Self::Publishing(path));
        }
        below(path, token_api::BASE).map(Self::Token)
    }
}

/// Returns the path below a base, which is empty for the base itself.
fn below<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    match path.strip_prefix(base)? {
        "" => Some(""),
        path => path.strip_prefix('/'),
    }
}

impl ProtectedApi {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.unwrap_or_default();
        Self {
            expired: options.expired,
            admin_api: AdminApi::new(seed),
            token_api: TokenApi::new(seed),
            publishing_api: PublishingApi::new(options),
        }
    }

    pub(crate) fn respond<B>(
        &mut self,
        issuer: &Issuer,
        route: Route<'_>,
        request: &Request<B>,
        body: &[u8],
        now: Duration,
    ) -> Response<Vec<u8>> {
        let token = match access_token::verify(issuer, self.expired, request.headers(), now) {
            Ok(token) => token,
            Err(error) => return error.to_response(),
        };
        for updates in self.publishing_api.advance(now) {
            self.admin_api.published(updates, now);
        }
        let (Route::Admin(path) | Route::Token(path) | Route::Publishing(path)) = route;
        let request = ApiRequest {
            method: request.method(),
            path,
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            body,
            token,
            tenant_id: &issuer.tenant_id,
            now,
        };
        let response = match route {
            Route::Admin(_) => self.admin_api.respond(&request),
            Route::Token(_) => self.token_api.respond(&request),
            Route::Publishing(_) => self.publishing_api.respond(&request),
        };
        response.unwrap_or_else(|error| error.to_response())
    }
}
