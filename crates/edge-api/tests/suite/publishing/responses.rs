//! Known and possible responses are read. The service varies, and parts of it are not documented.

use edge_oauth_no_io::{ApiError, Operation};
use experience_edge_api::{JobFilter, JobStatistics, JobStatus};
use http::{Response, StatusCode};

use super::{JOB_JSON, nightly, publishing};
use crate::support::{parsed, response};

#[test]
fn job_is_read_in_full() {
    let job = parsed(&publishing().job("job_7").unwrap(), JOB_JSON).unwrap();
    assert_eq!(job.id(), "job_0123456789abcdef0123456789abcdef");
    assert_eq!((job.name(), job.source()), ("nightly", "ci"));
    assert_eq!(job.description(), Some("all"));
    assert_eq!(job.status(), JobStatus::Completed);
    assert_eq!(job.queued_time(), Some("2026-01-02T03:04:05Z"));
    assert_eq!(job.start_time(), Some("2026-01-02T03:04:06Z"));
    assert_eq!(job.finish_time(), Some("2026-01-02T03:06:00Z"));
    let creator = job.created_by().unwrap();
    assert_eq!(creator.id.as_deref(), Some("client-7"));
    assert_eq!(creator.name.as_deref(), Some("CI"));
    assert_eq!(creator.kind.as_deref(), Some("Application"));
    assert_eq!(job.canceled_by(), None);
    let numbers = job.statistics();
    assert_eq!(
        [
            numbers.items_sent,
            numbers.items_processed,
            numbers.items_failed,
            numbers.additional_items_sent,
            numbers.items_acknowledged,
            numbers.items_deleted,
            numbers.items_skipped,
            numbers.total_count,
        ],
        [30, 28, 2, 4, 27, 1, 5, 0].map(|count| (count > 0).then_some(count))
    );
    assert_eq!(job.mode().as_deref(), Some("Smart"));
    assert_eq!(job.locales(), ["en", "de-DE"]);
    assert_eq!(job.can_cancel(), Some(true));
    assert!(job.failure_reasons().is_empty());
    assert!(job.to_json().contains("somethingNew"));
}

#[test]
fn job_with_an_id_alone_is_a_job() {
    let get = publishing().job("job_7").unwrap();
    for body in [
        r#"{"id":"job_7"}"#,
        r#"{"Id":"job_7","statistics":null,"system":null}"#,
        r#"{"id":"job_7","statistics":"none","system":{},"options":[],"permissions":7}"#,
    ] {
        let job = parsed(&get, body).unwrap();
        assert_eq!(job.id(), "job_7");
        assert_eq!(job.status(), JobStatus::Other(String::new()));
        assert_eq!(job.statistics(), JobStatistics::default());
        assert_eq!((job.mode(), job.locales()), (None, vec![]));
        assert_eq!((job.created_by(), job.can_cancel()), (None, None));
    }
}

#[test]
fn mode_is_read_in_the_form_of_a_request_too() {
    let get = publishing().job("job_7").unwrap();
    for part in ["site", "items"] {
        let body = format!(
            r#"{{"id":"job_7","options":{{"xmc":{{"{part}":{{"mode":"Republish"}},"locales":["en",7]}}}}}}"#
        );
        let job = parsed(&get, &body).unwrap();
        assert_eq!(job.mode().as_deref(), Some("Republish"));
        assert_eq!(job.locales(), ["en"]);
    }
}

#[test]
fn older_names_of_the_numbers_are_read() {
    let get = publishing().job("job_7").unwrap();
    let body = r#"{"id":"job_7","statistics":{"processedCount":3,"totalCount":9}}"#;
    let numbers = parsed(&get, body).unwrap().statistics();
    assert_eq!(
        (numbers.items_processed, numbers.total_count),
        (Some(3), Some(9))
    );
}

