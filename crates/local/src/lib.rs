//! A local Sitecore Experience Edge on the loopback, for tests, examples and development.
//!
//! ```text
//!             TcpStream            http::Request + now
//!   client ──────────────▶ LocalEdge ──────────────▶ Simulator
//!          ◀──────────────           ◀──────────────
//!           bytes, late or held    http::Response + delay
//! receiver ◀──────────────           + deliveries
//!              webhooks
//! ```
//!
//! [`Simulator`] makes all decisions, without sockets or clocks: a request and the time go in, a response comes out.
//! [`LocalEdge`] runs a simulator on 127.0.0.1 and stops when it is dropped.
//!
//! | path | function |
//! |---|---|
//! | `POST /oauth/token` | access tokens for client credentials, from a form or JSON |
//! | `GET /.well-known/jwks.json` | the key that signs access tokens |
//! | `GET /.well-known/openid-configuration` | the metadata, also under `oauth-authorization-server` |
//! | `/api/admin/v1/settings` | `GET`, `PUT` and `PATCH` the settings |
//! | `DELETE /api/admin/v1/cache`, `…/content` | clear the cache or the content, which runs the webhooks |
//! | `/api/admin/v1/webhooks`, `…/webhooks/{id}` | list, create, read, update and delete webhooks |
//! | `/api/apikey/v1` | list and create Delivery keys |
//! | `GET /api/apikey/v1/{hash}`, `…/token` | read a key, by its hash or by the key in `X-GQL-Token` |
//! | `PUT /api/apikey/v1/renamebyhash/{hash}`, `…/renamebytoken` | change a key's label |
//! | `PUT /api/apikey/v1/revokebyhash/{hash}`, `…/revokebytoken` | revoke a key |
//! | `/authoring/publishing/v1/jobs` | list and create publishing jobs |
//! | `GET /authoring/publishing/v1/jobs/{id}` | read a job |
//! | `POST /authoring/publishing/v1/jobs/{id}/cancel` | cancel a job |
//! | `GET …/jobs/summary`, `…/jobs/filters`, `…/jobs/permissions` | the number of jobs, their values, and the client's permissions |
//!
//! The paths below `/api` and `/authoring` require an access token. At the start there are no webhooks, keys and jobs.
//! Changes last as long as the server lives.
//!
//! ```
//! use std::io::{Read, Write};
//! use std::net::TcpStream;
//! use edge_oauth_local::{AUDIENCE, LocalEdge};
//!
//! let edge = LocalEdge::start()?;
//! let form = format!(
//!     "grant_type=client_credentials&audience={AUDIENCE}&client_id={}&client_secret={}",
//!     edge.client_id(),
//!     edge.client_secret(),
//! );
//! let request = format!(
//!     "POST /oauth/token HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
//!      Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
//!     edge.address(),
//!     form.len(),
//! );
//! let mut stream = TcpStream::connect(edge.address())?;
//! stream.write_all(request.as_bytes())?;
//! let mut response = String::new();
//! stream.read_to_string(&mut response)?;
//! assert!(response.starts_with("HTTP/1.1 200 OK"));
//! assert_eq!(edge.served().tokens_issued, 1);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The key is public
//!
//! Tokens are signed with a private key that is published with this crate. Everybody has it, so such a token proves
//! nothing on another server: let no other server trust it. [`Options::signing_key`] sets another key and describes
//! how to make one.
//!
//! # Clients without a secret
//!
//! A client may authenticate with a signed JWT (RFC 7523 §2.2): signed with its secret (`client_secret_jwt`) or with
//! a key pair whose public half [`Client::public_key`] registers (`private_key_jwt`), or made by a platform that
//! [`Client::trusted_issuer`] registers. A wrong assertion is a 401 `invalid_client`, and its `error_description`
//! gives the reason.
//!
//! # Webhooks
//!
//! Webhooks are delivered only to the loopback over plain HTTP. As with the real service a webhook may have an
//! `https` URL; its runs fail without an attempt. The published content is a fixed set of three entities. Deleting it
//! sends an update about each of them to `OnUpdate` webhooks, and later deletions send an empty list.
//! [`LocalEdge::wait_for_webhook_runs`] waits until runs have ended.
//!
//! # Publishing jobs
//!
//! Jobs advance by the server's clock, at the next request to an API: [`LocalEdge::advance`] moves it. A job waits for a
//! quarter of [`Options::publishing_time`] and for the jobs before it. Then it runs for that time, and has sent all of
//! its items after half of it. A job of the whole environment publishes the three entities again. At its end each job
//! runs the webhooks. [`LocalEdge::script_jobs`] makes jobs fail.
//!
//! # Behaviour that the real service does not document
//!
//! - Scopes: deleting the content requires `edge.content:clearall`, creating a key requires `edge.tokens:create`, and
//!   publishing jobs require the scopes that Sitecore names. Other operations require no scope. A token without any scope has every permission.
//! - Clearing the cache runs the webhooks with an empty list of updates.
//! - A run of a webhook fails if its response is not a 2xx.
//! - If `bodyInclude` and the payload have the same member, the payload's counts.
//! - If a webhook is updated during a run, the run does not count for the updated webhook.
//! - `lastRuns` lists at most 50 runs, the newest first. A `PUT` without `disabled` leaves a webhook disabled or
//!   enabled.
//! - A wrong member is a 400 with a problem document (RFC 9457) whose `errors` name it, as ASP.NET writes them. All
//!   other error responses have a `message`.
//! - A list of jobs begins with the newest job. A page has 20 jobs, and pages beyond 1,000 jobs are empty. A client that
//!   sends `continuationToken`, empty for the first page, pages by checkpoints without an end.
//! - A client that may read only its own jobs gets a 404 for another client's job.
//! - Canceling a job that is being canceled changes nothing, and is a 202.
//! - A list of keys contains the keys that match every filter and have every scope. The filter for labels is
//!   case-sensitive. A revoked key can be renamed and revoked again.
//!
//! # Browsers
//!
//! [`Options::cors_origin`] permits the pages of an origin to call the token endpoint and the APIs. The token endpoint of
//! the real service permits no page.
//!
//! # What is left out
//!
//! - TLS: the server listens only on the loopback, and plain HTTP is safe there.
//! - The Delivery API, which would accept the keys.
//! - The effect of the settings: there is no cache.
//! - The organization's quota header, which has the same form as the client's.
//! - Grants other than `client_credentials`.
//! - A client's keys by `jwks_uri`, and encrypted assertions.
//! - Repeated members of a JSON object: the last one counts.
//! - The second form of a 429, `{statusCode,error,message}`: script it with a [`Fault`].

mod api;
mod fault;
mod http;
mod oauth;
mod options;
mod server;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

pub use api::publishing::job_outcome::JobOutcome;
pub use api::webhooks::delivery::{Delivery, DeliveryOutcome, PendingDelivery};
pub use fault::{Fault, InvalidFault};
pub use http::response::MAX_BODY;
pub use oauth::issuer::{AUDIENCE, PRE_PRODUCTION_AUDIENCE};
pub use options::client::{Client, ClientKind, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};
pub use options::options::{DEFAULT_TENANT_ID, Expired, Options};
pub use options::public_key::InvalidPublicKey;
pub use options::quota::Quota;
pub use options::signing_key::{InvalidKey, TokenAlgorithm};
pub use server::local_edge::LocalEdge;
pub use server::response::SimulatedResponse;
pub use server::shared::Hold;
pub use server::simulator::{Served, Simulator};
