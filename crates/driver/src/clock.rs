//! The machine's two clocks.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use edge_oauth_no_io::Moment;

/// Reads the machine's clocks. The monotonic one counts from the first call in this process.
pub fn system_time() -> Moment {
    static START: OnceLock<Instant> = OnceLock::new();
    Moment {
        monotonic: START.get_or_init(Instant::now).elapsed(),
        // A clock before 1970 reads as 1970: the other one still counts.
        wall: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    }
}
