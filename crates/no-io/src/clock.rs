//! A point in time that the caller reads off its clocks.

use std::time::Duration;

/// A reading of the caller's two clocks.
///
/// The monotonic clock runs evenly. It may stand still while a laptop sleeps or a virtual machine is
/// frozen; a clock that counts suspend is better. The wall clock goes on then, and may be set forward
/// or back. Neither alone can tell whether a token is still valid.
///
/// ```
/// use std::time::Duration;
/// use edge_oauth_no_io::Moment;
///
/// let now = Moment { monotonic: Duration::from_secs(60), wall: Duration::from_secs(1_800_000_000) };
/// let later = now.after(Duration::from_secs(900));
/// assert!(later.has_reached(now) && !now.has_reached(later));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Moment {
    /// Since any fixed point, such as the start of the program.
    pub monotonic: Duration,
    /// Since the Unix epoch.
    pub wall: Duration,
}

impl Moment {
    /// Returns the moment that is this much later by both clocks.
    pub fn after(self, by: Duration) -> Self {
        Self {
            monotonic: self.monotonic.saturating_add(by),
            wall: self.wall.saturating_add(by),
        }
    }

    /// Returns whether either clock says that `deadline` is reached.
    #[inline]
    pub fn has_reached(self, deadline: Self) -> bool {
        self.monotonic >= deadline.monotonic || self.wall >= deadline.wall
    }
}
