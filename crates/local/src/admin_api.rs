//! The Admin API, for requests that were let in. So far: reading the settings.

use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::reply;

/// What all paths of this API begin with.
pub(crate) const BASE: &str = "/api/admin/v1/";

/// What the Admin API keeps.
pub(crate) struct AdminApi {
    settings: Value,
}

impl AdminApi {
    pub(crate) fn new() -> Self {
        Self {
            settings: json!({
                "contentCacheTtl": "04:00:00",
                "contentCacheAutoClear": true,
                "mediaCacheTtl": "04:00:00",
                "mediaCacheAutoClear": true,
                "tenantCacheAutoClear": true,
            }),
        }
    }

    /// `path` is what follows [`BASE`].
    pub(crate) fn respond(&self, method: &Method, path: &str) -> Response<Vec<u8>> {
        match path {
            "settings" if method == Method::GET => reply::json(StatusCode::OK, &self.settings),
            "settings" => reply::method_not_allowed("GET"),
            _ => reply::not_found(),
        }
    }
}
