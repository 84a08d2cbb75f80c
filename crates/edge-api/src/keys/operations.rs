//! The operations on Delivery keys.

use edge_oauth_no_io::Secret;
use http::Method;
use serde_json::json;

use crate::experience_edge::ExperienceEdge;
use crate::http::call::{Call, operations};
use crate::http::response;
use crate::input_error::{InputError, filled};
use crate::keys::key::{self, KEYS, Key};
use crate::keys::key_filter::KeyFilter;
use crate::keys::key_hash::KeyHash;
use crate::keys::list_keys::ListKeys;
use crate::keys::new_key::NewKey;

impl ExperienceEdge {
    /// `POST /api/apikey/v1`: makes a Delivery key. The answer is the key, which is not shown again.
    pub fn create_key(&self, key: &NewKey) -> Result<CreateKey, InputError> {
        let call = Call::new(self, Method::POST, KEYS).accept("text/plain, application/json");
        Ok(CreateKey(call.json(&key.document()?)))
    }

    /// `GET /api/apikey/v1`: a page of the list of keys; [`ListKeys`] has the way to the others.
    pub fn keys(&self, filter: KeyFilter) -> Result<ListKeys, InputError> {
        ListKeys::new(self, filter)
    }

    /// `GET /api/apikey/v1/token`: what the service knows of a Delivery key.
    pub fn key(&self, key: &Secret) -> Result<GetKey, InputError> {
        Ok(GetKey(self.on_keys(Method::GET, "/token").key(key)?))
    }

    /// `GET /api/apikey/v1/{hash}`: the same, by the key's hash.
    pub fn key_by_hash(&self, hash: &KeyHash) -> GetKeyByHash {
        GetKeyByHash(self.on_keys(Method::GET, &format!("/{hash}")))
    }

    /// `PUT /api/apikey/v1/renamebytoken`: gives a Delivery key another label.
    pub fn rename_key(&self, key: &Secret, label: &str) -> Result<RenameKey, InputError> {
        let call = self.on_keys(Method::PUT, "/renamebytoken").key(key)?;
        Ok(RenameKey(renaming(call, label)?))
    }

    /// `PUT /api/apikey/v1/renamebyhash/{hash}`: the same, by the key's hash.
    pub fn rename_key_by_hash(
        &self,
        hash: &KeyHash,
        label: &str,
    ) -> Result<RenameKeyByHash, InputError> {
        let call = self.on_keys(Method::PUT, &format!("/renamebyhash/{hash}"));
        Ok(RenameKeyByHash(renaming(call, label)?))
    }

    /// `PUT /api/apikey/v1/revokebytoken`: makes a Delivery key useless, for good.
    pub fn revoke_key(&self, key: &Secret) -> Result<RevokeKey, InputError> {
        let call = self.on_keys(Method::PUT, "/revokebytoken").no_body();
        Ok(RevokeKey(call.key(key)?))
    }

    /// `PUT /api/apikey/v1/revokebyhash/{hash}`: the same, by the key's hash.
    pub fn revoke_key_by_hash(&self, hash: &KeyHash) -> RevokeKeyByHash {
        let call = self.on_keys(Method::PUT, &format!("/revokebyhash/{hash}"));
        RevokeKeyByHash(call.no_body())
    }

    fn on_keys(&self, method: Method, path: &str) -> Call {
        Call::new(self, method, &format!("{KEYS}{path}"))
    }
}

operations! {
    /// [`ExperienceEdge::create_key`].
    CreateKey -> Secret = key::created;

    /// [`ExperienceEdge::key`].
    GetKey -> Key = Key::read;

    /// [`ExperienceEdge::key_by_hash`].
    GetKeyByHash -> Key = Key::read;

    /// [`ExperienceEdge::rename_key`].
    RenameKey -> () = response::done;

    /// [`ExperienceEdge::rename_key_by_hash`].
    RenameKeyByHash -> () = response::done;

    /// [`ExperienceEdge::revoke_key`].
    RevokeKey -> () = response::done;

    /// [`ExperienceEdge::revoke_key_by_hash`].
    RevokeKeyByHash -> () = response::done;
}

fn renaming(call: Call, label: &str) -> Result<Call, InputError> {
    filled("newName", label)?;
    Ok(call.json(&json!({"newName": label})))
}
