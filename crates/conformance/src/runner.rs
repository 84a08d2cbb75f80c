//! Runs one case: in an environment without a proxy, with a time limit, and with the logs searched for secrets.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{panic, thread};

use crate::cases::{Case, find, proxy_variables};
use crate::child_process;
use crate::secrecy::watch::watch;
use crate::subject::{OverTls, Subject};

/// Runs one case, such as `tls::expired_certificate_is_rejected`. `module` is the module that the
/// test of the same name stands in. [`suite!`](crate::suite) calls it.
#[doc(hidden)]
pub fn run<S: Subject>(module: &str, case: &str) {
    let test = test_name(module, case);
    if !child_process::is_child() {
        if case.starts_with("proxy_variables::") {
            return proxy_variables::behind_a_proxy(&test, case);
        }
        if child_process::has_proxy() {
            return child_process::in_child(&test, &[]);
        }
    }
    watched(&test, find::<S>(case));
}

/// Runs a test of your own in the way of the cases: without a proxy of the environment, for two minutes at most, and it
/// fails if a secret is logged. `module` is the `module_path!()` of the test, and `name` is its name.
pub fn run_watched(module: &str, name: &str, test: fn()) {
    let path = test_name(module, name);
    if !child_process::is_child() && child_process::has_proxy() {
        return child_process::in_child(&path, &[]);
    }
    watched(&path, test);
}

/// The same with a peer that speaks TLS.
#[doc(hidden)]
pub fn run_over_tls<S: Subject>(module: &str, case: &str) {
    run::<OverTls<S>>(module, case);
}

/// It begins below its crate, and ends with its function.
fn test_name(module: &str, case: &str) -> String {
    let name = case.split("::").last().unwrap();
    match module.split_once("::") {
        Some((_, module)) => format!("{module}::{name}"),
        None => name.to_owned(),
    }
}

/// Runs a case, which may hang for so long, and may have nothing secret logged.
fn watched(test: &str, case: Case) {
    let watch = watch();
    within(PATIENCE, test, case);
    watch.assert_silent();
}

/// A case that hangs fails, instead of the whole run.
fn within(patience: Duration, test: &str, case: Case) {
    let (done, wait) = channel::<()>();
    let thread = thread::Builder::new().name(test.to_owned());
    let run = move || {
        let _done = done;
        case();
    };
    let thread = thread.spawn(run).unwrap();
    match wait.recv_timeout(patience) {
        Err(RecvTimeoutError::Timeout) => panic!("the case does not end"),
        _ => {
            if let Err(panicked) = thread.join() {
                panic::resume_unwind(panicked);
            }
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(120);
