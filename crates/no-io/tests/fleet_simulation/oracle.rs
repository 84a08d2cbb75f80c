//! Judges a run by the promises alone. It knows true time, and nothing of how a keeper decides.

use std::collections::{HashMap, HashSet};
use std::fmt;

use edge_oauth_no_io::TokenError;

use crate::bugs::Check;
use crate::process::{Waiting, is_timeout};
use crate::server::Server;
use crate::{SECOND, Time};

/// A run is allowed this much.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    /// From then on, one request serves the fleet for a lifetime.
    pub calm_from: Time,
    /// All requests.
    pub requests: u64,
    /// So many more for each acquisition that was cancelled or frozen.
    pub requests_for_disturbed: u64,
    /// The longest wait of a caller without a token.
    pub wait: Time,
    /// The store's clock jumped back: tokens may be handed out after their end, as documented.
    pub allows_expired: bool,
    /// The token server refuses, so callers may have an error until then.
    pub errors_until: Time,
    /// The server may refuse from the start to the end.
    pub may_serve_none: bool,
    /// Wall clocks are set forward, or tokens rejected: a token may end early.
    pub allows_early_end: bool,
    /// Store faults in the form of a time that runs or an answer that lies may cost a request.
    pub allows_early_requests: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calm_from: Time::MAX,
            requests: u64::MAX,
            requests_for_disturbed: 0,
            wait: 6 * SECOND,
            allows_expired: false,
            errors_until: 0,
            may_serve_none: false,
            allows_early_end: false,
            allows_early_requests: false,
        }
    }
}

/// A call without a token.
pub(crate) struct Failed {
    pub process: usize,
    pub since: Time,
    /// A request of its process failed since, and none succeeded.
    pub was_told: bool,
    /// It would have waited for as long as callers do.
    pub is_patient: bool,
    /// The token that the process has, if it is valid and not rejected.
    pub held: Option<usize>,
    pub is_plain: bool,
}

pub(crate) struct Oracle {
    pub limits: Limits,
    pub violations: Vec<(Check, String)>,
    /// The numbers of leases and of accepted tokens, by place, since the store last lost its state.
    leases: HashMap<String, u64>,
    accepted: HashMap<String, u64>,
    /// For each process and incarnation.
    rejected: HashSet<(usize, u32, usize)>,
    latest_request: Option<Time>,
    pub served: u64,
    pub errors: u64,
    pub longest_wait: Time,
    /// When the store last gave a lease within the last millisecond of a claim's time.
    last_moment: Option<Time>,
}

impl Oracle {
    pub(crate) fn new() -> Self {
        Self {
            limits: Limits::default(),
            violations: Vec::new(),
            leases: HashMap::new(),
            accepted: HashMap::new(),
            rejected: HashSet::new(),
            latest_request: None,
            served: 0,
            errors: 0,
            longest_wait: 0,
            last_moment: None,
        }
    }

    fn check(&mut self, check: Check, holds: bool, violation: impl fmt::Display) {
        // A few tell enough.
        if !holds && self.violations.len() < 5 {
            self.violations.push((check, violation.to_string()));
        }
    }

    /// The store's state is gone, or an old one is back.
    pub(crate) fn forget_store(&mut self) {
        self.leases.clear();
        self.accepted.clear();
    }

    /// A lease is given: its number is higher than each before.
    pub(crate) fn lease(&mut self, place: &str, number: u64) {
        let latest = self.leases.insert(place.to_owned(), number).unwrap_or(0);
        self.check(
            Check::Lease,
            number > latest,
            format_args!("lease {number} after {latest}"),
        );
    }

    /// The store took a token: never one of an older lease than the last.
    pub(crate) fn accepted(&mut self, place: &str, number: u64) {
        let latest = self.accepted.insert(place.to_owned(), number);
        self.check(
            Check::Save,
            latest.is_none_or(|latest| number > latest),
            format_args!("stale save: {number} after {latest:?}"),
        );
    }

    /// A request arrives at the token server. `held` is the token that the process has, if it is young and not rejected.
    pub(crate) fn request(
        &mut self,
        process: usize,
        held: Option<usize>,
        server: &Server,
        now: Time,
    ) {
        let calm_from = self.limits.calm_from;
        let latest = self.latest_request.filter(|latest| *latest >= calm_from);
        let since = latest.map_or(Time::MAX, |latest| now - latest);
        self.latest_request = Some(now);
        // The earliest refresh is after three quarters of a lifetime, and that of a first token after two fifths.
        let token = server.issued.last();
        let least = token.map_or(0, |token| {
            token.lifetime / 100 * if token.is_first { 38 } else { 70 }
        });
        self.check(
            Check::Calm,
            since >= least,
            format_args!("{now}: process {process} asks {since} µs after the last request"),
        );
        let may = self.limits.allows_early_requests;
        self.check(
            Check::Young,
            held.is_none() || may,
            format_args!("{now}: process {process} asks although it has {held:?}"),
        );
    }

