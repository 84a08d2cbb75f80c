//! The routes of the service.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use edge_oauth_reqwest::TokenSource;
use experience_edge_api::ExperienceEdge;
use metrics_exporter_prometheus::PrometheusHandle;
use tracing::{Instrument, info, info_span};

use crate::service_error::ServiceError;

/// The state that all requests share. Clones are one state.
#[derive(Clone)]
pub struct App {
    pub(crate) source: TokenSource,
    pub(crate) metrics: PrometheusHandle,
    edge: Arc<ExperienceEdge>,
    is_stopping: Arc<AtomicBool>,
}

impl App {
    /// Returns the state around one source of tokens.
    pub fn new(source: TokenSource, edge: ExperienceEdge, metrics: PrometheusHandle) -> Self {
        Self {
            source,
            metrics,
            edge: Arc::new(edge),
            is_stopping: Arc::default(),
        }
    }

    /// Returns the routes.
    pub fn router(self) -> Router {
        Router::new()
            .route("/settings", get(settings))
            // Probes and scrapes make no log lines.
            .route_layer(middleware::from_fn(log))
            .route("/ready", get(ready))
            .route("/live", get(StatusCode::OK))
            .route("/metrics", get(metrics))
            .with_state(self)
    }

    /// Lets the service be taken out of the load balancer.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }
}

async fn settings(State(app): State<App>) -> Result<impl IntoResponse, ServiceError> {
    // If the API rejects the token, the source gets another and sends the request once more.
    let settings = app.source.call(&app.edge.settings()).await?;
    let json = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, json)], settings.to_json()))
}

/// Reads the state of the source without waiting, and starts a refresh if one is due.
async fn ready(State(app): State<App>) -> StatusCode {
    match app.source.try_token() {
        Some(_) if !app.is_stopping.load(Ordering::Relaxed) => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    ([(header::CONTENT_TYPE, text)], app.metrics.render())
}

/// Puts a span around a request. The token request that a handler waits for runs in a task of its own, whose span has
/// no parent.
async fn log(request: Request, next: Next) -> Response {
    let span = info_span!("request", method = %request.method(), path = request.uri().path());
    let respond = async {
        let response = next.run(request).await;
        info!(status = response.status().as_u16(), "responded");
        response
    };
    respond.instrument(span).await
}
