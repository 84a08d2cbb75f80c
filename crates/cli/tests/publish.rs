//! `edge-oauth publish`: jobs from their creation to their end. The local Edge's clock moves only if a test moves it by
//! hours, so no test waits.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

#[cfg(unix)]
use common::Ended;
use common::{Home, Run};
use edge_oauth_local::{Client, Fault, JobOutcome, LocalEdge, Options};
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3600);

/// A quarter of this time is the wait before a job runs.
const RUN: Duration = Duration::from_secs(4 * 3600);

/// Returns a server whose jobs end at once.
fn quick() -> LocalEdge {
    LocalEdge::start_with(Options::default().publishing_time(Duration::ZERO)).unwrap()
}

/// Returns a server whose jobs take hours of its clock.
fn slow() -> LocalEdge {
    LocalEdge::start_with(Options::default().publishing_time(RUN)).unwrap()
}

fn publish(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    home.run([&["publish"], arguments].concat()).edge(edge)
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

const ALL: [&str; 5] = ["all", "--locale", "en", "--name", "nightly"];
const WATCH: [&str; 3] = ["--wait", "--interval", "1ms"];

fn all(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    publish(home, edge, &[&ALL[..], arguments].concat())
}

fn watched(home: &Home, edge: &LocalEdge, arguments: &[&str]) -> Run {
    all(home, edge, &[&WATCH[..], arguments].concat())
}

/// Creates a job, and returns its id.
fn created(home: &Home, edge: &LocalEdge) -> String {
    all(home, edge, &[]).finish().quiet().trim_end().to_owned()
}

fn job(home: &Home, edge: &LocalEdge, id: &str) -> Value {
    let status = ["status", id, "-o", "json"];
    json_of(&publish(home, edge, &status).finish().quiet())
}

const ITEM: &str = "0DE95AE4-41AB-4D01-9EB0-67441B7C2450";
const OTHER: &str = "110d559fdea542ea9c1c8a5df7e70ef9";

fn advance(edge: &LocalEdge, hours: u32) {
    edge.advance(hours * HOUR);
}

// fault: wrong-path-of-the-apis
#[test]
fn error_names_the_request() {
    let (home, edge) = (Home::new(), quick());
    let id = created(&home, &edge);
    let wrong = format!("{}/wrong", edge.base_url());
    for (run, request) in [
        (all(&home, &edge, &[]), "POST"),
        (publish(&home, &edge, &["status", &id, "--wait"]), "GET"),
    ] {
        let err = run.env("SITECORE_EDGE_URL", &wrong).finish().fails(4);
        assert!(err.contains(&format!("({request} {wrong}/")), "{err}");
    }
}

#[test]
fn new_job_prints_its_id_alone() {
    let (home, edge) = (Home::new(), slow());
    let id = created(&home, &edge);
    assert!(id.starts_with("job_"), "{id}");
    let job = job(&home, &edge, &id);
    assert_eq!(job["name"], "nightly");
    assert_eq!(job["source"], "edge-oauth");
    let shown = json!({ "type": "Site", "mode": "Smart", "locales": ["en"] });
    assert_eq!(job["options"]["xmc"], shown);
    assert_eq!(edge.served().token_requests, 1);
}

#[test]
fn options_of_a_job_are_sent() {
    let (home, edge) = (Home::new(), slow());
    let run = |arguments: &[&str]| {
        let arguments = [arguments, &["-o", "json"]].concat();
        json_of(&publish(&home, &edge, &arguments).finish().quiet())
    };
    let braces = format!("{{{OTHER}}}");
    let items = run(&[
        "items",
        ITEM,
        &braces,
        "--locale",
        "en,da",
        "--locale",
        "de-DE",
        "--mode",
        "republish",
        "--children",
        "--related",
        "--source",
        "ci",
        "--description",
        "by hand",
    ]);
    assert!(items["name"].as_str().unwrap().starts_with("edge-oauth 20"));
    assert_eq!(
        (&items["source"], &items["description"]),
        (&json!("ci"), &json!("by hand"))
    );
    assert_eq!(
        items["options"],
        json!({
            "items": [{ "id": ITEM, "type": "Item" }, { "id": OTHER, "type": "Item" }],
            "xmc": { "type": "Items", "mode": "Republish", "locales": ["en", "da", "de-DE"] },
        })
    );
    let own = [format!("{ITEM}@en"), format!("{ITEM}@da")];
    let own = run(&["items", &own[0], &own[1]]);
    assert_eq!(
        own["options"]["items"][1],
        json!({ "id": ITEM, "type": "Item", "locale": "da" })
    );
    let queue = run(&["all", "--locale", "en", "--mode", "incremental"]);
    assert_eq!(queue["options"]["xmc"]["mode"], "Incremental");
}

// fault: item-without-a-guid
#[test]
fn wrong_options_are_refused_before_a_request() {
    let (home, edge) = (Home::new(), slow());
    let refused = |arguments: &[&str]| publish(&home, &edge, arguments).finish().fails(2);
    let all = refused(&["all"]);
    assert!(
        all.contains("use --locale") && !all.contains("ID@"),
        "{all}"
    );
    assert!(refused(&["items", "--locale", "en"]).contains("<ID>"));
    let with_locale = format!("{ITEM}@en");
    assert!(
        refused(&["items", OTHER, &with_locale])
            .contains("use --locale, such as --locale en, or ID@LOCALE")
    );
    let cut = format!("{{{ITEM}");
    for wrong in ["foo", "7", "", &ITEM[1..], &cut, "@en"] {
        let err = refused(&["items", wrong, "--locale", "en"]);
        assert!(err.contains("is a GUID"), "{wrong}: {err}");
    }
    assert!(refused(&["all", "--locale", "en", "--name", ""]).contains("--name is empty"));
    let hot = ["status", "job_1", "--wait", "--interval", "0s"];
    assert!(refused(&hot).contains("longer than 0s"));
    assert!(refused(&["status", "summary"]).contains("id is the path"));
    assert!(refused(&["list", "--since", "yesterday"]).contains("--since is not a date"));
    for needs_wait in [
        &["--wait-timeout", "1m"][..],
        &["--interval", "1s"],
        &["--cancel-on-interrupt"],
        &["--strict"],
    ] {
        let arguments = [&ALL[..], needs_wait].concat();
        assert!(refused(&arguments).contains("--wait"), "{needs_wait:?}");
    }
    assert_eq!(edge.served().token_requests, 0);
}

#[test]
fn watched_job_has_a_line_for_each_change() {
    let (home, edge) = (Home::new(), slow());
    let run = watched(&home, &edge, &[]).until_it_says("Queued");
    advance(&edge, 1);
    let run = run.until_it_says("Running");
    advance(&edge, 2);
    let run = run.until_it_says("1 of 3");
    advance(&edge, 3);
    let ended = run.finish();
    assert_eq!(ended.status, 0, "{ended:?}");
    let id = ended.out.trim_end();
    let lines = [
        "Queued",
        "Running",
        "Running, 1 of 3 items",
        "Completed, 3 of 3 items",
    ];
    let lines = lines.map(|line| format!("{id}: {line}\n"));
    assert_eq!(ended.err, lines.concat());
}

#[test]
fn watched_job_in_json_is_one_object_at_its_end() {
    let (home, edge) = (Home::new(), quick());
    // The longest times are no error.
    let long = ["--wait-timeout", "10000y", "--timeout", "10000y"];
    let ended = watched(&home, &edge, &[&["-o", "json"], &long[..]].concat()).finish();
    assert_eq!(ended.status, 0, "{ended:?}");
    let job = json_of(&ended.out);
    assert_eq!(job["system"]["status"], "Completed");
    assert_eq!(job["statistics"]["itemsProcessed"], 3);
}

#[test]
fn exit_status_says_how_a_job_ended() {
    let (home, edge) = (Home::new(), quick());
    edge.script_jobs([
        JobOutcome::Failed("no \u{1b}[31mstorage".to_owned()),
        JobOutcome::WithFailedItems(2),
        JobOutcome::WithFailedItems(1),
    ]);
    let failed = watched(&home, &edge, &[]).finish();
    assert_eq!(failed.status, 6, "{failed:?}");
    assert!(
        failed
            .err
            .contains("error: the job failed: no ?[31mstorage\n"),
        "{failed:?}"
    );
    assert!(failed.err.contains("try: publish again"), "{failed:?}");

    let warned = watched(&home, &edge, &[]).finish();
    assert_eq!(warned.status, 0, "{warned:?}");
    let warning = "warning: the job is completed, and 2 items failed";
    assert!(warned.err.contains(warning), "{warned:?}");
    assert!(
        warned.err.contains("Completed, 3 of 3 items, 2 failed"),
        "{warned:?}"
    );

    let strict = watched(&home, &edge, &["--strict"]).finish();
    assert_eq!(strict.status, 6, "{strict:?}");
    assert!(
        strict
            .err
            .contains("error: the job is completed, and 1 item failed"),
        "{strict:?}"
    );
    assert_eq!(watched(&home, &edge, &["--strict"]).finish().status, 0);
}

#[test]
fn job_that_another_run_cancels_has_a_status_of_its_own() {
    let (home, edge) = (Home::new(), slow());
    let id = created(&home, &edge);
    let watch = [&["status", &id], &WATCH[..]].concat();
    let run = publish(&home, &edge, &watch).until_it_says("Queued");
    let accepted = publish(&home, &edge, &["cancel", &id]).finish();
    assert_eq!(
        (accepted.status, accepted.out.as_str()),
        (0, ""),
        "{accepted:?}"
    );
    assert!(
        accepted.err.contains("accepted the request"),
        "{accepted:?}"
    );
    let run = run.until_it_says("Canceling");
    advance(&edge, 1);
    let ended = run.finish();
    assert_eq!(ended.status, 7, "{ended:?}");
    assert!(
        ended.err.contains("the job was canceled by local-client"),
        "{ended:?}"
    );
    assert!(ended.out.contains("status       Canceled"), "{ended:?}");
}

// fault: cancellation-of-an-ended-job
#[test]
fn cancel_waits_until_the_job_is_canceled() {
    let (home, edge) = (Home::new(), slow());
    let id = created(&home, &edge);
    let cancel = [&["cancel", &id], &WATCH[..]].concat();
    let run = publish(&home, &edge, &cancel).until_it_says("Canceling");
    advance(&edge, 1);
    let ended = run.finish();
    assert_eq!((ended.status, ended.out.as_str()), (0, ""), "{ended:?}");
    assert_eq!(job(&home, &edge, &id)["system"]["status"], "Canceled");

    let late = publish(&home, &edge, &["cancel", &id]).finish().fails(4);
    assert!(
        late.contains("the job has already ended, with the status Canceled"),
        "{late}"
    );
    let new = created(&home, &edge);
    edge.script_api([Fault::status(409)]).unwrap();
    let late = publish(&home, &edge, &["cancel", &new]).finish().fails(4);
    assert!(late.contains("the job may be about to end"), "{late}");
    let missing = publish(&home, &edge, &["cancel", "job_7"])
        .finish()
        .fails(4);
    assert!(
        missing.contains("try: run edge-oauth publish list"),
        "{missing}"
    );
}

#[test]
fn job_that_completes_in_spite_of_a_cancellation_is_no_success() {
    let (home, edge) = (Home::new(), slow());
    let id = created(&home, &edge);
    let completed = json!({ "id": id, "system": { "status": "Completed" } }).to_string();
    edge.script_api([Fault::none(), Fault::none().body(completed)])
        .unwrap();
    let cancel = [&["cancel", &id], &WATCH[..]].concat();
    let ended = publish(&home, &edge, &cancel).finish();
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(
        ended.err.contains("completed before it could be canceled"),
        "{ended:?}"
    );
}

// fault: job-status-without-end
#[test]
fn unknown_status_is_shown_and_watched_on() {
    let (home, edge) = (Home::new(), quick());
    let odd = |system: Value| {
        let job = json!({ "id": "job_7", "system": system });
        Fault::status(200).body(job.to_string())
    };
    edge.script_api([odd(json!({ "status": "Paus\u{1b}ed" })), odd(json!({}))])
        .unwrap();
    let watch = [&["status", "job_7"], &WATCH[..]].concat();
    let run = publish(&home, &edge, &watch).finish();
    assert!(
        run.err
            .starts_with("job_7: Paus?ed\njob_7: status unknown\n"),
        "{run:?}"
    );
    // The third look finds that there is no such job.
    assert_eq!(run.status, 4, "{run:?}");
}

#[test]
fn watch_that_runs_out_of_time_says_how_to_go_on() {
    let (home, edge) = (Home::new(), slow());
    let ended = watched(&home, &edge, &["--wait-timeout", "0s"]).finish();
    assert_eq!(ended.status, 5, "{ended:?}");
    let id = ended.out.trim_end();
    for text in [
        "the job has not ended in time, and goes on".to_owned(),
        "--wait-timeout".to_owned(),
        format!("edge-oauth publish status {id} --wait"),
        format!("edge-oauth publish cancel {id}"),
    ] {
        assert!(ended.err.contains(&text), "{text}: {ended:?}");
    }
    assert_eq!(job(&home, &edge, id)["system"]["status"], "Queued");
}

// fault: token-expired-during-a-watch
#[test]
fn expired_token_is_replaced_in_a_long_watch() {
    let options = Options::default().publishing_time(RUN);
    let edge = LocalEdge::start_with(options.lifetime(3 * HOUR)).unwrap();
    let home = Home::new();
    let run = watched(&home, &edge, &[]).until_it_says("Queued");
    advance(&edge, 1);
    let run = run.until_it_says("Running");
    assert_eq!(edge.served().token_requests, 1);
    advance(&edge, 5);
    let ended = run.finish();
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(
        ended.err.ends_with("Completed, 3 of 3 items\n"),
        "{ended:?}"
    );
    assert_eq!(edge.served().token_requests, 2);
}

// fault: failed-look-at-a-job
#[test]
fn failed_look_is_repeated_and_reported_once() {
    let (home, edge) = (Home::new(), quick());
    let id = created(&home, &edge);
    let watch = [&["status", &id], &WATCH[..]].concat();
    edge.script_api([
        Fault::status(503).header("retry-after", "0"),
        Fault::status(429),
        Fault::status(502).body("<html>"),
    ])
    .unwrap();
    let ended = publish(&home, &edge, &watch).finish();
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(ended.err.matches("warning").count(), 1, "{ended:?}");
    assert!(
        ended
            .err
            .contains("a look at the job failed and is repeated"),
        "{ended:?}"
    );

    edge.script_api((0..6).map(|_| Fault::status(503))).unwrap();
    let ended = publish(&home, &edge, &watch).finish();
    assert_eq!(ended.status, 4, "{ended:?}");
    let advice = format!("try: the job goes on: edge-oauth publish status {id} --wait");
    assert!(ended.err.contains(&advice), "{ended:?}");

    edge.script_api([Fault::status(403)]).unwrap();
    let ended = publish(&home, &edge, &watch).finish();
    assert_eq!(ended.status, 4, "{ended:?}");
    assert!(ended.err.contains("environment automation"), "{ended:?}");
}

// fault: failed-look-at-a-job
#[test]
fn wait_that_the_service_asks_for_is_obeyed() {
    let (home, edge) = (Home::new(), slow());
    let id = created(&home, &edge);
    let watch = [&["status", &id], &WATCH[..]].concat();
    for (fault, status) in [
        (Fault::status(503).header("retry-after", "7200"), 4),
        (Fault::none().header("retry-after", "7200"), 5),
    ] {
        let before = edge.served().api_requests;
        edge.script_api([fault]).unwrap();
        let ended = publish(&home, &edge, &watch).finish();
        // It is longer than the watch, so there is no second look.
        assert_eq!(ended.status, status, "{ended:?}");
        assert!(
            ended.err.contains("the job") && ended.err.contains("goes on"),
            "{ended:?}"
        );
        assert_eq!(edge.served().api_requests, before + 1);
    }
}

// fault: unknown-outcome-of-a-publication
#[test]
fn unknown_outcome_of_a_creation_is_not_repeated() {
    let (home, edge) = (Home::new(), slow());
    for fault in [
        Fault::status(504),
        Fault::none().body("<html>"),
        Fault::none().body("{"),
    ] {
        let before = edge.served().api_requests;
        let fault = fault.header("location", "/elsewhere");
        edge.script_api([fault]).unwrap();
        let err = watched(&home, &edge, &[]).finish().fails(4);
        let advice = r#"the job may exist: run edge-oauth publish list --source "edge-oauth", and look for the name "nightly""#;
        assert!(err.contains(advice), "{err}");
        assert_eq!(edge.served().api_requests, before + 1);
    }
    edge.script_api([Fault::status(400)]).unwrap();
    let err = watched(&home, &edge, &[]).finish().fails(4);
    assert!(!err.contains("may exist"), "{err}");
}

#[test]
fn job_without_a_body_is_found_by_location_or_by_name() {
    let (home, edge) = (Home::new(), quick());
    edge.script_api([Fault::none().body("")]).unwrap();
    assert_eq!(watched(&home, &edge, &[]).finish().status, 0);

    let edge = slow();
    edge.script_api([Fault::none().body("").header("location", "/elsewhere")])
        .unwrap();
    let id = created(&home, &edge);
    assert_eq!(job(&home, &edge, &id)["name"], "nightly");
    edge.script_api([Fault::status(202)]).unwrap();
    let other = ["all", "--locale", "en", "--name", "other"];
    let err = publish(&home, &edge, &other).finish().fails(1);
    assert!(err.contains("does not say its id"), "{err}");
}

// fault: unknown-status-in-a-filter
#[test]
fn unknown_status_is_an_error_unless_a_job_has_it() {
    let (home, edge) = (Home::new(), slow());
    created(&home, &edge);
    let list = |status: &[&str]| publish(&home, &edge, &[&["list"], status].concat()).finish();
    let err = list(&["--status", "quued"]).fails(2);
    assert!(err.contains("--status quued is unknown"), "{err}");
    assert!(
        err.contains("use one of Queued, Running, Canceling, Completed"),
        "{err}"
    );
    let some = list(&["--status", "quued", "--status", "queued"]);
    assert!(
        some.err.contains("warning: --status quued is unknown"),
        "{some:?}"
    );
    assert_eq!(some.ok().lines().count(), 2);
    assert_eq!(list(&["--status", "failed"]).err, "no job\n");
    let paused = r#"{"data":[{"id":"job_1","system":{"status":"Paused"}}],"totalCount":1}"#;
    edge.script_api([Fault::none().body(paused)]).unwrap();
    assert_eq!(list(&["--status", "Paused"]).err, "1 job\n");
}

#[test]
fn jobs_are_listed_filtered_and_limited() {
    let (home, edge) = (Home::new(), slow());
    let list =
        |arguments: &[&str]| publish(&home, &edge, &[&["list"], arguments].concat()).finish();
    let none = list(&[]);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "no job\n"));
    assert_eq!(list(&["-o", "json"]).quiet(), "[]\n");
    let ids: Vec<_> = (0..3).map(|_| created(&home, &edge)).collect();
    publish(&home, &edge, &["all", "--locale", "en", "--source", "ci"])
        .finish()
        .quiet();

    let all = list(&[]);
    assert_eq!(all.err, "4 jobs\n");
    let (header, rows) = all.out.split_once('\n').unwrap();
    assert!(header.starts_with("ID "), "{header}");
    assert_eq!(rows.lines().count(), 4);
    assert!(rows.contains(&ids[0]) && rows.contains("Queued"), "{rows}");

    let two = list(&["--limit", "2"]);
    assert_eq!(
        (two.out.lines().count(), two.err.as_str()),
        (3, "2 of 4 jobs\n")
    );
    assert_eq!(list(&["--limit", "0"]).out.lines().count(), 5);
    let ids_of = |arguments: &[&str]| -> Vec<String> {
        let jobs = json_of(&list(&[arguments, &["-o", "json"]].concat()).quiet());
        let jobs = jobs.as_array().unwrap().iter();
        jobs.map(|job| job["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let newest_first: Vec<_> = ids.iter().rev().cloned().collect();
    assert_eq!(ids_of(&["--source", "edge-oauth"]), newest_first);
    assert_eq!(ids_of(&["--status", "queued"]).len(), 4);
    assert!(ids_of(&["--status", "Failed", "--status", "Canceled"]).is_empty());
    assert_eq!(ids_of(&["--created-by", "local-client"]).len(), 4);
    assert_eq!(ids_of(&["--since", "2026-01-01"]).len(), 4);
    assert!(ids_of(&["--since", "9999-01-01"]).is_empty());
}

#[test]
fn list_reads_further_pages() {
    let (home, edge) = (Home::new(), slow());
    let page = |first: u32| {
        let jobs: Vec<_> = (first..first + 100)
            .map(|n| json!({ "id": format!("job_{n}") }))
            .collect();
        Fault::none().body(json!({ "data": jobs, "totalCount": 250 }).to_string())
    };
    // The list moves by one job meanwhile.
    edge.script_api([page(0), page(99), page(198)]).unwrap();
    let list = publish(&home, &edge, &["list", "--limit", "220"]).finish();
    assert_eq!(list.out.lines().count(), 221);
    assert_eq!(list.err, "220 of 250 jobs\n");
    assert_eq!(edge.served().api_requests, 3);
}

#[test]
fn status_shows_a_job_in_lines() {
    let (home, edge) = (Home::new(), quick());
    edge.script_jobs([JobOutcome::Failed("no storage".to_owned())]);
    let id = created(&home, &edge);
    let out = publish(&home, &edge, &["status", &id]).finish().quiet();
    for line in [
        &format!("  id          {id}"),
        "  status      Failed",
        "  items       3 of 3 items",
        "  failure     no storage",
        "  name        nightly",
        "  mode        Smart",
        "  locales     en",
        "  created by  local-client",
    ] {
        assert!(out.contains(&format!("{line}\n")), "{line}: {out}");
    }
    let missing = publish(&home, &edge, &["status", "job_7"])
        .finish()
        .fails(4);
    assert!(missing.contains("publish list"), "{missing}");
}

#[test]
fn client_of_another_kind_gets_a_hint() {
    let client = Client::default().scopes(["edge.content:clearall"]);
    let edge = LocalEdge::start_with(Options::default().client(client)).unwrap();
    let err = watched(&Home::new(), &edge, &[]).finish().fails(4);
    assert!(err.contains("environment automation"), "{err}");
    assert!(err.contains("xmcpub.jobs.a:w"), "{err}");
    assert_eq!(edge.served().api_requests, 1);
}

// fault: option-of-another-name
#[test]
fn option_that_has_another_name_here_is_suggested() {
    let home = Home::new();
    for command in ["publish all", "admin settings get", "keys list"] {
        for option in ["--key-file", "--body"] {
            let words = command.split(' ').chain([option, "x"]);
            let err = home.run(words).finish().fails(2);
            let tip = format!("'{}'", option.replacen("--", "--token-", 1));
            assert!(err.contains(&tip), "{command}: {err}");
            assert!(!err.contains("--key-id"), "{command}: {err}");
        }
    }
    let run = home.run(["serve", "--key-file", "x"]);
    let err = run.finish().fails(2);
    assert!(!err.contains("--token-key-file"), "{err}");
}

#[test]
fn token_of_another_server_is_not_sent_to_the_service() {
    let (home, edge) = (Home::new(), quick());
    let run = all(&home, &edge, &[]).env("SITECORE_EDGE_URL", "");
    let err = run.finish().fails(2);
    assert!(err.contains("no URL of the APIs"), "{err}");
    assert_eq!(edge.served().token_requests, 0);
}

#[cfg(unix)]
mod interrupted {
    use super::*;

    #[track_caller]
    fn assert_goes_on(ended: &Ended, status: i32) {
        assert_eq!(ended.status, status, "{ended:?}");
        let id = ended.out.trim_end();
        assert!(
            ended.err.contains("interrupted: the job goes on"),
            "{ended:?}"
        );
        let advice = format!("edge-oauth publish status {id} --wait");
        assert!(ended.err.contains(&advice), "{ended:?}");
    }

    // fault: interrupted-watch
    #[test]
    fn interrupted_watch_leaves_the_job_and_says_how_to_go_on() {
        for (signal, status) in [("-INT", 130), ("-TERM", 143)] {
            let (home, edge) = (Home::new(), slow());
            let run = watched(&home, &edge, &[]).until_it_says("Queued");
            let ended = run.signal(signal).finish();
            assert_goes_on(&ended, status);
            let job = job(&home, &edge, ended.out.trim_end());
            assert_eq!(job["system"]["status"], "Queued");
        }
    }

    // fault: interrupted-watch
    #[test]
    fn interrupted_watch_ends_while_the_server_hangs() {
        let (home, edge) = (Home::new(), slow());
        // The creation, a look, and a look without an end.
        let hang = Fault::delay(Duration::MAX);
        edge.script_api([Fault::none(), Fault::none(), hang])
            .unwrap();
        let run = watched(&home, &edge, &["--timeout", "1h"]).until_it_says("Queued");
        edge.wait_for_api_requests(3);
        assert_goes_on(&run.signal("-INT").finish(), 130);
    }

    // fault: interrupted-watch
    #[test]
    fn interrupted_watch_cancels_the_job_if_asked_to() {
        let (home, edge) = (Home::new(), slow());
        let run = watched(&home, &edge, &["--cancel-on-interrupt"]).until_it_says("Queued");
        let run = run.signal("-INT").until_it_says("Canceling");
        advance(&edge, 1);
        let ended = run.finish();
        assert_eq!(ended.status, 130, "{ended:?}");
        assert!(
            ended.err.ends_with("error: the job is canceled\n"),
            "{ended:?}"
        );
        let job = job(&home, &edge, ended.out.trim_end());
        assert_eq!(job["system"]["status"], "Canceled");
    }

    // fault: interrupted-watch
    #[test]
    fn second_interrupt_ends_the_watch_at_once() {
        let (home, edge) = (Home::new(), slow());
        let run = watched(&home, &edge, &["--cancel-on-interrupt"]).until_it_says("Queued");
        let run = run.signal("-INT").until_it_says("Canceling");
        let ended = run.signal("-INT").finish();
        assert_eq!(ended.status, 130, "{ended:?}");
        let job = job(&home, &edge, ended.out.trim_end());
        assert_eq!(job["system"]["status"], "Canceling");
    }

    #[test]
    fn job_that_is_too_late_to_cancel_goes_on() {
        let (home, edge) = (Home::new(), slow());
        let run = watched(&home, &edge, &["--cancel-on-interrupt"]).until_it_says("Queued");
        advance(&edge, 1);
        let run = run.until_it_says("Running");
        advance(&edge, 3);
        let run = run.until_it_says("2 of 3 items");
        let ended = run.signal("-INT").finish();
        assert!(
            ended.err.contains("warning: the job is not canceled: "),
            "{ended:?}"
        );
        assert_goes_on(&ended, 130);
    }

    #[test]
    fn terminal_has_a_line_that_moves_and_a_last_line() {
        let (home, edge) = (Home::new(), quick());
        let arguments = [&["publish"], &ALL[..], &WATCH].concat();
        let run = home.run_on_terminal(("", ""), &arguments);
        let shown = run.edge(&edge).env("TERM", "xterm").finish().ok();
        assert!(shown.contains("Completed, 3 of 3 items ["), "{shown}");
        assert!(shown.ends_with(": Completed, 3 of 3 items\r\n"), "{shown}");
    }
}

// fault: job-on-a-full-disk
#[cfg(target_os = "linux")]
#[test]
fn id_of_a_job_is_not_lost_on_a_full_disk() {
    let (home, edge) = (Home::new(), slow());
    for output in ["text", "json"] {
        let line = format!("exec \"$0\" publish all --locale en -o {output} > /dev/full");
        let run = home.run_other("sh").args(["-c", &line, common::PROGRAM]);
        let err = run.edge(&edge).finish().fails(1);
        assert!(err.contains("run edge-oauth publish status job_"), "{err}");
    }
}
