//! The promises, each an assertion with a name, and the bugs that show that each assertion fails.

macro_rules! promises {
    ($($number:literal $name:ident $slug:literal $text:literal [$($bug:ident),+])*) => {
        /// An assertion: one clause of a promise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Promise { $(#[doc = $text] $name,)* }

        impl Promise {
            /// Returns the number of the promise, the slug of its assertion, and its words.
            pub(crate) fn row(self) -> (u32, &'static str, &'static str) {
                match self { $(Self::$name => ($number, $slug, $text),)* }
            }
        }

        /// A bug of the keeper's double.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Bug { $($($bug,)+)* }

        /// Each assertion with the bugs that it has to catch.
        pub(crate) const TABLE: &[(Promise, &[Bug])] = &[$((Promise::$name, &[$(Bug::$bug,)+]),)*];
    };
}

promises! {
    1 NoWait "valid-token-means-no-wait"
        "While a valid token is cached, no caller waits." [CallerWaitsForRefresh]
    1 Background "refresh-runs-in-the-background"
        "A refresh runs in the background, unless the last one was lost there; then for the caller's time at most."
        [RefreshRunsInLine]
    2 OneInFlight "one-request-in-flight"
        "At most one token request is in flight." [WaitingCallerRequests]
    2 NotSentLate "lapsed-request-is-not-sent"
        "A request whose time is over is not sent." [RequestIgnoresItsEnd]
    3 NoError "failed-refresh-is-no-callers-error"
        "A refresh that fails is no caller's error while the cached token is valid." [RefreshErrorIsReturned]
    3 Due "refresh-is-due-in-its-window"
        "A refresh is due from 40 or 75 % to 90 % of the lifetime." [RefreshIsEarly, RefreshIsForgotten]
    3 Outage "refresh-is-retried-in-time"
        "After a failed refresh, the next attempt follows within a small part of the lifetime." [FailedRefreshBacksOffForLong]
    4 Expired "expired-token-is-not-handed-out"
        "A token is not handed out from its margin on, as soon as either clock says so." [
            LifetimeCountsFromArrival, MarginIsIgnored, SleepIsMissed, MonotonicClockIsMissed, ExpiredTokenIsUsed
        ]
    4 Snapshot "snapshot-does-not-outlast-the-token"
        "A snapshot that lasts is the token that `poll` returns." [SnapshotOutlasts]
    4 HotLoop "poll-makes-no-hot-loop"
        "A wait is longer than zero, and two tokens are a second apart." [WaitIsZero, TokensInALoop]
    5 ErrorReachesAll "permanent-error-reaches-every-waiting-caller"
        "A permanent error reaches every waiting caller at once." [PermanentErrorIsWaitedFor]
    5 Backoff "request-waits-for-the-backoff"
        "After an error, no request is made before the backoff is over." [BackoffIsLifted]
    5 Retried "attempt-follows-the-backoff"
        "Once the backoff is over, a caller that has the time gets the next attempt." [AttemptIsPutOff]
    5 PermanentGrows "permanent-backoff-grows"
        "The backoff after permanent errors is at least 5 s, and doubles." [ErrorsAreForgotten]
    5 Transient "transient-backoff-stays-below-its-bound"
        "The backoff after transient errors is at least 50 ms and at most 500 ms, doubled by each." [TransientErrorIsPermanent]
    5 RetryAfter "server-sets-the-earliest-attempt"
        "`Retry-After` and the reset of a used-up rate set the earliest attempt, plus a tenth at most."
        [RetryAfterIsIgnored]
    5 TooLong "wait-past-the-callers-time-is-its-error"
        "If the backoff is longer than the caller's time, the caller gets the error at once." [CallerWaitsInVain]
    5 LastError "late-caller-gets-the-last-error"
        "A caller that gives up gets the last error of the server." [LateCallerGetsATimeout]
    6 Fenced "older-token-is-rejected-without-effect"
        "The rejection of an older token does nothing to a newer one." [AnyTokenIsInvalidated]
    6 OneRejection "rejection-counts-once"
        "Many rejections of one token are one." [RejectionsAddUp]
    6 Dropped "rejected-token-is-dropped"
        "The first rejected token is dropped, and no rejected token is handed out again." [
            RejectionIsIgnored, RejectedTokenComesBack
        ]
    10 Adopted "token-of-another-process-is-adopted"
        "If the store has a token of use, no request is made." [EntryIsIgnored]
    10 LeaseHeld "lease-of-another-process-is-waited-for"
        "While another process makes the request, this one makes none." [LeaseIsIgnored]
    10 LeaseEnds "lease-is-ended-with-its-response"
        "The holder of a lease ends it, and shares its token." [LeaseIsKept]
    10 StoreLost "lost-store-costs-a-request-only"
        "If the store fails, the request is made without it." [StoreErrorIsAnEnd]
}
