//! Invalid input is rejected before anything is sent, and the error names the field without its value.

use experience_edge_api::{
    InputError, JobFilter, JobStatus, NewJob, PublishItem, PublishMode, Publishing, TimeRange,
};

use super::{home, nightly, publishing};

fn field<T>(result: Result<T, InputError>) -> &'static str {
    let error = result.err().expect("this is not to be sent");
    let shown = error.to_string();
    assert!(
        shown.contains(error.field()) && !shown.contains("planted"),
        "{shown}"
    );
    error.field()
}

fn rejected(job: &NewJob) -> &'static str {
    field(publishing().create_job(job))
}

fn items() -> NewJob {
    NewJob::items("a", "b", PublishMode::Smart)
}

#[test]
fn base_url_that_a_token_may_not_go_to_is_rejected() {
    for url in [
        "",
        "http://edge.example",
        "https://a@b.example",
        "https://a.example/?b",
    ] {
        assert_eq!(field(Publishing::at(url)), "url", "{url}");
    }
    let gateway = Publishing::at("https://gateway.example/edge/").unwrap();
    assert_eq!(gateway.base_url(), "https://gateway.example/edge");
}

#[test]
fn texts_of_a_job_have_a_length() {
    let long = "planted".repeat(40);
    let job = |name: &str, source: &str| {
        NewJob::environment(name, source, PublishMode::Smart).locale("en")
    };
    for blank in ["", " \t"] {
        assert_eq!(rejected(&job(blank, "b")), "name");
        assert_eq!(rejected(&job("a", blank)), "source");
    }
    assert_eq!(rejected(&job(&long, "b")), "name");
    assert_eq!(rejected(&job("a", &long)), "source");
    assert_eq!(rejected(&nightly().description(&long)), "description");
    let longest = "ä".repeat(256);
    let longest = job(&longest, &longest).description(&longest);
    assert!(publishing().create_job(&longest).is_ok());
}

#[test]
fn locales_belong_to_the_job_or_to_each_item() {
    let environment = NewJob::environment("a", "b", PublishMode::Smart);
    assert_eq!(rejected(&environment), "locales");
    assert_eq!(rejected(&environment.locale(" ")), "locales");
    assert_eq!(rejected(&items().item(home())), "locales");
    let some = items().item(home()).item(home().locale("en"));
    assert_eq!(rejected(&some), "locales");
    let both = items().item(home().locale("en")).locale("en");
    assert_eq!(rejected(&both), "locales");
    let each = items().item(home().locale("en")).item(home().locale("*"));
    assert!(publishing().create_job(&each).is_ok());
}

#[test]
fn item_that_the_service_would_reject_is_named() {
    let with = |item: PublishItem| items().item(item).locale("en");
    assert_eq!(rejected(&items().locale("en")), "items");
    assert_eq!(rejected(&with(PublishItem::new(""))), "items.id");
    assert_eq!(
        rejected(&with(PublishItem::new("/sitecore/content"))),
        "items.id"
    );
    assert_eq!(
        rejected(&with(PublishItem::new("a".repeat(51)))),
        "items.id"
    );
    assert_eq!(rejected(&with(home().kind(" "))), "items.type");
    assert_eq!(rejected(&with(home().kind("a".repeat(257)))), "items.type");
    let own = items().item(home().locale("a".repeat(21)));
    assert_eq!(rejected(&own), "items.locale");
}

#[test]
fn options_of_the_other_kind_of_job_are_rejected() {
    let incremental = NewJob::items("a", "b", PublishMode::Incremental);
    assert_eq!(rejected(&incremental.item(home()).locale("en")), "mode");
    for job in [nightly().children(true), nightly().related_items(true)] {
        assert_eq!(rejected(&job), "related items and children");
    }
}

#[test]
fn id_is_one_segment_of_the_path() {
    for id in [
        "",
        ".",
        "..",
        "summary",
        "filters",
        "permissions",
        &"a".repeat(513),
    ] {
        assert_eq!(field(publishing().job(id)), "id", "{id}");
        assert_eq!(field(publishing().cancel_job(id)), "id", "{id}");
    }
}

#[test]
fn filter_that_a_url_cannot_carry_is_rejected() {
    let jobs = |filter| field(publishing().jobs(filter));
    assert_eq!(jobs(JobFilter::new().source("a|planted")), "source");
    assert_eq!(jobs(JobFilter::new().source("")), "source");
    let status = JobStatus::Other("a|b".to_owned());
    assert_eq!(jobs(JobFilter::new().status(status)), "system.status");
    assert_eq!(
        jobs(JobFilter::new().created_by_id(" ")),
        "system.createdBy.id"
    );
    assert_eq!(
        jobs(JobFilter::new().created_by_name("|")),
        "system.createdBy.name"
    );
    assert_eq!(jobs(JobFilter::new().source("ä".repeat(5000))), "filter");
}

#[test]
fn time_that_is_no_date_is_rejected() {
    for date in [
        "",
        "yesterday",
        "=2026-11-01",
        "2026-11-01 planted",
        &"1".repeat(41),
        "-1",
        "ä",
    ] {
        let range = TimeRange::before(date);
        let filter = JobFilter::new().queued(range.clone());
        assert_eq!(field(publishing().jobs(filter)), "system.queuedTime");
        assert_eq!(
            field(publishing().job_summary(Some(&range))),
            "system.queuedTime"
        );
        let filter = JobFilter::new().started(TimeRange::after(date));
        assert_eq!(field(publishing().jobs(filter)), "system.startTime");
        let open = TimeRange::after("2026-11-01").and_before(date);
        let filter = JobFilter::new().finished(open);
        assert_eq!(
            field(publishing().job_filter_values(&filter)),
            "system.finishTime"
        );
    }
}
