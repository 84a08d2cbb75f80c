//! The kinds of keepers, and the calls that are tried with each.

use crate::call::Call;
use crate::promise::{Bug, Promise};
use crate::subject::Store;
use crate::world::World;

/// A kind of keeper, and the calls that are tried.
#[derive(Clone)]
pub(crate) struct Space {
    pub(crate) store: Store,
    pub(crate) bug: Option<Bug>,
    pub(crate) judge: Option<Promise>,
    /// The policy has little jitter, so that more states are equal.
    pub(crate) is_steady: bool,
    pub(crate) calls: Vec<Call>,
}

impl Space {
    pub(crate) fn new(store: Store) -> Self {
        let has = |call: &Call| store != Store::None || !call.is_of_store();
        Self {
            store,
            bug: None,
            judge: None,
            is_steady: false,
            calls: Call::ALL.iter().copied().filter(has).collect(),
        }
    }

    /// Returns a space for a keeper with a bug, which one assertion judges. It has fewer calls, for longer sequences.
    pub(crate) fn of_bug(bug: Bug, judge: Promise) -> Self {
        let (number, ..) = judge.row();
        let store = match number {
            10 => Store::Shared,
            _ => Store::None,
        };
        let mut space = Self::new(store);
        (space.bug, space.judge) = (Some(bug), Some(judge));
        space.calls.retain(|call| {
            matches!(
                call,
                Call::Poll
                    | Call::PollInHaste
                    | Call::Token
                    | Call::ShortToken
                    | Call::BriefToken
                    | Call::Fault
                    | Call::Denied
                    | Call::RetryAfter
                    | Call::LateToken
                    | Call::Reject
                    | Call::RejectOlder
                    | Call::ToTimeout
                    | Call::ToExpiry
                    | Call::Second
                    | Call::Sleep
                    | Call::WallStands
                    | Call::Found
                    | Call::Held
                    | Call::Lease
                    | Call::StoreFails
            )
        });
        space
    }

    /// Returns spaces with fewer calls, whose longer sequences are searched. Each call is in one of them. Their policy has
    /// little jitter.
    pub(crate) fn families() -> Vec<(&'static str, Self)> {
        let of = |(name, store, calls): (_, _, &[Call])| {
            let mut space = Self::new(store);
            space.is_steady = true;
            space.calls = calls.to_vec();
            (name, space)
        };
        FAMILIES.iter().copied().map(of).collect()
    }

    /// Returns the state after these calls.
    pub(crate) fn replay(&self, calls: &[Call]) -> World {
        let mut world = World::new(self.store, self.bug, self.is_steady);
        world.judge = self.judge;
        for call in calls {
            world.make(*call);
        }
        world
    }
}

type Family = (&'static str, Store, &'static [Call]);

const FAMILIES: &[Family] = {
    use Call::*;
    &[
        (
            "lifetimes",
            Store::None,
            &[
                Poll, Look, Token, ShortToken, BriefToken, Fault, Sleep, ToTimeout, ToExpiry,
                Second,
            ],
        ),
        (
            "clocks",
            Store::None,
            &[Poll, Token, Fault, ToTimeout, Sleep, SetBack, WallStands],
        ),
        (
            "errors",
            Store::None,
            &[
                Poll,
                PollInHaste,
                PollAgain,
                Token,
                Fault,
                TimedOut,
                Denied,
                RetryAfter,
                SameConfig,
                ToTimeout,
            ],
        ),
        (
            "limits",
            Store::None,
            &[
                Poll,
                PollToRefresh,
                ShortToken,
                Busy,
                Quota,
                ToTimeout,
                ToExpiry,
            ],
        ),
        (
            "losses",
            Store::None,
            &[
                Poll,
                PollInHaste,
                Run,
                Token,
                Cancel,
                ToLapse,
                LateToken,
                LateFault,
                LateCancel,
            ],
        ),
        (
            "rejections",
            Store::None,
            &[
                Poll,
                PollToRefresh,
                PollForLong,
                Token,
                Reject,
                RejectOlder,
                Second,
            ],
        ),
        (
            "changes",
            Store::None,
            &[
                Poll,
                Token,
                Reject,
                NewSecret,
                NewAudience,
                LateToken,
                Export,
                Restore,
                Restart,
            ],
        ),
        (
            "store",
            Store::Shared,
            &[
                Poll, Token, Found, FoundOld, Lease, Held, TooLate, StoreFails, Reject, ToTimeout,
            ],
        ),
        (
            "shared errors",
            Store::Shared,
            &[
                Poll, Token, Denied, Lease, Held, HeldError, LateToken, ToTimeout, ToLapse,
            ],
        ),
        (
            "one machine",
            Store::Local,
            &[
                Poll, Token, Fault, RetryAfter, Lease, Held, HeldError, Cancel, ToTimeout,
            ],
        ),
    ]
};
