//! The place of an acquisition.

/// The place that an acquisition has to run in.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::{Caller, Config, Keeper, Moment, Place, Policy, Secret, Step};
///
/// let config = Config::builder("https://login.example/token", "id").client_secret(Secret::new("s3cret")).build()?;
/// let now = Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) };
/// let mut keeper = Keeper::new(config, Policy::default(), 7);
/// let Step::Send(acquisition) = keeper.poll_for(&mut Caller::new().that_may_leave(), now) else { panic!("no token is cached") };
/// assert_eq!(acquisition.place(), Place::Background);
/// # Ok::<_, edge_oauth_no_io::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In line: the caller that got it runs it.
    Here,
    /// In a thread or task of its own, so that no caller's cancellation ends it.
    Background,
}
