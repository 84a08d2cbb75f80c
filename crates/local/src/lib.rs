//! A local Sitecore Experience Edge on loopback, for tests, examples and people.
//!
//! ```text
//!             TcpStream            http::Request + now
//!   client ──────────────▶ LocalEdge ──────────────▶ Edge
//!          ◀──────────────           ◀──────────────
//!           bytes, late or held    http::Response + delay
//! receiver ◀──────────────           + deliveries
//!              webhooks
//! ```
//!
//! [`Simulator`] decides and does nothing else: it can be asked without a socket, and the time is
//! given to it. [`LocalEdge`] runs one on 127.0.0.1 and stops when it is dropped.
//!
//! | path | what is there |
//! |---|---|
//! | `POST /oauth/token` | access tokens for client credentials, from a form or JSON |
//! | `GET /.well-known/jwks.json` | the key that signs them |
//! | `GET /.well-known/openid-configuration` | the metadata, also under `oauth-authorization-server` |
//! | `/api/admin/v1/settings` | `GET`, `PUT` and `PATCH` the settings |
//! | `DELETE /api/admin/v1/cache`, `…/content` | clear them, which runs the webhooks |
//! | `/api/admin/v1/webhooks`, `…/webhooks/{id}` | list, create, read, update and delete webhooks |
//! | `/api/apikey/v1` | list and create Delivery keys |
//! | `GET /api/apikey/v1/{hash}`, `…/token` | one of them, by its hash or by itself in `X-GQL-Token` |
//! | `PUT /api/apikey/v1/renamebyhash/{hash}`, `…/renamebytoken` | give it another label |
//! | `PUT /api/apikey/v1/revokebyhash/{hash}`, `…/revokebytoken` | revoke it |
//! | `/authoring/publishing/v1/jobs` | list and create publishing jobs |
//! | `GET /authoring/publishing/v1/jobs/{id}` | one of them |
//! | `POST /authoring/publishing/v1/jobs/{id}/cancel` | cancel it |
//! | `GET …/jobs/summary`, `…/jobs/filters`, `…/jobs/permissions` | how many there are, their values, and what the client may do |
//!
//! The paths below `/api` and `/authoring` want an access token. They start without webhooks, keys and jobs; what is
//! changed there stays for as long as the server lives.
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
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK"));
//! assert_eq!(edge.served().tokens_issued, 1);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! # The key is public
//!
//! Tokens are signed with a private key that is published with this crate. Everybody has it, so
//! such a token proves nothing anywhere but here: let no other server trust it.
//! [`Options::signing_key`] takes another one and says how to make it.
//!
//! # Clients without a secret
//!
//! A client may authenticate by a signed JWT (RFC 7523 §2.2): with its secret (`client_secret_jwt`), with a key pair
//! whose public half is registered by [`Client::public_key`] (`private_key_jwt`), or with the JWT of a platform that
//! [`Client::trusted_issuer`] names. A wrong assertion is a 401 `invalid_client`, and its `error_description` says why.
//!
//! # Webhooks
//!
//! They are delivered to the loopback only, over plain HTTP: a webhook may name an `https` URL, as
//! at the real service, and its runs fail then without being tried. What is published is a
//! fixed set of three entities; deleting the content tells `OnUpdate` webhooks of each of them, and
//! of none from then on. [`LocalEdge::wait_for_webhook_runs`] waits for runs to end.
//!
//! # Publishing jobs
//!
//! They advance by the server's clock, at the next request to an API: [`LocalEdge::advance`] moves it. A job waits for a
//! quarter of [`Options::publishing_time`] and for the jobs before it, then runs for that time, and has sent all of its
//! items after half of it. A job of the whole environment publishes the three entities again. At its end each job runs
//! the webhooks. [`LocalEdge::script_jobs`] makes jobs fail.
//!
//! # Where the real service is not documented
//!
//! - Scopes: deleting the content wants `edge.content:clearall`, creating a key
//!   `edge.tokens:create`, and publishing jobs want the scopes that Sitecore names. Nothing else wants one. A token without any scope may do everything.
//! - Clearing the cache runs the webhooks, with an empty list of updates.
//! - An `OnUpdate` webhook is a `POST`, whatever its method. Where `bodyInclude` has a member of
//!   the payload, that of the payload counts.
//! - A run that was begun before an update of its webhook counts neither for nor against the updated one.
//! - `lastRuns` has the newest run first, and ten at most. A `PUT` without `disabled` leaves a
//!   webhook disabled or enabled.
//! - A wrong member is a 400 with a problem document (RFC 9457) whose `errors` name it, as ASP.NET
//!   writes them. All other refusals have a `message`.
//! - A list of jobs begins with the newest one. A page has 20 jobs, and pages beyond 1,000 jobs are empty. A client that
//!   sends `continuationToken`, empty for the first page, pages by checkpoints without an end.
//! - A client that may read its own jobs alone gets a 404 for another client's job.
//! - Canceling a job that is being canceled changes nothing, and is a 202.
//! - A list of keys has those that meet every parameter and have every scope; a label is searched
//!   with its case. A revoked key can be renamed and revoked again.
//!
//! # What is left out
//!
//! - TLS: it listens on loopback only, where a client may speak plain HTTP.
//! - The Delivery API, which would take the keys.
//! - What the settings do: no cache is behind them.
//! - The organization's quota header: the client's has the same form.
//! - Grants other than `client_credentials`.
//! - A client's keys by `jwks_uri`, and encrypted assertions.
//! - Repeated members of a JSON object: the last one counts.
//! - The second form of a 429, `{statusCode,error,message}`: a [`Fault`] can play it.

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
pub use oauth::issuer::{AUDIENCE, PRE_PRODUCTION_AUDIENCE};
pub use options::client::{Client, ClientKind, DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET};
pub use options::options::{DEFAULT_TENANT_ID, Expired, Options};
pub use options::public_key::InvalidPublicKey;
pub use options::quota::Quota;
pub use options::signing_key::InvalidKey;
pub use server::local_edge::LocalEdge;
pub use server::response::SimulatedResponse;
pub use server::shared::Hold;
pub use server::simulator::{MAX_BODY, Served, Simulator};
