//! The output of a panic: its place, without its message and without a core dump.

use std::panic::{self, PanicHookInfo};

use crate::output::terminal;

/// Installs the hook. A panic then prints its place and not its message, which may contain a secret. Core dumps are
/// turned off, since they contain all memory.
pub(crate) fn install() {
    panic::set_hook(Box::new(report));
    cores::forbid();
}

/// Starts another program, which may dump its core within the original limit. Until it has started, this program may
/// too.
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
        Some("report it, with that place"),
        PANIC,
    );
}

/// The exit status of a panic.
const PANIC: u8 = if cfg!(panic = "abort") { 134 } else { 101 };

#[cfg(unix)]
mod cores {
    use std::sync::OnceLock;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    /// Lowers the soft limit, which every user may do.
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

    /// Sets the limit. A failure leaves core dumps as they were.
    fn set(limit: Rlimit) {
        let _ = setrlimit(Resource::Core, limit);
    }

    static BEFORE: OnceLock<Rlimit> = OnceLock::new();

    /// A core dump is larger than one byte. If Linux pipes core dumps to a program (core(5)), it ignores this limit,
    /// 0 included, except for 1 (fs/coredump.c).
    const LEAST: u64 = 1;
}

/// Other systems have no core dumps.
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
    fn panic_prints_its_place_without_its_message() {
        if env::var_os(CHILD).is_some() {
            install();
            panic!("n0-such-secret");
        }
        let test = "panic_hook::tests::panic_prints_its_place_without_its_message";
        let mut child = Command::new(env::current_exe().unwrap());
        let child = child.args([test, "--exact", "--nocapture"]).env(CHILD, "1");
        let output = child.env("RUST_BACKTRACE", "full").output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(told.contains("panic_hook.rs:"), "{told}");
        assert!(!told.contains("n0-such-secret"), "{told}");
    }
}
