//! The alphabet: each input of a keeper and of its acquisitions, as a word.

use std::fmt;

macro_rules! calls {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// A call of a keeper, of the acquisition that it handed out, or a change of the clocks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Call { $($(#[doc = $doc])* $name,)* }

        impl Call {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];

            fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

calls! {
    /// A caller that has all the time.
    Poll = "poll",
    /// A caller that has 3 s, and may leave.
    PollInHaste = "poll-in-haste",
    /// A caller that never waits.
    Look = "look",
    /// A caller that asks for a new token.
    PollToRefresh = "poll-to-refresh",
    /// A caller that needs a token for 600 s.
    PollForLong = "poll-for-long",
    /// The caller that waits longest polls again.
    PollAgain = "poll-again",
    /// A background acquisition begins to run.
    Run = "run",
    /// A token of 900 s.
    Token = "token",
    /// A token of 20 s.
    ShortToken = "short-token",
    /// A token of 1 s, which is never cached.
    BriefToken = "brief-token",
    /// The connection is closed.
    Fault = "fault",
    /// No response within the timeout.
    TimedOut = "timed-out",
    /// 503.
    Busy = "busy",
    /// 401 `invalid_client`.
    Denied = "denied",
    /// 503 with `Retry-After` of a minute.
    RetryAfter = "retry-after",
    /// 429 with a rate that is used up for 90 s.
    Quota = "quota",
    /// The acquisition comes back undone.
    Cancel = "cancel",
    /// An acquisition that lapsed, or has an earlier configuration, gets a token.
    LateToken = "late-token",
    LateFault = "late-fault",
    LateCancel = "late-cancel",
    /// An API rejects the newest token, for three callers.
    Reject = "reject",
    /// An API rejects the token before that.
    RejectOlder = "reject-older",
    SameConfig = "same-config",
    NewSecret = "new-secret",
    NewAudience = "new-audience",
    Export = "export",
    /// The exported token is restored.
    Restore = "restore",
    /// The program starts again with the exported token.
    Restart = "restart",
    /// Time passes until the timeout of the keeper.
    ToTimeout = "to-timeout",
    /// Time passes until the cached token is no longer handed out.
    ToExpiry = "to-expiry",
    /// Time passes until the acquisition in flight lapses.
    ToLapse = "to-lapse",
    Second = "second",
    /// 420 s pass by the wall clock alone: the machine sleeps, or the clock is set forward.
    Sleep = "sleep",
    /// The wall clock is set back by an hour.
    SetBack = "set-back",
    /// 420 s pass by the monotonic clock alone: the wall clock is set back meanwhile.
    WallStands = "wall-stands",
    /// The store has a token of another process, 5 s old.
    Found = "found",
    /// The store has an entry of no use: the token that was rejected last, or one that does not open.
    FoundOld = "found-old",
    /// The store gives the lease.
    Lease = "lease",
    /// Another process has the lease.
    Held = "held",
    /// Another process had a permanent error.
    HeldError = "held-error",
    StoreFails = "store-fails",
    TooLate = "too-late",
}

impl Call {
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|call| call.word() == word)
    }

    /// Returns whether only a keeper with a store has it.
    pub(crate) fn is_of_store(self) -> bool {
        matches!(
            self,
            Self::Found
                | Self::FoundOld
                | Self::Lease
                | Self::Held
                | Self::HeldError
                | Self::StoreFails
                | Self::TooLate
        )
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Returns the calls as they are printed and read again.
pub(crate) fn sentence(calls: &[Call]) -> String {
    let words: Vec<_> = calls.iter().map(|call| call.word()).collect();
    words.join(" ")
}
