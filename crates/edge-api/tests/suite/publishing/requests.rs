//! The requests of all seven operations match the facts about the service, byte for byte.

use experience_edge_api::{JobFilter, JobStatus, NewJob, PublishItem, PublishMode, TimeRange};

use super::{HOME, home, publishing};
use crate::support::sent;

const JOBS: &str = "https://edge-platform.sitecorecloud.io/authoring/publishing/v1/jobs";
const ACCEPT: &str = "accept: application/json\n";

/// Returns the request that creates a job with this body.
fn create(body: &str) -> String {
    let length = body.len();
    format!(
        "POST {JOBS}\n{ACCEPT}content-length: {length}\ncontent-type: application/json\n\n{body}"
    )
}

fn get(path: &str) -> String {
    format!("GET {JOBS}{path}\n{ACCEPT}\n")
}

#[test]
fn job_of_the_environment_has_locales_and_a_mode() {
    for (mode, name) in [
        (PublishMode::Smart, "Smart"),
        (PublishMode::Republish, "Republish"),
        (PublishMode::Incremental, "Incremental"),
    ] {
        let job = NewJob::environment("nightly", "edge-oauth", mode);
        let job = job.locale("en").locale("de-DE").locale("en");
        let expected = format!(
            r#"{{"name":"nightly","options":{{"xmc":{{"locales":["en","de-DE"],"site":{{"mode":"{name}"}}}}}},"source":"edge-oauth"}}"#
        );
        assert_eq!(
            sent(&publishing().create_job(&job).unwrap()),
            create(&expected)
        );
    }
}

#[test]
fn job_of_items_has_items_and_their_options() {
    let job = NewJob::items("two", "edge-oauth", PublishMode::Smart)
        .item(home())
        .item(PublishItem::new("7").kind("item"))
        .locale("en")
        .children(true)
        .description("by hand");
    let expected = format!(
        r#"{{"description":"by hand","name":"two","options":{{"items":[{{"id":"{HOME}","type":"Item"}},{{"id":"7","type":"item"}}],"xmc":{{"items":{{"mode":"Smart","publishChildren":true,"publishRelatedItems":false}},"locales":["en"]}}}},"source":"edge-oauth"}}"#
    );
    assert_eq!(
        sent(&publishing().create_job(&job).unwrap()),
        create(&expected)
    );

    let job = NewJob::items("one", "edge-oauth", PublishMode::Republish)
        .item(home().locale("*"))
        .related_items(true);
    let expected = format!(
        r#"{{"name":"one","options":{{"items":[{{"id":"{HOME}","locale":"*","type":"Item"}}],"xmc":{{"items":{{"mode":"Republish","publishChildren":false,"publishRelatedItems":true}}}}}},"source":"edge-oauth"}}"#
    );
    assert_eq!(
        sent(&publishing().create_job(&job).unwrap()),
        create(&expected)
    );
}

#[test]
fn item_makes_a_job_of_items() {
    let job = NewJob::environment("a", "b", PublishMode::Smart);
    let items = NewJob::items("a", "b", PublishMode::Smart);
    assert_eq!(job.item(home()), items.item(home()));
}

#[test]
fn operations_on_a_job_have_its_id_in_the_path() {
    assert_eq!(sent(&publishing().job("job_7").unwrap()), get("/job_7"));
    assert_eq!(sent(&publishing().job("a/b c").unwrap()), get("/a%2Fb%20c"));
    // Without a length, a proxy may respond with 411.
    assert_eq!(
        sent(&publishing().cancel_job("job_7").unwrap()),
        format!("POST {JOBS}/job_7/cancel\n{ACCEPT}content-length: 0\n\n")
    );
}

#[test]
fn list_has_the_filters_in_its_query() {
    let jobs = |filter| sent(&publishing().jobs(filter).unwrap());
    assert_eq!(jobs(JobFilter::new()), get(""));
    let filter = JobFilter::new()
        .source("ci")
        .source("edge oauth")
        .status(JobStatus::Failed)
        .status(JobStatus::Other("Paused".to_owned()))
        .created_by_id("client-7")
        .created_by_name("CI & more")
        .queued(TimeRange::after("2026-11-01").and_before("2026-12-01T00:00:00Z"))
        .started(TimeRange::after("2026-11-01T00:00:00+01:00"))
        .finished(TimeRange::before("2026-12-01"))
        .page_size(50.try_into().unwrap());
    assert_eq!(
        jobs(filter),
        get(
            "?source=ci%7Cedge+oauth&system.status=Failed%7CPaused&system.createdBy.id=client-7\
             &system.createdBy.name=CI+%26+more&system.queuedTime=%3E2026-11-01\
             &system.queuedTime=%3C2026-12-01T00%3A00%3A00Z\
             &system.startTime=%3E2026-11-01T00%3A00%3A00%2B01%3A00\
             &system.finishTime=%3C2026-12-01&pageSize=50"
        )
    );
}

#[test]
fn summary_filter_values_and_permissions_have_paths_of_their_own() {
    assert_eq!(
        sent(&publishing().job_summary(None).unwrap()),
        get("/summary")
    );
    let since = TimeRange::after("2026-11-01");
    assert_eq!(
        sent(&publishing().job_summary(Some(&since)).unwrap()),
        get("/summary?system.queuedTime=%3E2026-11-01")
    );
    let filter = JobFilter::new().source("ci");
    assert_eq!(
        sent(&publishing().job_filter_values(&filter).unwrap()),
        get("/filters?source=ci")
    );
    assert_eq!(sent(&publishing().permissions()), get("/permissions"));
}
