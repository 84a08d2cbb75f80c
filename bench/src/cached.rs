//! A cached token to a ready `Authorization` header value.

mod floor;
mod neighbours;
pub(crate) mod ours;

use crate::case::Case;
use crate::report::{Report, or_nan};
use crate::sharing;

pub(crate) const FLOOR: Case = Case::new(
    "cached-floor",
    "floor: both clocks, a header value per thread",
    floor::per_thread,
);

pub(crate) const OURS: [Case; 7] = [
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
    SOURCES,
    TIMELESS,
];

/// The store is asked before a token request only, so it costs a cached token nothing.
pub(crate) const SHARED: Case = Case::new(
    "cached-ours-store",
    "edge-oauth `source.authorization()`, threads, with a shared store",
    ours::with_a_store,
);

/// Requests with the tokens of many sources, as in a program that serves many tenants.
pub(crate) const SOURCES: Case = Case::new(
    "cached-ours-64",
    "edge-oauth `source.authorization()`, 64 sources in turn",
    ours::sources,
);

/// The time is passed in, so reading the clocks is not part of the figures.
pub(crate) const TIMELESS: Case = Case::new(
    "cached-ours-timeless",
    "edge-oauth, with the time passed in",
    ours::timeless,
);

/// Known to contend: each call writes to cache lines that all threads write.
pub(crate) const CONTROLS: [Case; 2] = [
    Case::new(
        "cached-arc-swap",
        "control: one header value behind arc-swap",
        floor::arc_swap,
    ),
    Case::new(
        "cached-mutex",
        "control: one header value behind a mutex",
        floor::mutex,
    ),
];

/// Each as its users call it, and at its best use if that differs.
pub(crate) const NEIGHBOURS: [Case; 8] = [
    Case::new("cached-aliri", "aliri_tokens + header", neighbours::aliri),
    Case::new(
        "cached-aliri-best",
        "aliri_tokens, header kept while the token is the same",
        neighbours::aliri_best,
    ),
    Case::new("cached-aws", "aws-smithy-runtime + header", neighbours::aws),
    Case::new("cached-azure", "azure_identity + header", neighbours::azure),
    Case::new(
        "cached-google",
        "google-cloud-auth `headers()`",
        neighbours::google,
    ),
    Case::new(
        "cached-google-best",
        "google-cloud-auth `headers()`, header kept with its entity tag",
        neighbours::google_best,
    ),
    Case::new(
        "cached-huskarl",
        "huskarl `get_headers()`",
        neighbours::huskarl,
    ),
    Case::new("cached-yup", "yup-oauth2 + header", neighbours::yup),
];

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/cached.md"));
    let mut cases = vec![&FLOOR];
    cases.extend(&OURS);
    cases.extend(&NEIGHBOURS);
    let rows = report.compare(&cases);
    let (floor, ours) = (rows[0].time.least, &rows[1..=OURS.len()]);
    let neighbours = rows[1 + OURS.len()..].iter();
    let best = neighbours
        .map(|row| row.time.least)
        .fold(f64::MAX, f64::min);
    let limit = f64::max(35.0, 1.15 * floor);
    for row in [0, 1, 3] {
        let target = format!(
            "{}: ns, the more of 35 and 1.15 times the floor",
            OURS[row].name
        );
        report.at_most(target, limit, ours[row].time.least, Some(&OURS[row]));
    }
    let target = "edge-oauth on threads: time to the fastest other library at its best";
    report.at_most(target, 1.0, ours[0].time.least / best, Some(&OURS[0]));
    let most = ours.iter().map(|row| row.allocations).fold(0.0, f64::max);
    report.at_most("edge-oauth: allocations of any row", 0.0, most, None);
    let timeless = ours[OURS.len() - 1].instructions;
    report.at_most(
        "instructions with the time passed in",
        150.0,
        timeless,
        Some(&TIMELESS),
    );
    report.verdicts();
    shared_lines(report);
}

/// Two processors cannot show what 64 would do. The writes to lines that two threads use are what keeps them from scaling.
fn shared_lines(report: &mut Report) {
    report.text(include_str!("text/sharing.md"));
    let ours = [&OURS[0], &OURS[1], &SOURCES];
    let mut cases = ours.to_vec();
    cases.extend(&CONTROLS);
    cases.extend(&NEIGHBOURS);
    let figures: Vec<f64> = cases
        .iter()
        .map(|case| or_nan(sharing::shared_writes(case)))
        .collect();
    let rows = cases.iter().zip(&figures);
    let rows: Vec<_> = rows
        .map(|(case, figure)| vec![case.name.to_owned(), format!("{figure:.1}")])
        .collect();
    report.table(&["library", "writes to shared lines for each call"], &rows);
    for (case, figure) in ours.iter().zip(&figures) {
        report.at_most(format!("{}: writes", case.name), 0.0, *figure, Some(case));
    }
    for ((control, figure), least) in CONTROLS.iter().zip(&figures[ours.len()..]).zip([2.0, 4.0]) {
        report.at_least(format!("{}: writes", control.name), least, *figure, None);
    }
    report.verdicts();
}
