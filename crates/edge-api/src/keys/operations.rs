//! The operations of the Token API on Delivery keys.

use edge_oauth_no_io::Secret;
use http::Method;
use serde_json::json;

use crate::experience_edge::ExperienceEdge;
use crate::http::call::{Call, operations};
use crate::http::response::ignore_body;
use crate::input_error::{InputError, require_text};
use crate::keys::created_key::read_created_key;
use crate::keys::key::Key;
use crate::keys::key_filter::KeyFilter;
use crate::keys::key_hash::KeyHash;
use crate::keys::list_keys::{KEYS, ListKeys};
use crate::keys::new_key::NewKey;

impl ExperienceEdge {
    /// Returns the operation that creates a Delivery key: `POST /api/apikey/v1` (Create). The service returns the key
    /// this once only.
    ///
    /// # Errors
    ///
    /// If the label or the creator is empty, or if there is no scope.
    pub fn create_key(&self, key: &NewKey) -> Result<CreateKey, InputError> {
        let call =
            Call::new(&self.base_url, Method::POST, KEYS).accept("text/plain, application/json");
        Ok(CreateKey(call.json(&key.to_json()?)))
    }

    /// Returns the operation that lists a page of keys: `GET /api/apikey/v1` (ListAll). [`ListKeys`] reads the other
    /// pages.
    ///
    /// # Errors
    ///
    /// If the filter has more than 16 KiB.
    pub fn keys(&self, filter: KeyFilter) -> Result<ListKeys, InputError> {
        ListKeys::new(self, filter)
    }

    /// Returns the operation that reads the properties of a Delivery key: `GET /api/apikey/v1/token` (GetApiKeyByToken).
    ///
    /// # Errors
    ///
    /// If the key is empty or has a character other than visible ASCII.
    pub fn key(&self, key: &Secret) -> Result<GetKey, InputError> {
        Ok(GetKey(self.on_keys(Method::GET, "/token").key(key)?))
    }

    /// Returns the operation that reads the properties of the Delivery key with this hash: `GET /api/apikey/v1/{hash}`
    /// (GetApiKeyByHash).
    pub fn key_by_hash(&self, hash: &KeyHash) -> GetKeyByHash {
        GetKeyByHash(self.on_keys(Method::GET, &format!("/{hash}")))
    }

    /// Returns the operation that changes the label of a Delivery key: `PUT /api/apikey/v1/renamebytoken`
    /// (RenameByToken).
    ///
    /// # Errors
    ///
    /// If the label or the key is empty, or if the key has a character other than visible ASCII.
    pub fn rename_key(&self, key: &Secret, label: &str) -> Result<RenameKey, InputError> {
        let call = self.on_keys(Method::PUT, "/renamebytoken").key(key)?;
        Ok(RenameKey(with_new_label(call, label)?))
    }

    /// Returns the operation that changes the label of the Delivery key with this hash:
    /// `PUT /api/apikey/v1/renamebyhash/{hash}` (RenameByHash).
    ///
    /// # Errors
    ///
    /// If the label is empty.
    pub fn rename_key_by_hash(
        &self,
        hash: &KeyHash,
        label: &str,
    ) -> Result<RenameKeyByHash, InputError> {
        let call = self.on_keys(Method::PUT, &format!("/renamebyhash/{hash}"));
        Ok(RenameKeyByHash(with_new_label(call, label)?))
    }

    /// Returns the operation that revokes a Delivery key permanently: `PUT /api/apikey/v1/revokebytoken`
    /// (RevokeByToken).
    ///
    /// # Errors
    ///
    /// If the key is empty or has a character other than visible ASCII.
    pub fn revoke_key(&self, key: &Secret) -> Result<RevokeKey, InputError> {
        let call = self.on_keys(Method::PUT, "/revokebytoken").no_body();
        Ok(RevokeKey(call.key(key)?))
    }

    /// Returns the operation that revokes the Delivery key with this hash permanently:
    /// `PUT /api/apikey/v1/revokebyhash/{hash}` (RevokeByHash).
    pub fn revoke_key_by_hash(&self, hash: &KeyHash) -> RevokeKeyByHash {
        let call = self.on_keys(Method::PUT, &format!("/revokebyhash/{hash}"));
        RevokeKeyByHash(call.no_body())
    }

    fn on_keys(&self, method: Method, path: &str) -> Call {
        Call::new(&self.base_url, method, &format!("{KEYS}{path}"))
    }
}

operations! {
    /// The operation of [`ExperienceEdge::create_key`]. Returns the key.
    CreateKey -> Secret = read_created_key;

    /// The operation of [`ExperienceEdge::key`].
    GetKey -> Key = Key::read;

    /// The operation of [`ExperienceEdge::key_by_hash`].
    GetKeyByHash -> Key = Key::read;

    /// The operation of [`ExperienceEdge::rename_key`].
    RenameKey -> () = ignore_body;

    /// The operation of [`ExperienceEdge::rename_key_by_hash`].
    RenameKeyByHash -> () = ignore_body;

    /// The operation of [`ExperienceEdge::revoke_key`].
    RevokeKey -> () = ignore_body;

    /// The operation of [`ExperienceEdge::revoke_key_by_hash`].
    RevokeKeyByHash -> () = ignore_body;
}

fn with_new_label(call: Call, label: &str) -> Result<Call, InputError> {
    require_text("newName", label)?;
    Ok(call.json(&json!({"newName": label})))
}