// fault: number-in-another-form
#[test]
fn number_is_read_with_a_fraction_of_zero_and_as_text() {
    let get = publishing().job("job_7").unwrap();
    let body = r#"{"id":"job_7","statistics":{"itemsSent":12.0,"itemsProcessed":"11","itemsFailed":1e0,"totalCount":1.5,"xmc":{"itemsSkipped":18446744073709551615,"itemsDeleted":-1}}}"#;
    let numbers = parsed(&get, body).unwrap().statistics();
    assert_eq!(numbers.items_sent, Some(12));
    assert_eq!(numbers.items_processed, Some(11));
    assert_eq!(numbers.items_failed, Some(1));
    assert_eq!(numbers.items_skipped, Some(u64::MAX));
    assert_eq!((numbers.total_count, numbers.items_deleted), (None, None));

    let summary = publishing().job_summary(None).unwrap();
    let counts = parsed(&summary, r#"{"counts":{"queued":2.0,"failed":"3"}}"#).unwrap();
    assert_eq!((counts.queued, counts.failed), (2, 3));
}

// fault: job-status-without-end
#[test]
fn status_is_read_in_any_letter_case_and_an_unknown_one_is_no_end() {
    for (text, is_final) in [
        ("Queued", false),
        ("running", false),
        ("CANCELING", false),
        ("Completed", true),
        ("failed", true),
        ("Canceled", true),
        ("Paused", false),
        ("", false),
    ] {
        let get = publishing().job("job_7").unwrap();
        let body = format!(r#"{{"id":"job_7","system":{{"status":"{text}"}}}}"#);
        let status = parsed(&get, &body).unwrap().status();
        assert_eq!(status.is_final(), is_final, "{text}");
        assert!(status.to_string().eq_ignore_ascii_case(text));
    }
}

#[test]
fn failure_reasons_are_found_in_each_place_and_form() {
    let get = publishing().job("job_7").unwrap();
    for (body, reasons) in [
        (
            r#""system":{"failureReason":"no storage"}"#,
            &["no storage"][..],
        ),
        (
            r#""system":{"failureReason":{"code":7}}"#,
            &[r#"{"code":7}"#],
        ),
        (
            r#""statistics":{"xmc":{"errors":["one",{"message":"two"}]}}"#,
            &["one", "two"],
        ),
        (
            r#""system":{"failureReason":null},"statistics":{"xmc":{"errors":[]}}"#,
            &[],
        ),
        (
            r#""system":{"failureReason":" "},"statistics":{"xmc":{"errors":[null,"","one"]}}"#,
            &["one"],
        ),
    ] {
        let job = parsed(&get, &format!(r#"{{"id":"job_7",{body}}}"#)).unwrap();
        assert_eq!(job.failure_reasons(), reasons, "{body}");
    }
}

#[test]
fn created_job_is_read_from_the_body_or_from_location() {
    let create = publishing().create_job(&nightly()).unwrap();
    for status in [200, 201, 202] {
        let job = create.parse(&response(status, JOB_JSON)).unwrap().unwrap();
        assert_eq!(job.status(), JobStatus::Completed);
    }
    for location in [
        "/authoring/publishing/v1/jobs/job_7",
        "https://edge-platform.sitecorecloud.io/authoring/publishing/v1/jobs/job%5F7/?a=b",
    ] {
        for body in ["", " \r\n", "{}", r#"{"accepted":true}"#, "OK"] {
            let response = located(location, body);
            let job = create.parse(&response).unwrap().unwrap();
            assert_eq!(
                (job.id(), job.name(), job.source()),
                ("job_7", "nightly", "suite")
            );
        }
        let own = located(location, JOB_JSON);
        assert_eq!(create.parse(&own).unwrap().unwrap().source(), "ci");
    }
    for location in ["/elsewhere", "/authoring/publishing/v1/jobs/", "/jobs/a/b"] {
        assert_eq!(create.parse(&located(location, "")), Ok(None), "{location}");
    }
    assert_eq!(create.parse(&response(202, "")), Ok(None));
    assert!(create.parse(&response(202, "{}")).is_err());
}

fn located(location: &str, body: &str) -> Response<Vec<u8>> {
    let mut response = response(202, body);
    let location = location.parse().unwrap();
    response.headers_mut().insert("location", location);
    response
}

#[test]
fn accepted_cancellation_has_no_body() {
    let cancel = publishing().cancel_job("job_7").unwrap();
    for status in [200, 202, 204] {
        for body in ["", "true", "{}", JOB_JSON] {
            assert_eq!(cancel.parse(&response(status, body)), Ok(()));
        }
    }
    assert!(cancel.parse(&response(202, "false")).is_err());
}

#[test]
fn conflict_has_the_words_of_the_service() {
    let body = r#"{"type":"https://datatracker.ietf.org/doc/html/rfc9110#name-409-conflict","title":"Conflict","status":409,"detail":"The job cannot be canceled. 'Job status: Completed', ItemsSendingComplete: True.","instance":"POST /api/publishing/v1/jobs/job_7/cancel","traceId":"0123456789abcdef0123456789abcdef"}"#;
    let cancel = publishing().cancel_job("job_7").unwrap();
    let error = cancel.parse(&response(409, body)).unwrap_err();
    assert_eq!(error.status(), StatusCode::CONFLICT);
    assert!(!error.is_transient());
    let message = error.message().unwrap();
    assert!(message.starts_with("Conflict: "), "{message}");
    assert!(
        message.ends_with("ItemsSendingComplete: True."),
        "{message}"
    );
}

#[test]
fn missing_field_is_named_by_the_error() {
    let body = r#"{"title":"One or more validation errors occurred.","status":400,"errors":{"Source":["The Source field is required."]}}"#;
    let create = publishing().create_job(&nightly()).unwrap();
    let error = create.parse(&response(400, body)).unwrap_err();
    assert_eq!(
        error.message(),
        Some("Source: The Source field is required.")
    );
}

#[test]
fn rejected_client_gets_a_hint_about_its_kind_and_scopes() {
    let hint = |operation: Result<(), ApiError>| operation.unwrap_err().hint().unwrap();
    for (status, body) in [(401, ""), (403, ""), (403, "Forbidden"), (403, "{}")] {
        let response = response(status, body);
        let job = publishing().job("job_7").unwrap();
        let read = hint(job.parse(&response).map(drop));
        assert!(read.contains("xmcpub.jobs.a:r"), "{read}");
        let create = publishing().create_job(&nightly()).unwrap();
        let cancel = publishing().cancel_job("job_7").unwrap();
        for write in [
            hint(create.parse(&response).map(drop)),
            hint(cancel.parse(&response)),
        ] {
            assert!(write.contains("xmcpub.jobs.a:w"), "{write}");
            assert!(write.contains("environment automation"), "{write}");
        }
    }
}

#[test]
fn summary_counts_each_status() {
    let summary = publishing().job_summary(None).unwrap();
    let counts = parsed(
        &summary,
        r#"{"counts":{"queued":1,"running":2,"canceling":3,"canceled":4,"failed":5,"completed":6}}"#,
    );
    let counts = counts.unwrap();
    assert_eq!((counts.queued, counts.running, counts.canceling), (1, 2, 3));
    assert_eq!(
        (counts.canceled, counts.failed, counts.completed),
        (4, 5, 6)
    );
    let none = parsed(&summary, r#"{"Counts":{"new":7}}"#).unwrap();
    assert_eq!((none.queued, none.completed), (0, 0));
}

#[test]
fn filter_values_are_read_with_and_without_wrapping() {
    let list = publishing().job_filter_values(&JobFilter::new()).unwrap();
    for body in [
        r#"{"statuses":["Failed"],"sources":["ci"],"createdBy":[{"id":"7","name":"CI"}]}"#,
        r#"{"statuses":[{"status":"failed"}],"sources":[{"source":"ci"}],"createdBy":[{"createdBy":{"id":"7","name":"CI"}}]}"#,
        r#"{"statuses":[{"data":{"status":"Failed"}}],"sources":[{"data":{"source":"ci"}}],"createdBy":[{"data":{"createdBy":{"id":"7","name":"CI"}}}]}"#,
        r#"{"statuses":[{"data":"Failed"},7],"sources":[{"data":"ci"},null,{}],"createdBy":[{"data":{"id":"7","name":"CI"}},7]}"#,
    ] {
        let values = parsed(&list, body).unwrap();
        assert_eq!(values.statuses, [JobStatus::Failed], "{body}");
        assert_eq!(values.sources, ["ci"], "{body}");
        let creator = &values.created_by[0];
        assert_eq!(values.created_by.len(), 1, "{body}");
        assert_eq!(creator.id.as_deref(), Some("7"), "{body}");
        assert_eq!(creator.name.as_deref(), Some("CI"), "{body}");
    }
    let none = parsed(&list, r#"{"statuses":"none"}"#).unwrap();
    assert!(none.statuses.is_empty() && none.sources.is_empty());
}

#[test]
fn permissions_that_are_left_out_are_false() {
    let permissions = publishing().permissions();
    let all = parsed(
        &permissions,
        r#"{"canReadAll":true,"canReadOwn":true,"canViewDetailsOfAll":true,"canViewDetailsOfOwn":true,"canCreate":true}"#,
    )
    .unwrap();
    assert!(all.can_read_all && all.can_read_own && all.can_create);
    assert!(all.can_view_details_of_all && all.can_view_details_of_own);
    let own = parsed(&permissions, r#"{"CanReadOwn":true}"#).unwrap();
    assert!(own.can_read_own && !own.can_read_all && !own.can_create);
}
