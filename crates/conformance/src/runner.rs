//! Runs one case: in an environment without a proxy, with a time limit, and with the logs searched for secrets.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{panic, thread};

use crate::cases::{Case, find, proxy_variables};
use crate::child_process;
use crate::secrecy::watch::watch;
use crate::subject::{OverTls, Subject};

/// Runs one case, such as `tls::expired_certificate_is_rejected`. `module` is the module that the
/// test of the same name belongs to. [`suite!`](crate::suite) calls it.
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

/// Runs a test of your own like a case: without a proxy of the environment, for two minutes at most. The test fails if a
/// secret is logged. `module` is the `module_path!()` of the test, and `name` is its name.
pub fn run_watched(module: &str, name: &str, test: fn()) {
    let path = test_name(module, name);
    if !child_process::is_child() && child_process::has_proxy() {
        return child_process::in_child(&path, &[]);
    }
    watched(&path, test);
}

/// Runs one case with servers that speak TLS.
#[doc(hidden)]
pub fn run_over_tls<S: Subject>(module: &str, case: &str) {
    run::<OverTls<S>>(module, case);
}

/// Returns the path of a test below its crate, with the name of its function.
fn test_name(module: &str, case: &str) -> String {
    let name = case.split("::").last().unwrap();
    match module.split_once("::") {
        Some((_, module)) => format!("{module}::{name}"),
        None => name.to_owned(),
    }
}

/// Runs a case with the time limit, and fails if a secret was logged.
fn watched(test: &str, case: Case) {
    let watch = watch();
    within(TIME_LIMIT, test, case);
    watch.assert_no_secret_logged();
}

/// Fails if the case exceeds the time limit, so that one case cannot block the whole run.
fn within(limit: Duration, test: &str, case: Case) {
    let (done, wait) = channel::<()>();
    let thread = thread::Builder::new().name(test.to_owned());
    let run = move || {
        let _done = done;
        case();
    };
    let thread = thread.spawn(run).unwrap();
    match wait.recv_timeout(limit) {
        Err(RecvTimeoutError::Timeout) => panic!("the case exceeds its time limit of {limit:?}"),
        _ => {
            if let Err(panicked) = thread.join() {
                panic::resume_unwind(panicked);
            }
        }
    }
}

const TIME_LIMIT: Duration = Duration::from_secs(120);
