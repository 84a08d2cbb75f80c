//! The steps that a [`Keeper`](crate::Keeper) asks its caller to take.

use std::time::Duration;

use crate::acquisition::acquisition::Acquisition;
use crate::token::AccessToken;
use crate::token_response::error::TokenError;

/// The next thing to do.
///
/// Exhaustive on purpose: a caller that handles each step has handled everything.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Config, Keeper, Moment, Policy, Secret, Step};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// let mut keeper = Keeper::new(config, Policy::default(), 7);
/// let (_sends, waits) = (keeper.poll(now), keeper.poll(now));
/// let what = match waits {
///     Step::Use(_) => "use the token",
///     Step::Refresh { .. } => "use the token, and run the acquisition",
///     Step::Send(_) => "run the acquisition",
///     Step::Wait { .. } => "wait",
///     Step::Fail(_) => "give up",
/// };
/// assert_eq!(what, "wait");
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Debug)]
#[must_use = "a step that is not taken leaves every other caller waiting"]
pub enum Step {
    /// Use this token now.
    Use(AccessToken),
    /// Use this token, and run the acquisition where its [`place`](Acquisition::place) says.
    Refresh {
        /// The cached token, still valid.
        token: AccessToken,
        /// Gets the next one.
        acquisition: Acquisition,
    },
    /// No valid token is cached: run this acquisition where its [`place`](Acquisition::place) says, then poll again
    /// unless it brought the outcome.
    Send(Acquisition),
    /// No valid token is cached, and no request may leave now: wait, then poll again.
    Wait {
        /// Poll again after this time, or as soon as anything was reported to the keeper.
        at_most: Duration,
        /// The error that the next attempt waits for. `None` while an acquisition is in flight, or while a new token
        /// would come too soon after the last.
        because: Option<TokenError>,
    },
    /// There is no token for this caller.
    Fail(TokenError),
}
