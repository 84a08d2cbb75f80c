//! The two protected APIs behind their one door, where the access token is checked.

use std::time::Duration;

use http::{Request, Response};

use crate::api::access_token;
use crate::api::admin_api::{self, AdminApi};
use crate::api::request::ApiRequest;
use crate::api::token_api::{self, TokenApi};
use crate::oauth::issuer::Issuer;
use crate::options::options::{Expired, Options};

pub(crate) struct ProtectedApi {
    expired: Expired,
    pub(crate) admin_api: AdminApi,
    token_api: TokenApi,
}

/// Which of the APIs a path leads to, and the path in it.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    AdminApi(&'a str),
    TokenApi(&'a str),
}

impl<'a> Route<'a> {
    /// `None` where the path leads to neither.
    pub(crate) fn from_path(path: &'a str) -> Option<Self> {
        if let Some(path) = path.strip_prefix(admin_api::BASE) {
            return Some(Self::AdminApi(path));
        }
        let path = path.strip_prefix(token_api::BASE)?;
        match path.strip_prefix('/') {
            Some(path) => Some(Self::TokenApi(path)),
            None => path.is_empty().then_some(Self::TokenApi("")),
        }
    }
}

impl ProtectedApi {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.unwrap_or_default();
        Self {
            expired: options.expired,
            admin_api: AdminApi::new(seed),
            token_api: TokenApi::new(seed),
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
        let (Route::AdminApi(path) | Route::TokenApi(path)) = route;
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
            Route::AdminApi(_) => self.admin_api.respond(&request),
            Route::TokenApi(_) => self.token_api.respond(&request),
        };
        response.unwrap_or_else(|error| error.to_response())
    }
}
