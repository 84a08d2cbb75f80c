//! A cached token to a ready `Authorization` header value.

mod floor;
mod neighbours;
pub(crate) mod ours;

use crate::case::Case;

pub(crate) const FLOOR: Case = Case::new(
    "cached-floor",
    "floor: both clocks, a header value per thread",
    floor::per_thread,
);

pub(crate) const OURS: [Case; 6] = [
    Case::new(
        "cached-ours",
        "edge-oauth `source.authorization()`, threads",
        ours::authorization,
    ),
    Case::new(
        "cached-ours-tasks",
        "edge-oauth `source.authorization().await`, tasks",
        ours::authorization_of_tasks,
    ),
    Case::new(
        "cached-ours-token",
        "edge-oauth `source.token()?.authorization()`",
        ours::token,
    ),
    Case::new(
        "cached-ours-refresh",
        "edge-oauth `source.authorization()` during a refresh",
        ours::during_a_refresh,
    ),
    SHARED,
    TIMELESS,
];

/// The store is asked before a token request only, so it costs a cached token nothing.
pub(crate) const SHARED: Case = Case::new(
    "cached-ours-store",
    "edge-oauth `source.authorization()`, threads, with a shared store",
    ours::with_a_store,
);

/// The time is passed in, so reading the clocks is not part of the figures.
pub(crate) const TIMELESS: Case = Case::new(
    "cached-ours-timeless",
    "edge-oauth, with the time passed in",
    ours::timeless,
);

/// Known to contend. If it does not, the threads did not meet and the other figures mean nothing.
pub(crate) const CONTROL: Case = Case::new(
    "cached-control",
    "control: one header value behind arc-swap",
    floor::shared,
);

pub(crate) const NEIGHBOURS: [Case; 6] = [
    Case::new("cached-aliri", "aliri_tokens + header", neighbours::aliri),
    Case::new("cached-aws", "aws-smithy-runtime + header", neighbours::aws),
    Case::new("cached-azure", "azure_identity + header", neighbours::azure),
    Case::new(
        "cached-google",
        "google-cloud-auth `headers()`",
        neighbours::google,
    ),
    Case::new(
        "cached-huskarl",
        "huskarl `get_headers()`",
        neighbours::huskarl,
    ),
    Case::new("cached-yup", "yup-oauth2 + header", neighbours::yup),
];
