//! The metrics of the feature `metrics` against their contract, docs/guide/metrics.md. In a file of its own, since the
//! recorder is of the whole process: each test has client ids of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "observed/contract.rs"]
mod contract;
#[path = "observed/recorder.rs"]
mod recorder;
#[path = "observed/stories.rs"]
mod stories;

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::Duration;

use edge_oauth_driver::blocking::TokenSource;
use edge_oauth_driver::nonblocking;
use edge_oauth_driver::testing::{Clock, ScriptedTransport, block_on};
use http::Response;

use contract::{documented, documented_values, names_in};
use recorder::{Panicking, Recorder};
use stories::{LIFETIME, Script, another_token, config, every_story, token};

const REQUESTS: &str = "edge_oauth_token_requests_total";
const EXPIRY: &str = "edge_oauth_token_expiry_timestamp_seconds";
const WAITING: &str = "edge_oauth_waiting_callers";
const LOST: &str = "edge_oauth_token_requests_lost_total";
const QUOTA: &str = "edge_oauth_quota_remaining";

#[test]
fn guide_lists_each_metric_with_its_kind_labels_and_description() {
    let recorder = Recorder::install();
    every_story("contract");
    let recorded: BTreeSet<_> = recorder.metrics().collect();
    let documented: BTreeSet<_> = documented().collect();
    assert_eq!(recorded, documented);
}

#[test]
fn each_counter_counts_in_some_story() {
    let recorder = Recorder::install();
    every_story("counted");
    let counters = documented().filter(|metric| metric.kind == "counter");
    for counter in counters {
        let stories = ["outages", "unsigned", "lifetime", "lost", "store", "broken"];
        let of_story = |story| recorder.sum(&counter.name, &format!("counted-{story}"), &[]);
        let sum: f64 = stories.into_iter().map(of_story).sum();
        assert!(sum > 0.0, "{counter:?}");
    }
    for reason in ["cancelled", "lapsed"] {
        let lost = recorder.sum(LOST, "counted-lost", &[("reason", reason)]);
        assert!(lost > 0.0, "{reason}");
    }
}

#[test]
fn quota_of_each_bucket_is_what_the_server_said() {
    let recorder = Recorder::install();
    let source = TokenSource::new(Script::tokens(), config("quotas"));
    source.token().unwrap();
    let rows = [
        ("rate", "none", 41.0),
        ("organization", "per_day", 8.0),
        ("client", "per_second", 1.0),
        ("client", "per_minute", 2.0),
        ("client", "per_hour", 3.0),
        ("client", "per_month", 4.0),
        ("client", "other", 5.0),
    ];
    for (quota, bucket, remaining) in rows {
        let labels = [("quota", quota), ("bucket", bucket)];
        let shown = recorder.sum(QUOTA, "quotas", &labels);
        assert_eq!(shown, remaining, "{quota} {bucket}");
    }
}

#[test]
fn guide_lists_each_value_of_a_label() {
    let recorder = Recorder::install();
    every_story("values");
    let common = ["host", "client_id", "cache_key"];
    let recorded: BTreeSet<_> = recorder
        .labels()
        .filter(|(name, _)| !common.contains(&name.as_str()))
        .collect();
    let documented: BTreeSet<_> = documented_values().collect();
    assert_eq!(recorded, documented);
}

#[test]
fn alerts_dashboard_and_scrape_name_each_documented_metric_and_no_other() {
    let documented: BTreeSet<_> = documented().map(|metric| metric.name).collect();
    assert_eq!(names_in(&["alerts.yml", "dashboard.json"]), documented);
    assert_eq!(names_in(&["scrape.txt"]), documented);
}

