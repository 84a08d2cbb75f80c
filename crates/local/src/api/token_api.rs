//! The Token API: creating, listing, renaming and revoking the keys of the Delivery API.

use http::{HeaderName, Method, Response, StatusCode};

use crate::api::error::Problem;
use crate::api::keys::delivery_keys::{self, DeliveryKey, DeliveryKeys, NewKey};
use crate::api::keys::key_query::KeyQuery;
use crate::api::request::Call;
use crate::http::response;

/// The path of the keys. All other paths of this API lie below it.
pub(crate) const BASE: &str = "/api/apikey/v1";

/// What the Token API keeps.
pub(crate) struct TokenApi {
    keys: DeliveryKeys,
}

impl TokenApi {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            keys: DeliveryKeys::new(seed),
        }
    }

    pub(crate) fn respond(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        let (operation, hash) = match call.path.split_once('/') {
            Some((operation, hash)) => (operation, Some(hash)),
            None => (call.path, None),
        };
        match (operation, hash) {
            ("", None) => self.all(call),
            ("token", None) => show(call, self.by_token(call)),
            ("renamebytoken", None) => rename(call, self.by_token(call)),
            ("revokebytoken", None) => revoke(call, self.by_token(call)),
            ("renamebyhash", Some(hash)) => rename(call, self.keys.by_hash(hash)),
            ("revokebyhash", Some(hash)) => revoke(call, self.keys.by_hash(hash)),
            (hash, None) => show(call, self.keys.by_hash(hash)),
            (_, Some(_)) => Err(Problem::NoSuchPath),
        }
    }

    fn all(&mut self, call: &Call<'_>) -> Result<Response<Vec<u8>>, Problem> {
        match *call.method {
            Method::GET => {
                let page = KeyQuery::read(call.query)?.page(self.keys.iter());
                Ok(response::json(StatusCode::OK, &page))
            }
            Method::POST => {
                call.bearer.require("edge.tokens:create")?;
                let wanted = NewKey::read(call.members()?)?;
                let key = self.keys.create(call.tenant_id, wanted, call.now);
                Ok(response::text(StatusCode::CREATED, key))
            }
            _ => Err(Problem::Method("GET, POST")),
        }
    }

    fn by_token(&mut self, call: &Call<'_>) -> Found<'_> {
        let mut tokens = call.headers.get_all(TOKEN).iter();
        match (tokens.next(), tokens.next()) {
            (Some(token), None) => self.keys.by_hash(&delivery_keys::hash(token.as_bytes())),
            (None, _) => Err(Problem::field("X-GQL-Token", "It is required.")),
            _ => Err(Problem::field("X-GQL-Token", "It came more than once.")),
        }
    }
}

type Found<'a> = Result<&'a mut DeliveryKey, Problem>;

fn show(call: &Call<'_>, key: Found<'_>) -> Result<Response<Vec<u8>>, Problem> {
    allow(call, Method::GET, "GET")?;
    Ok(response::json(StatusCode::OK, &key?.to_json()))
}

/// A key that is revoked can still be renamed.
fn rename(call: &Call<'_>, key: Found<'_>) -> Result<Response<Vec<u8>>, Problem> {
    allow(call, Method::PUT, "PUT")?;
    let key = key?;
    key.label = call.members()?.required_text("newName")?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// Revoking again changes nothing, and is no error.
fn revoke(call: &Call<'_>, key: Found<'_>) -> Result<Response<Vec<u8>>, Problem> {
    allow(call, Method::PUT, "PUT")?;
    key?.is_revoked = true;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

fn allow(call: &Call<'_>, method: Method, name: &'static str) -> Result<(), Problem> {
    if *call.method == method {
        Ok(())
    } else {
        Err(Problem::Method(name))
    }
}

const TOKEN: HeaderName = HeaderName::from_static("x-gql-token");