    /// A caller gets a token.
    pub(crate) fn served(
        &mut self,
        (process, incarnation): (usize, u32),
        token: usize,
        waited: Time,
        server: &Server,
        now: Time,
    ) {
        self.served += 1;
        let ends = server.ends(token);
        // A caller may have waited for the token for longer than it was valid, such as one in a process that was stopped.
        let was_valid = waited > 0 && now - waited < ends;
        let may = self.limits.allows_expired || was_valid;
        self.check(
            Check::Expired,
            now < ends || may,
            format_args!("{now}: process {process} hands out t{token}, which expired at {ends}"),
        );
        let rejected = self.rejected.contains(&(process, incarnation, token));
        self.check(
            Check::Rejected,
            !rejected,
            format_args!("{now}: process {process} hands out t{token} again, which it rejected"),
        );
        self.waited(process, waited, now);
    }

    /// A caller with a wish gets a token: it lives long enough, or it was issued after the caller came.
    pub(crate) fn wish_is_met(
        &mut self,
        process: usize,
        token: usize,
        waiting: &Waiting,
        server: &Server,
        now: Time,
    ) {
        let (wish, issued) = (waiting.wish, server.issued[token].issued);
        // The request that it joined may have left before it came.
        let is_new = issued + 30 * SECOND >= waiting.since;
        let lives = server.ends(token) >= now + wish.min_remaining;
        self.check(
            Check::Wish,
            wish.is_plain() || is_new || lives && !wish.refresh,
            format_args!(
                "{now}: a caller of process {process} has a wish that t{token} does not meet"
            ),
        );
    }

    /// A request leaves. `others` are in flight in the same process, and the server asked to wait until `not_before`.
    pub(crate) fn sends(&mut self, process: usize, others: usize, not_before: Time, now: Time) {
        self.check(
            Check::OneInFlight,
            others == 0,
            format_args!("{now}: process {process} has {others} more requests in flight"),
        );
        self.check(
            Check::Wait,
            now >= not_before,
            format_args!("{now}: process {process} asks before {not_before}"),
        );
    }

    /// An acquisition is over. A permanent error reaches every caller that waited.
    pub(crate) fn permanent_error(&mut self, process: usize, is_one: bool, left: usize, now: Time) {
        self.check(
            Check::PermanentError,
            !is_one || left == 0,
            format_args!("{now}: {left} callers of process {process} wait after a permanent error"),
        );
    }

    /// A caller gets an error.
    pub(crate) fn failed(
        &mut self,
        failed: &Failed,
        error: &TokenError,
        was_stopped: bool,
        now: Time,
    ) {
        self.errors += 1;
        let process = failed.process;
        let may = now < self.limits.errors_until || was_stopped || !failed.is_patient;
        self.check(
            Check::Error,
            may,
            format_args!("{now}: process {process}: {error}"),
        );
        self.check(
            Check::BareTimeout,
            !failed.was_told || !is_timeout(error),
            format_args!("{now}: a caller of process {process} gets a bare timeout after an error"),
        );
        let may = self.limits.allows_early_end || !failed.is_plain;
        self.check(
            Check::ErrorBesideToken,
            failed.held.is_none() || may,
            format_args!(
                "{now}: a caller of process {process} fails beside {:?}",
                failed.held
            ),
        );
        self.waited(process, now - failed.since, now);
    }

    /// A store may do a claim when its caller has just left: the two clocks are not known to be equal to the
    /// millisecond. The lease has no holder until it ends.
    pub(crate) fn leases_at_the_last_moment(&mut self, now: Time) {
        self.last_moment = Some(now);
    }

    fn waited(&mut self, process: usize, waited: Time, now: Time) {
        self.longest_wait = self.longest_wait.max(waited);
        let is_late = |at| now <= at + LEASE + SECOND;
        let late = self.last_moment.is_some_and(is_late);
        let most = self.limits.wait + if late { LEASE } else { 0 };
        self.check(
            Check::LongWait,
            waited <= most,
            format_args!("{now}: a caller of process {process} waited {waited} µs"),
        );
    }

    /// A caller has to wait. `held` is the token that the process has, if it is valid and not rejected.
    pub(crate) fn waits(&mut self, process: usize, held: Option<usize>, now: Time) {
        let may = self.limits.allows_early_end;
        self.check(
            Check::WaitBesideToken,
            held.is_none() || may,
            format_args!("{now}: a caller of process {process} waits although it has {held:?}"),
        );
    }

    /// The API rejected the token in this process, and the keeper dropped it.
    pub(crate) fn rejected(&mut self, process: usize, incarnation: u32, token: usize) {
        self.rejected.insert((process, incarnation, token));
    }

    /// The run is over, and each process has had time to get a token.
    pub(crate) fn end(&mut self, server: &Server, disturbed: u64) {
        let allowed = disturbed * self.limits.requests_for_disturbed;
        let (requests, most) = (
            server.requests,
            self.limits.requests.saturating_add(allowed),
        );
        self.check(
            Check::Requests,
            requests <= most,
            format_args!("{requests} requests, at most {most}"),
        );
        let is_served = self.served > 0 || self.limits.may_serve_none;
        self.check(Check::Served, is_served, "no caller was served");
    }
}

/// The lease of a token that lives for a minute or more.
const LEASE: Time = 3 * SECOND;
