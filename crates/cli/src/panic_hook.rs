//! What is left of the program where it crashes: the place of the fault, and nothing of what it held.

use std::panic::{self, PanicHookInfo};

use crate::output::terminal;

/// From here on a panic tells where it was, since what it says may be anything; and no core is dumped, since
/// that would be all of the memory.
pub(crate) fn install() {
    panic::set_hook(Box::new(report));
    cores::forbid();
}

/// Runs what starts another program, which may dump its core as far as ours might have; until it has started,
/// ours may too.
pub(crate) fn with_core_dumps<T>(start: impl FnOnce() -> T) -> T {
    cores::allow();
    let started = start();
    cores::forbid();
    started
}

fn report(panicked: &PanicHookInfo<'_>) {
    let place = panicked.location().map(ToString::to_string);
    terminal::error(
        &format!(
            "this is a fault of edge-oauth {}, at {}",
            env!("CARGO_PKG_VERSION"),
            place.as_deref().unwrap_or("an unknown place")
        ),
        Some("to report it, with that place"),
    );
}

#[cfg(unix)]
mod cores {
    use std::sync::OnceLock;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Lowers the soft limit, which everyone may.
    pub(super) fn forbid() {
        let before = BEFORE.get_or_init(|| getrlimit(Resource::Core));
        set(Rlimit {
            current: Some(before.maximum.unwrap_or(LEAST).min(LEAST)),
            ..*before
        });
    }

    pub(super) fn allow() {
        if let Some(before) = BEFORE.get() {
            set(*before);
        }
    }

    /// Where it cannot be set, the program is none the worse for it.
    fn set(limit: Rlimit) {
        let _ = setrlimit(Resource::Core, limit);
    }

    static BEFORE: OnceLock<Rlimit> = OnceLock::new();

    /// No core is as small as one byte. And where Linux hands cores to a program, as core(5) says, it does so
    /// whatever this limit is, 0 included, but for 1 (fs/coredump.c).
    const LEAST: u64 = 1;
}

/// There are none.
#[cfg(not(unix))]
mod cores {
    pub(super) fn forbid() {}

    pub(super) fn allow() {}
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use super::*;

    const CHILD: &str = "EDGE_OAUTH_TEST_CRASH";

    // fault: panic-of-the-program
    #[test]
    fn a_panic_tells_where_it_was_and_not_what_it_says() {
        if env::var_os(CHILD).is_some() {
            install();
            panic!("n0-such-secret");
        }
        let test = "panic_hook::tests::a_panic_tells_where_it_was_and_not_what_it_says";
        let mut child = Command::new(env::current_exe().unwrap());
        let child = child.args([test, "--exact", "--nocapture"]).env(CHILD, "1");
        let output = child.env("RUST_BACKTRACE", "full").output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(told.contains("panic_hook.rs:"), "{told}");
        assert!(!told.contains("n0-such-secret"), "{told}");
    }
}
