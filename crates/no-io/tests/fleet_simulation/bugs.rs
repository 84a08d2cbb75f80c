//! The checks of the oracle, and the bugs that show that each check fails.

macro_rules! checks {
    ($($check:ident $text:literal $bug:ident $scenario:literal)*) => {
        /// A check of the oracle.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Check { $(#[doc = $text] $check,)* }

        /// A bug of the double of a process or of the store.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Bug { $($bug,)* }

        /// Each check with a bug, and a scenario in which the check fails for it.
        pub(crate) const TABLE: &[(Check, Bug, &str)] = &[$((Check::$check, Bug::$bug, $scenario),)*];
    };
}

checks! {
    Lease "The number of a lease is higher than each before."
        NumbersFollowTheClock "store_clock_jumps_back_by_two_lifetimes"
    Save "The store takes no token of an older lease than the last."
        StaleTokensAreTaken "holders_are_stopped"
    Calm "One request serves the fleet for a lifetime."
        RefreshIsEarly "quiet"
    Young "A process that has a young token makes no request."
        CachedTokenIsRefreshed "quiet"
    Expired "No caller gets an expired token."
        LifetimeIsTooLong "quiet"
    Rejected "No caller gets a token that its process rejected."
        RejectedTokenComesBack "tokens_are_rejected"
    Wish "A caller with a wish gets a token that meets it."
        WishesAreForgotten "callers_want_more_than_a_token"
    OneInFlight "A process has one request in flight at most."
        WaitingCallerRequests "all_start_at_once"
    Wait "A process makes no request before the wait that the server asked for is over."
        RetryAfterIsIgnored "server_asks_for_a_wait"
    PermanentError "A permanent error reaches every caller that waits."
        PermanentErrorIsWaitedFor "all_start_with_a_wrong_secret"
    Error "No caller gets an error if the server issues tokens."
        WaitIsAnError "quiet"
    BareTimeout "No caller gets a bare timeout after an error."
        LateCallerGetsATimeout "server_is_unavailable"
    ErrorBesideToken "No caller gets an error beside a valid token."
        RefreshErrorIsReturned "server_is_unavailable_to_busy_callers"
    LongWait "No caller waits longer than the scenario allows."
        PauseIsTooLong "all_start_at_once"
    WaitBesideToken "No caller waits beside a valid token."
        CallerWaitsForRefresh "quiet"
    Requests "The fleet makes no more requests than the scenario allows."
        EntryIsIgnored "processes_come_and_go"
    Served "Callers are served."
        ResponsesAreLost "server_says_when_to_come_back"
}
