//! The Admin API, the Token API and the Publishing API of Sitecore Experience Edge without IO: each operation is a
//! value.
//!
//! ```text
//! ExperienceEdge ──clear_cache()──▶ ClearCache ──request──▶ http::Request ──▶ your HTTP library
//!                                       ▲                                            │
//!                     result ◀── parse ─┴─────────────── http::Response ◀────────────┘
//!                   or ApiError
//! ```
//!
//! [`ExperienceEdge`] contains the URL of the Admin and the Token API and returns their operations; [`Publishing`] does
//! the same for the Publishing API. An operation makes its request and reads its response. `call` of a token source does both over any transport, and adds the access token:
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
//! let source = TokenSource::new(transport, config); // of any adapter
//! let edge = ExperienceEdge::new();
//!
//! source.call(&edge.clear_cache())?;
//!
//! // Replace a Delivery key: list the old keys, create the new key, give it to the site, then revoke the old keys.
//! let label = "www.example.com";
//! let list = edge.keys(KeyFilter::new().label(label).active_only())?;
//! let old_keys = list.all(|page| source.call(page))?;
//! let key = source.call(&edge.create_key(&NewKey::delivery(label, "deployment"))?)?;
//! hand_over(key.expose());
//! // The filter also finds labels that contain this one, such as those of other sites.
//! for key in old_keys.iter().filter(|key| key.label == label) {
//!     source.call(&edge.revoke_key_by_hash(&key.hash))?;
//! }
//! # fn hand_over(_: &str) {}
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! - Input that the service would reject is an [`InputError`] before anything is sent. A response that is an error or
//!   cannot be read is an [`ApiError`](edge_oauth_no_io::ApiError).
//! - Settings and webhooks keep unknown members, so an edit loses nothing. One exception: a number that fits neither 64
//!   bits nor a double is rounded to a double.
//! - The service varies, and parts of it are not documented. Any 2xx is a success, member names are read in any letter
//!   case, and a body is required only if the operation returns a part of it.
//! - Secrets are never printed: Delivery keys, and of a webhook the URL without its host, the values of headers such as
//!   `authorization`, and the texts in its bodies. If the service repeats one in a message, the message is withheld.
//!   Keys are wiped on drop. Webhooks are plain JSON and are not wiped.
//!
//! # Sources
//!
//! The names in parentheses, such as `(GetSettings)`, are those of Sitecore's own reference of the Admin API and the
//! Token API. Sitecore has no public reference of the Publishing API; its operations follow captures of the real service.
//! Names in code font, such as `contentCacheTtl`, are the members of the service's JSON.
//!
//! # Left out, and why
//!
//! - Retries: only the caller knows whether a call may be repeated. `ApiError::is_transient` returns whether a retry can
//!   help.
//! - The Delivery API: it is GraphQL and takes a Delivery key in place of an access token. The authoring API is GraphQL
//!   too, and is an `Operation` of your own. The guide `docs/guide/graphql.md` has both.
//! - The Deploy API: projects, environments, deployments and clients. Its calls are operations of your own, or
//!   `edge-oauth api`.
//! - The wait for the end of a publishing job: it needs a clock. The program `edge-oauth publish` waits.
//! - The sorting of a list of jobs: the name of its parameter is not known.
//! - A publishing job that is read and created again: the service shows its options in another form than it takes.
//! - Times of creation as numbers: they are the service's texts, since no operation computes with them.

mod base_url;
mod experience_edge;
mod http;
mod input_error;
mod keys;
mod publishing;
mod settings;
mod webhooks;

pub use experience_edge::ExperienceEdge;
pub use input_error::InputError;
pub use keys::key::Key;
pub use keys::key_filter::KeyFilter;
pub use keys::key_hash::KeyHash;
pub use keys::key_page::KeyPage;
pub use keys::list_keys::ListKeys;
pub use keys::new_key::NewKey;
pub use keys::operations::{
    CreateKey, GetKey, GetKeyByHash, RenameKey, RenameKeyByHash, RevokeKey, RevokeKeyByHash,
};
pub use keys::scope;
pub use publishing::creator::JobCreator;
pub use publishing::filter_values::JobFilterValues;
pub use publishing::job::Job;
pub use publishing::job_counts::JobCounts;
pub use publishing::job_filter::JobFilter;
pub use publishing::job_page::JobPage;
pub use publishing::job_statistics::JobStatistics;
pub use publishing::job_status::JobStatus;
pub use publishing::list_jobs::ListJobs;
pub use publishing::new_job::NewJob;
pub use publishing::operations::{
    CancelJob, CreateJob, GetJob, GetPermissions, ListFilterValues, SummarizeJobs,
};
pub use publishing::permissions::PublishingPermissions;
pub use publishing::publish_item::PublishItem;
pub use publishing::publish_mode::PublishMode;
pub use publishing::service::Publishing;
pub use publishing::time_range::TimeRange;
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
pub use webhooks::webhook::{Webhook, WebhookRun};
pub use webhooks::webhook_edit::WebhookEdit;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
