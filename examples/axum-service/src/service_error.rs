//! The errors of the service.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use edge_oauth_reqwest::{CallError, Culprit};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::error;

/// An error of a call of the API.
#[derive(Debug)]
pub(crate) struct ServiceError(CallError);

impl From<CallError> for ServiceError {
    fn from(error: CallError) -> Self {
        Self(error)
    }
}

impl ServiceError {
    fn status(&self) -> StatusCode {
        match self.0.culprit() {
            // Somebody has to change a setting.
            Culprit::Config => StatusCode::INTERNAL_SERVER_ERROR,
            // A retry can help.
            _ if self.0.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// Returns the seconds that the server asked to wait.
    fn retry_after(&self) -> Option<u64> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let wait = self.0.retry_after()?.wait(now.unwrap_or_default());
        // A whole second more: the header has no fractions.
        (!wait.is_zero()).then(|| wait.saturating_add(Duration::from_millis(999)).as_secs())
    }
}

impl IntoResponse for ServiceError {
    /// The log has the error. A caller of the service learns whether a retry can help, and no more.
    fn into_response(self) -> Response {
        let culprit = self.0.culprit().as_str();
        let hint = self.0.hint().unwrap_or_default();
        error!(error = %self.0, culprit, hint, "call of the API failed");
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
