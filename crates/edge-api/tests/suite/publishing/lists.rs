//! A list of jobs in pages.

use std::cell::RefCell;

use edge_oauth_no_io::{ApiError, Operation};
use experience_edge_api::{JobFilter, JobPage, ListJobs};

use super::publishing;
use crate::support::{parsed, response};

fn list() -> ListJobs {
    publishing().jobs(JobFilter::new().source("ci")).unwrap()
}

/// Returns jobs with consecutive numbers from `first` on.
fn jobs(first: usize, count: usize) -> String {
    let jobs: Vec<_> = (first..first + count)
        .map(|number| format!(r#"{{"id":"job_{number}"}}"#))
        .collect();
    format!("[{}]", jobs.join(","))
}

fn page(first: usize, count: usize, rest: &str) -> String {
    format!(r#"{{"data":{}{rest}}}"#, jobs(first, count))
}

/// Reads all pages out of these bodies, of which the last one is repeated. Returns the requested queries too.
fn all(bodies: &[String]) -> (Vec<String>, Vec<Result<JobPage, ApiError>>) {
    let requested = RefCell::new(Vec::new());
    let call = |operation: &ListJobs| {
        let mut requested = requested.borrow_mut();
        requested.push(operation.request().uri().query().unwrap().to_owned());
        let body = bodies.get(requested.len() - 1).or(bodies.last()).unwrap();
        operation.parse(&response(200, body.as_str()))
    };
    let pages = list().pages(call).take(2_000).collect();
    (requested.into_inner(), pages)
}

#[test]
fn pages_are_numbered_until_the_total() {
    let total = r#","totalCount":5,"pageNumber":1,"pageSize":2"#;
    let (requested, pages) = all(&[page(0, 2, total), page(2, 2, total), page(4, 1, total)]);
    assert_eq!(
        requested,
        [
            "source=ci",
            "source=ci&pageNumber=2",
            "source=ci&pageNumber=3"
        ]
    );
    let pages: Vec<_> = pages.into_iter().map(Result::unwrap).collect();
    assert_eq!(pages.iter().map(|page| page.jobs.len()).sum::<usize>(), 5);
    assert!(pages.iter().all(|page| page.total == Some(5)));
}

// fault: page-list-that-stops-early
#[test]
fn longest_filter_fits_for_every_page() {
    let filter = |length| JobFilter::new().source("a".repeat(length));
    let longest = (16_000..17_000)
        .rev()
        .find_map(|length| publishing().jobs(filter(length)).ok());
    let longest = longest.unwrap();
    for rest in [r#","totalCount":5"#, r#","next":"a""#] {
        let first = parsed(&longest, &page(0, 2, rest)).unwrap();
        assert!(longest.after(&first).is_some(), "{rest}");
    }
}

#[test]
fn list_without_a_total_is_one_page() {
    for body in [page(0, 2, ""), jobs(0, 2), page(0, 0, r#","totalCount":9"#)] {
        let (requested, pages) = all(std::slice::from_ref(&body));
        assert_eq!(requested, ["source=ci"], "{body}");
        assert!(!pages[0].clone().unwrap().has_next, "{body}");
    }
}

#[test]
fn numbered_pages_end_after_a_thousand_jobs() {
    let (requested, pages) = all(&[page(0, 300, r#","totalCount":5000"#)]);
    assert_eq!(requested.len(), 4);
    assert_eq!(pages[3].clone().unwrap().total, Some(5000));
}

#[test]
fn checkpoint_leads_to_the_next_page() {
    let (requested, pages) = all(&[
        page(0, 1, r#","next":"a b""#),
        page(1, 1, r#","next":"c""#),
        page(2, 1, r#","next":null"#),
    ]);
    assert_eq!(
        requested,
        [
            "source=ci",
            "source=ci&continuationToken=a+b",
            "source=ci&continuationToken=c"
        ]
    );
    assert!(pages.iter().all(Result::is_ok));
    let numbered = parsed(&list(), &page(0, 1, r#","next":1000"#)).unwrap();
    let second = list().after(&numbered).unwrap();
    let query = second.request().uri().query().unwrap().to_owned();
    assert_eq!(query, "source=ci&continuationToken=1000");
    assert!(parsed(&list(), &page(0, 1, r#","next":[]"#)).is_err());
    assert!(
        !parsed(&list(), &page(0, 1, r#","next":"""#))
            .unwrap()
            .has_next
    );
}

// fault: page-list-without-end
#[test]
fn checkpoints_that_never_end_are_an_error() {
    let (requested, pages) = all(&[page(0, 1, r#","next":"same""#)]);
    assert_eq!((requested.len(), pages.len()), (2, 2));
    let error = pages[1].clone().unwrap_err().to_string();
    assert!(error.ends_with("next is an earlier page"), "{error}");

    let mut number = 0;
    let endless = list().pages(|operation: &ListJobs| {
        number += 1;
        parsed(operation, &page(0, 1, &format!(r#","next":"{number}""#)))
    });
    let pages: Vec<_> = endless.take(2_000).collect();
    assert_eq!(pages.len(), 1_001);
    assert!(pages[1_000].is_err());

    let long = format!(r#","next":"{}""#, "a".repeat(20_000));
    let error = parsed(&list(), &page(0, 1, &long)).unwrap_err();
    assert!(error.to_string().ends_with("next is too long for a URL"));
}

#[test]
fn job_that_moved_to_the_next_page_is_returned_once() {
    let total = r#","totalCount":4"#;
    let bodies = [page(1, 2, total), page(2, 2, total)];
    let mut next = bodies.iter();
    let jobs = list().all(|operation| parsed(operation, next.next().unwrap()));
    let jobs = jobs.unwrap();
    let ids: Vec<_> = jobs.iter().map(|job| job.id()).collect();
    assert_eq!(ids, ["job_1", "job_2", "job_3"]);

    let mut next = [bodies[0].as_str(), "{}"].into_iter();
    let jobs = list().all(|operation| parsed(operation, next.next().unwrap()));
    assert!(jobs.is_err());
}
