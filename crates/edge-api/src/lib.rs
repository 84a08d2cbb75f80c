//! The Admin API and the Token API of Sitecore Experience Edge without IO: each operation is a value.
//!
//! ```text
//! ExperienceEdge ──clear_cache()──▶ ClearCache ──request──▶ http::Request ──▶ your HTTP library
//!                                       ▲                                            │
//!                     result ◀── parse ─┴─────────────── http::Response ◀────────────┘
//!                   or ApiError
//! ```
//!
//! [`ExperienceEdge`] says where the APIs are and makes the operations. Each has a request and reads
//! its answer; `call` of a token source does both, authorised, over any transport:
//!
//! ```
//! use edge_oauth_driver::blocking::TokenSource;
//! # use edge_oauth_driver::testing::ScriptedTransport;
//! # use edge_oauth_no_io::{Config, Secret, Tenant};
//! use experience_edge_api::{ExperienceEdge, KeyFilter, NewKey};
//!
//! # let transport = ScriptedTransport::new(|request| {
//! #     Ok(http::Response::new(match (request.method().as_str(), request.uri().path()) {
//! #         (_, "/oauth/token") => r#"{"access_token":"abc","expires_in":900}"#.into(),
//! #         ("POST", _) => "a-key-of-the-local-site".into(),
//! #         ("GET", _) => format!(
//! #             r#"{{"keys":[{{"hash":"{:064}","label":"www.example.com"}},{{"hash":"{:064}","label":"eu.www.example.com"}}]}}"#,
//! #             1, 2,
//! #         ).into(),
//! #         ("PUT", path) => {
//! #             assert!(path.ends_with('1'), "another site's key is revoked");
//! #             Vec::new()
//! #         }
//! #         _ => Vec::new(),
//! #     }))
//! # });
//! # let config = Config::experience_edge(Tenant::Current, "my-client", Secret::new("s3cret"))?;
//! let source = TokenSource::new(transport, config); // of whichever adapter
//! let edge = ExperienceEdge::new();
//!
//! source.call(&edge.clear_cache())?;
//!
//! // Replace a Delivery key: list the old ones, make the new one, hand it to the site, then revoke.
//! let label = "www.example.com";
//! let list = edge.keys(KeyFilter::new().label(label).active_only())?;
//! let found = list.all(|page| source.call(page))?;
//! let key = source.call(&edge.create_key(&NewKey::delivery(label, "deployment"))?)?;
//! hand_over(key.expose());
//! // The service finds a label inside others too, such as those of other sites.
//! for key in found.iter().filter(|key| key.label == label) {
//!     source.call(&edge.revoke_key_by_hash(&key.hash))?;
//! }
//! # fn hand_over(_: &str) {}
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! - Input that the service would refuse is an [`InputError`] before anything is sent. An answer that
//!   says no, or cannot be read, is an [`ApiError`](edge_oauth_no_io::ApiError).
//! - Settings and webhooks keep what is not known here, so a change of them loses nothing, but for a
//!   number that neither 64 bits nor a double hold: that one is rounded to a double.
//! - The service varies, and parts of it are not documented. Any 2xx is a success, names are read in any
//!   letter case, and a body is needed only where something has to be read from it.
//! - Delivery keys are secrets, and so are a webhook's URL but for its host, its headers but for those
//!   such as `content-type`, and the texts in its bodies: nothing prints them, and where the service
//!   echoes them they are taken out of its message. Keys are wiped on drop; webhooks, which are plain
//!   JSON, are not.
//!
//! # Left out, and why
//!
//! - Retries: whether a call may be made twice is the caller's to know; `is_transient` helps.
//! - The Delivery API: it is GraphQL, and takes a Delivery key instead of a token.
//! - Timestamps as numbers: the service's words are kept, and nothing here computes with them.

mod experience_edge;
mod http;
mod input_error;
mod keys;
mod settings;
mod webhooks;

pub use experience_edge::ExperienceEdge;
pub use input_error::InputError;
pub use keys::key::Key;
pub use keys::key_filter::KeyFilter;
pub use keys::key_hash::KeyHash;
pub use keys::list_keys::{KeyPage, ListKeys};
pub use keys::new_key::NewKey;
pub use keys::operations::{
    CreateKey, GetKey, GetKeyByHash, RenameKey, RenameKeyByHash, RevokeKey, RevokeKeyByHash,
};
pub use keys::scope;
pub use settings::cache_settings::Settings;
pub use settings::operations::{
    ClearCache, DeleteContent, GetSettings, PatchSettings, UpdateSettings,
};
pub use settings::settings_patch::SettingsPatch;
pub use webhooks::execution_mode::ExecutionMode;
pub use webhooks::operations::{
    CreateWebhook, DeleteWebhook, GetWebhook, ListWebhooks, UpdateWebhook,
};
pub use webhooks::payload;
pub use webhooks::webhook::{Run, Webhook};
pub use webhooks::webhook_edit::WebhookEdit;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
