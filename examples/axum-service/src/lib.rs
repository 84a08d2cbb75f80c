//! A service worth copying: it shows the settings of Experience Edge to its own callers, with one token for all of them.
//!
//! ```text
//! request ──▶ app (axum) ──▶ TokenSource ──▶ API
//!              │  ▲               │
//!   /ready ◀───┘  └── server      └──▶ log lines and metrics ──▶ telemetry ──▶ stderr, /metrics
//!                     (stops, settles)
//! ```
//!
//! | path | response |
//! |---|---|
//! | `GET /settings` | the settings of Experience Edge; 500, 502 or 503 if they cannot be had |
//! | `GET /ready` | 200 if the service has a valid token and is not stopping, else 503 |
//! | `GET /live` | 200 |
//! | `GET /metrics` | the metrics as Prometheus text; keep it off the public network |
//!
//! Its variables are those that `edge-oauth serve` prints, so it can be tried without an account:
//!
//! ```sh
//! cargo run -p edge-oauth-cli -- serve      # prints `export SITECORE_CLIENT_ID=...` and more
//! cargo run -p edge-oauth-axum-service      # in a shell with these variables
//! ```

mod app;
mod server;
mod service_error;
mod settings;
mod telemetry;

pub use app::App;
pub use server::serve;
pub use settings::Settings;
pub use telemetry::{install_metrics, install_tracing};
