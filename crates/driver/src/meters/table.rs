//! The names of the metrics, and what each is.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

pub(super) const REQUESTS: &str = "edge_oauth_token_requests_total";
pub(super) const REQUEST_DURATION: &str = "edge_oauth_token_request_duration_seconds";
pub(super) const RETRIES: &str = "edge_oauth_token_retries_total";
pub(super) const LOST: &str = "edge_oauth_token_requests_lost_total";
pub(super) const FAILURES: &str = "edge_oauth_token_failures_total";
pub(super) const BACKOFF: &str = "edge_oauth_backoff_seconds";
pub(super) const EXPIRY: &str = "edge_oauth_token_expiry_timestamp_seconds";
pub(super) const LIFETIME: &str = "edge_oauth_token_lifetime_seconds";
pub(super) const AGE_AT_USE: &str = "edge_oauth_token_age_at_use_seconds";
pub(super) const REJECTED: &str = "edge_oauth_tokens_rejected_total";
pub(super) const WAITING: &str = "edge_oauth_waiting_callers";
pub(super) const QUOTA: &str = "edge_oauth_quota_remaining";
pub(super) const STORE_HITS: &str = "edge_oauth_store_hits_total";
pub(super) const STORE_ERRORS: &str = "edge_oauth_store_errors_total";

/// Tells the recorder what each metric is.
pub(super) fn describe() {
    use Unit::{Count, Seconds};

    describe_counter!(REQUESTS, Count, "Token requests with an outcome");
    describe_histogram!(
        REQUEST_DURATION,
        Seconds,
        "Time from sending a token request to its outcome"
    );
    describe_counter!(RETRIES, Count, "Attempts that followed a failed attempt");
    describe_counter!(LOST, Count, "Token requests without an outcome");
    describe_counter!(
        FAILURES,
        Count,
        "Failed attempts, also those that sent no request"
    );
    describe_histogram!(BACKOFF, Seconds, "Backoff after a failed attempt");
    describe_gauge!(
        EXPIRY,
        Seconds,
        "End of the cached token's lifetime since the Unix epoch, 0 without a token"
    );
    describe_gauge!(LIFETIME, Seconds, "Lifetime of the cached token");
    describe_histogram!(
        AGE_AT_USE,
        Seconds,
        "Age of the token when its refresh started, or when an API rejected it"
    );
    describe_counter!(REJECTED, Count, "Tokens that an API rejected");
    describe_gauge!(WAITING, Count, "Callers that wait for a token");
    describe_gauge!(
        QUOTA,
        Count,
        "Token requests left, by the headers of the last response"
    );
    describe_counter!(
        STORE_HITS,
        Count,
        "Tokens of another process, from the shared store"
    );
    describe_counter!(STORE_ERRORS, Count, "Failed calls of the shared store");
}