// fault: metric-label-repeats-a-secret
#[test]
fn labels_repeat_no_secret() {
    let recorder = Recorder::install();
    every_story("secrets");
    let shown = recorder.everything();
    assert!(shown.contains("secrets-"), "{shown}");
    for secret in stories::SECRETS {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}

#[test]
fn cached_token_calls_no_recorder() {
    let source = TokenSource::new(Script::tokens(), config("cached"));
    let counts = recorder::Counting::default();
    metrics::with_local_recorder(&counts, || {
        source.token().unwrap();
        let before = counts.calls();
        assert!(before > 0, "the request was counted");
        for _ in 0..1000 {
            source.token().unwrap();
            source.authorization().unwrap();
            source.try_token().unwrap();
        }
        assert_eq!(counts.calls(), before);
    });
}

#[test]
fn requests_are_counted_by_outcome_and_culprit() {
    let recorder = Recorder::install();
    let clock = Clock::new();
    let (script, sent) = Script::counted(["503", "closed", "401", "token"]);
    let source = TokenSource::builder(config("outcomes"))
        .runtime(clock.clone())
        .build(script);
    source.token().unwrap_err();
    clock.advance(Duration::from_secs(60));
    source.token().unwrap();

    let count = |labels: &[(&str, &str)]| recorder.sum(REQUESTS, "outcomes", labels);
    assert_eq!(count(&[("outcome", "token"), ("culprit", "none")]), 1.0);
    assert_eq!(
        count(&[("outcome", "transient_error"), ("culprit", "server")]),
        1.0
    );
    assert_eq!(
        count(&[("outcome", "transient_error"), ("culprit", "network")]),
        1.0
    );
    assert_eq!(
        count(&[("outcome", "permanent_error"), ("culprit", "config")]),
        1.0
    );
    assert_eq!(count(&[]), f64::from(sent.get()));
    assert_eq!(
        recorder.sum("edge_oauth_token_retries_total", "outcomes", &[]),
        3.0
    );
    assert_eq!(
        recorder
            .samples("edge_oauth_backoff_seconds", "outcomes")
            .len(),
        3
    );
}

#[test]
fn counters_start_at_zero_before_the_first_event() {
    let recorder = Recorder::install();
    let _source = TokenSource::new(Script::tokens(), config("zero"));
    let series = recorder.series("zero");
    assert_eq!(series, 28);
    assert_eq!(recorder.sum(REQUESTS, "zero", &[]), 0.0);
}

#[test]
fn expiry_follows_the_cached_token_until_it_is_gone() {
    let recorder = Recorder::install();
    let clock = Clock::new();
    let source = TokenSource::builder(config("expiry"))
        .runtime(clock.clone())
        .build(Script::tokens());
    let expiry = || recorder.sum(EXPIRY, "expiry", &[]);
    let remaining = || expiry() - clock.now().wall.as_secs_f64();
    assert_eq!(expiry(), 0.0);
    source.token().unwrap();
    assert_eq!(remaining(), LIFETIME as f64);
    clock.advance(Duration::from_secs(100));
    assert_eq!(remaining(), LIFETIME as f64 - 100.0);
    let stored = source.export().unwrap();
    let token = source.refresh().unwrap();
    assert_eq!(remaining(), LIFETIME as f64);
    source.invalidate(&token);
    assert_eq!(expiry(), 0.0);
    assert!(source.restore(&another_token(&stored)));
    assert_eq!(remaining(), LIFETIME as f64 - 100.0);
    source.replace_config(config("another"));
    assert_eq!(
        expiry(),
        0.0,
        "the token of the old configuration is dropped"
    );
    source.token().unwrap();
    assert_ne!(recorder.sum(EXPIRY, "another", &[]), 0.0);
    drop(source);
    assert_eq!(recorder.sum(EXPIRY, "another", &[]), 0.0);
}

#[test]
fn callers_are_counted_while_they_wait() {
    let recorder = Recorder::install();
    let waiting = || recorder.sum(WAITING, "waiting", &[]);
    // A server that responds once it may.
    let held = || {
        let (asked, is_asked) = mpsc::channel();
        let (go, goes) = mpsc::channel::<()>();
        let transport = ScriptedTransport::new(move |_| {
            asked.send(()).unwrap();
            goes.recv().unwrap();
            Ok(Response::new(token("abc").into_bytes()))
        });
        (transport, is_asked, go)
    };

    let (transport, is_asked, go) = held();
    let source = TokenSource::new(transport, config("waiting"));
    let counted = std::thread::scope(|scope| {
        let caller = scope.spawn(|| source.token());
        is_asked.recv().unwrap();
        let counted = waiting();
        go.send(()).unwrap();
        caller.join().unwrap().unwrap();
        counted
    });
    assert_eq!((counted, waiting()), (1.0, 0.0));

    let (transport, _is_asked, go) = held();
    let source = nonblocking::Builder::new(config("waiting"), Clock::manual()).build(transport);
    let mut caller = pin!(source.token());
    let first = caller
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    let counted = waiting();
    go.send(()).unwrap();
    assert!(first.is_pending());
    block_on(caller).unwrap();
    assert_eq!((counted, waiting()), (1.0, 0.0));
}

// fault: metrics-recorder-panics
#[test]
fn recorder_that_panics_costs_no_caller_its_token() {
    metrics::with_local_recorder(&Panicking, || {
        let clock = Clock::new();
        let source = TokenSource::builder(config("panics"))
            .runtime(clock.clone())
            .build(Script::tokens());
        let token = source.token().unwrap();
        source.invalidate(&token);
        clock.advance(Duration::from_secs(2));
        source.token().unwrap();
    });
}
