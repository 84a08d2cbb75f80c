//! The two protected APIs behind their one door, where the access token is checked.

use std::time::Duration;

use http::{Request, Response};

use crate::api::access_token;
use crate::api::admin_api::{self, AdminApi};
use crate::api::request::Call;
use crate::api::token_api::{self, TokenApi};
use crate::oauth::issuer::Realm;
use crate::options::options::{Expired, Options};

pub(crate) struct ProtectedApi {
    expired: Expired,
    pub(crate) admin_api: AdminApi,
    token_api: TokenApi,
}

/// Which of the APIs a path leads to, and the path in it.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    AdminApi(&'a str),
    TokenApi(&'a str),
}

impl<'a> Place<'a> {
    /// `None` where the path leads to neither.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
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
        realm: &Realm,
        place: Place<'_>,
        request: &Request<B>,
        body: &[u8],
        now: Duration,
    ) -> Response<Vec<u8>> {
        let bearer = match access_token::check(realm, self.expired, request.headers(), now) {
            Ok(bearer) => bearer,
            Err(denial) => return denial.response(),
        };
        let (Place::AdminApi(path) | Place::TokenApi(path)) = place;
        let call = Call {
            method: request.method(),
            path,
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            body,
            bearer,
            tenant_id: &realm.tenant_id,
            now,
        };
        let response = match place {
            Place::AdminApi(_) => self.admin_api.respond(&call),
            Place::TokenApi(_) => self.token_api.respond(&call),
        };
        response.unwrap_or_else(|problem| problem.response())
    }
}
