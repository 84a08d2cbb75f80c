//! The protected API behind its door, where the access token is checked.

use std::time::Duration;

use http::{Request, Response};

use crate::admin_api::{self, AdminApi};
use crate::bearer;
use crate::call::Call;
use crate::options::{Expired, Options};
use crate::realm::Realm;

pub(crate) struct ProtectedApi {
    expired: Expired,
    pub(crate) admin_api: AdminApi,
}

/// Which API a path leads to, and the path in it.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    AdminApi(&'a str),
}

impl<'a> Place<'a> {
    /// `None` where the path leads to none.
    pub(crate) fn of(path: &'a str) -> Option<Self> {
        path.strip_prefix(admin_api::BASE).map(Self::AdminApi)
    }
}

impl ProtectedApi {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.unwrap_or_default();
        Self {
            expired: options.expired,
            admin_api: AdminApi::new(seed),
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
        if let Err(denial) = bearer::check(realm, self.expired, request.headers(), now) {
            return denial.response();
        }
        let Place::AdminApi(path) = place;
        let call = Call {
            method: request.method(),
            path,
            headers: request.headers(),
            body,
            tenant_id: &realm.tenant_id,
            now,
        };
        let response = match place {
            Place::AdminApi(_) => self.admin_api.respond(&call),
        };
        response.unwrap_or_else(|problem| problem.response())
    }
}
