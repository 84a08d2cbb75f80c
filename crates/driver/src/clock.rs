//! The machine's two clocks.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use edge_oauth_no_io::Moment;

/// Reads the machine's clocks.
///
/// On Linux and Android the monotonic clock is `CLOCK_BOOTTIME`, which counts suspend. Elsewhere it is [`Instant`], which
/// counts suspend on Windows and not on macOS.
pub fn system_time() -> Moment {
    Moment {
        monotonic: since_boot().unwrap_or_else(since_first_call),
        // A clock before 1970 reads as 1970: the other one still counts.
        wall: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    }
}

/// Returns the time since the machine was booted, suspend included.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn since_boot() -> Option<Duration> {
    use rustix::time::{DynamicClockId, clock_gettime_dynamic};

    // The infallible call of rustix panics if a sandbox denies this clock.
    let time = clock_gettime_dynamic(DynamicClockId::Boottime).ok()?;
    time.try_into().ok()
}

/// Returns `None`: the standard library has no such clock.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn since_boot() -> Option<Duration> {
    None
}

fn since_first_call() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    // fault: sleep-and-set-back-between-two-calls
    /// `/proc/uptime` shows the clock that counts suspend, in hundredths of a second.
    #[cfg(target_os = "linux")]
    #[test]
    fn monotonic_clock_is_the_one_that_counts_suspend() {
        let uptime = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            let seconds = text.split_whitespace().next().unwrap();
            Duration::from_secs_f64(seconds.parse().unwrap())
        };
        let hundredth = Duration::from_millis(10);
        let (before, now, after) = (uptime(), system_time().monotonic, uptime());
        assert!(before <= now + hundredth && now <= after + hundredth);
    }

    #[test]
    fn monotonic_clock_does_not_go_back() {
        let times: Vec<_> = (0..1000).map(|_| system_time().monotonic).collect();
        assert!(times.is_sorted());
        let times: Vec<_> = (0..1000).map(|_| since_first_call()).collect();
        assert!(times.is_sorted());
    }
}
