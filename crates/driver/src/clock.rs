//! The machine's two clocks.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use edge_oauth_no_io::Moment;

/// Reads the machine's clocks.
///
/// On Linux and Android the monotonic clock is `CLOCK_BOOTTIME`, which counts suspend. Elsewhere it is [`Instant`], which
/// counts suspend on Windows and not on macOS.
///
/// On Linux and Android the wall clock is `CLOCK_REALTIME_COARSE`: the time of the kernel's last tick, at most 10 ms ago,
/// and is cheaper to read. The margins before an expiry are seconds, and a step of the clock shows at once. The
/// monotonic clock has no coarse form that counts suspend, so it stays precise: a sleep shows at once by both clocks.
pub fn system_time() -> Moment {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let (boot, tick) = (since_boot(), at_last_tick());
    // The standard library has no such clocks.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let (boot, tick) = (None, None);
    Moment {
        monotonic: boot.unwrap_or_else(since_first_call),
        wall: tick.unwrap_or_else(since_1970),
    }
}

/// Returns the time since the machine was booted, suspend included.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn since_boot() -> Option<Duration> {
    read(rustix::time::DynamicClockId::Boottime)
}

/// Returns the wall clock as of the last tick.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn at_last_tick() -> Option<Duration> {
    use rustix::time::{ClockId, DynamicClockId};

    read(DynamicClockId::Known(ClockId::RealtimeCoarse))
}

/// The infallible call of rustix panics if a sandbox denies a clock.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[inline]
fn read(clock: rustix::time::DynamicClockId<'_>) -> Option<Duration> {
    let time = rustix::time::clock_gettime_dynamic(clock).ok()?;
    // A time before 1970 is none.
    time.try_into().ok()
}

fn since_1970() -> Duration {
    // A clock before 1970 reads as 1970: the other one still counts.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
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
    fn wall_clock_is_the_system_time_within_a_second() {
        let second = Duration::from_secs(1);
        let (before, now, after) = (since_1970(), system_time().wall, since_1970());
        assert!(before <= now + second && now <= after + second);
    }

    /// A precise clock would be past the last tick in most of these.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[test]
    fn wall_clock_is_that_of_the_last_tick() {
        for _ in 0..1000 {
            let (now, tick) = (system_time().wall, at_last_tick().unwrap());
            assert!(now <= tick);
        }
    }

    #[test]
    fn monotonic_clock_does_not_go_back() {
        let times: Vec<_> = (0..1000).map(|_| system_time().monotonic).collect();
        assert!(times.is_sorted());
        let times: Vec<_> = (0..1000).map(|_| since_first_call()).collect();
        assert!(times.is_sorted() && times[0] < times[999]);
    }
}
