//! The Token API: creates, lists, renames and revokes the keys of the Delivery API.

use http::{HeaderName, Method, Response, StatusCode};

use crate::api::error::ApiError;
use crate::api::keys::delivery_keys::{self, DeliveryKey, DeliveryKeys, NewKey};
use crate::api::keys::key_query::KeyQuery;
use crate::api::request::ApiRequest;
use crate::http::response;

/// The path of the keys, and the base of all other paths of this API.
pub(crate) const BASE: &str = "/api/apikey/v1";

/// The state of the Token API.
pub(crate) struct TokenApi {
    keys: DeliveryKeys,
}

impl TokenApi {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            keys: DeliveryKeys::new(seed),
        }
    }

    pub(crate) fn respond(
        &mut self,
        request: &ApiRequest<'_>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let (operation, hash) = match request.path.split_once('/') {
            Some((operation, hash)) => (operation, Some(hash)),
            None => (request.path, None),
        };
        match (operation, hash) {
            ("", None) => self.all(request),
            ("token", None) => show(request, self.by_token(request)),
            ("renamebytoken", None) => rename(request, self.by_token(request)),
            ("revokebytoken", None) => revoke(request, self.by_token(request)),
            ("renamebyhash", Some(hash)) => rename(request, self.keys.by_hash(hash)),
            ("revokebyhash", Some(hash)) => revoke(request, self.keys.by_hash(hash)),
            (hash, None) => show(request, self.keys.by_hash(hash)),
            (_, Some(_)) => Err(ApiError::UnknownPath),
        }
    }

    fn all(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method {
            Method::GET => {
                let page = KeyQuery::read(request.query)?.page(self.keys.iter());
                Ok(response::json(StatusCode::OK, &page))
            }
            Method::POST => {
                request.token.require_scope("edge.tokens:create")?;
                let new_key = NewKey::read(request.members()?)?;
                let key = self.keys.create(request.tenant_id, new_key, request.now);
                Ok(response::text(StatusCode::CREATED, key))
            }
            _ => Err(ApiError::MethodNotAllowed("GET, POST")),
        }
    }

    fn by_token(&mut self, request: &ApiRequest<'_>) -> Found<'_> {
        let mut tokens = request.headers.get_all(TOKEN).iter();
        match (tokens.next(), tokens.next()) {
            (Some(token), None) => self.keys.by_hash(&delivery_keys::hash(token.as_bytes())),
            (None, _) => Err(ApiError::invalid_field("X-GQL-Token", "It is required.")),
            _ => Err(ApiError::invalid_field(
                "X-GQL-Token",
                "It came more than once.",
            )),
        }
    }
}

type Found<'a> = Result<&'a mut DeliveryKey, ApiError>;

fn show(request: &ApiRequest<'_>, key: Found<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    request.only(Method::GET, "GET")?;
    Ok(response::json(StatusCode::OK, &key?.to_json()))
}

/// Renames a key, a revoked one as well.
fn rename(request: &ApiRequest<'_>, key: Found<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    request.only(Method::PUT, "PUT")?;
    let key = key?;
    key.label = request.members()?.required_text("newName")?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// Revokes a key. If the key is revoked already, this succeeds and changes nothing.
fn revoke(request: &ApiRequest<'_>, key: Found<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    request.only(Method::PUT, "PUT")?;
    key?.is_revoked = true;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

const TOKEN: HeaderName = HeaderName::from_static("x-gql-token");
