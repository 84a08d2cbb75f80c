//! A list of keys in pages.

use std::cell::RefCell;

use edge_oauth_no_io::{ApiError, Operation};
use experience_edge_api::{KeyFilter, KeyPage, ListKeys};

use crate::support::{edge, parsed, response};

fn list() -> ListKeys {
    edge().keys(KeyFilter::new().label("www")).unwrap()
}

/// Returns a page of keys with consecutive numbers from `first` on.
fn page(first: usize, keys: usize, rest: &str) -> String {
    let keys: Vec<_> = (first..first + keys)
        .map(|number| format!(r#"{{"hash":"{number:064x}"}}"#))
        .collect();
    format!(r#"{{"keys":[{}]{rest}}}"#, keys.join(","))
}

/// Reads all pages out of these bodies. Returns the requested queries and the pages.
fn all(bodies: &[String]) -> (Vec<String>, Vec<Result<KeyPage, ApiError>>) {
    let requested = RefCell::new(Vec::new());
    let call = |operation: &ListKeys| {
        let mut requested = requested.borrow_mut();
        requested.push(operation.request().uri().query().unwrap().to_owned());
        // The last page is repeated for ever.
        let body = bodies
            .get(requested.len() - 1)
            .unwrap_or(bodies.last().unwrap());
        operation.parse(&response(200, body.as_str()))
    };
    let pages = list().pages(call).take(100).collect();
    (requested.into_inner(), pages)
}

#[test]
fn all_pages_are_requested_with_the_same_filter() {
    let (requested, pages) = all(&[
        page(
            0,
            2,
            r#","totalCount":5,"pageSize":2,"currentPage":1,"totalPages":3,"hasNext":true,"hasPrevious":false"#,
        ),
        page(
            2,
            2,
            r#","TotalCount":5,"CurrentPage":2,"TotalPages":3,"HasNext":true"#,
        ),
        page(
            4,
            1,
            r#","totalCount":5,"currentPage":3,"totalPages":3,"hasNext":false"#,
        ),
    ]);
    assert_eq!(
        requested,
        [
            "label=www",
            "label=www&pagenumber=2",
            "label=www&pagenumber=3"
        ]
    );
    let pages: Vec<_> = pages.into_iter().map(Result::unwrap).collect();
    assert_eq!(pages.iter().map(|page| page.keys.len()).sum::<usize>(), 5);
    assert_eq!(
        (pages[1].number, pages[1].pages, pages[1].total),
        (2, Some(3), Some(5))
    );
}

// fault: number-in-another-form
#[test]
fn numbers_of_a_page_are_read_with_a_fraction_of_zero_and_as_text() {
    let rest = r#","totalCount":"2","currentPage":1.0,"totalPages":2.0,"hasNext":true"#;
    let page = parsed(&list(), &page(0, 1, rest)).unwrap();
    assert_eq!((page.number, page.pages, page.total), (1, Some(2), Some(2)));
}

#[test]
fn missing_members_of_a_page_follow_from_the_others() {
    let (requested, _) = all(&[
        page(0, 1, r#","totalPages":2"#),
        page(1, 1, r#","totalPages":2"#),
    ]);
    assert_eq!(requested.len(), 2);
    let only = parsed(&list(), &page(0, 1, "")).unwrap();
    assert_eq!(
        (only.number, only.pages, only.total, only.has_next),
        (1, None, None, false)
    );
    assert!(list().after(&only).is_none());
}

#[test]
fn empty_page_before_the_last_is_an_error() {
    let (requested, pages) = all(&[
        page(0, 1, r#","hasNext":true"#),
        page(0, 0, r#","hasNext":false"#),
    ]);
    assert_eq!((requested.len(), pages.len()), (2, 2));
    assert!(pages.iter().all(Result::is_ok));

    let empty = page(0, 0, r#","hasNext":true"#);
    let (_, pages) = all(&[page(0, 1, r#","hasNext":true"#), empty.clone()]);
    for error in [pages[1].clone(), parsed(&list(), &empty)] {
        let error = error.unwrap_err().to_string();
        assert!(
            error.ends_with("keys is empty before the last page"),
            "{error}"
        );
    }
}

#[test]
fn list_whose_pages_repeat_later_is_an_error() {
    let circle = [0, 1, 2, 0].map(|first| page(first, 1, r#","hasNext":true"#));
    let (requested, pages) = all(&circle);
    assert_eq!((requested.len(), pages.len()), (4, 4));
    assert!(pages[3].is_err());
}

// fault: page-list-that-stops-early
#[test]
fn list_that_ends_before_its_last_page_is_an_error() {
    let first = page(0, 1, r#","currentPage":1,"totalPages":3,"hasNext":true"#);
    for number in ["", r#","currentPage":2"#] {
        let second = format!(r#"{number},"totalPages":3,"hasNext":false"#);
        let (_, pages) = all(&[first.clone(), page(1, 1, &second)]);
        let error = pages[1].clone().unwrap_err().to_string();
        assert!(
            error.ends_with("hasNext is false before the last of `totalPages`"),
            "{error}"
        );
    }
    let alone = page(0, 1, r#","totalPages":3,"hasNext":false"#);
    assert!(parsed(&list(), &alone).is_err());
}

// fault: page-list-without-end
#[test]
fn list_that_always_has_another_page_ends_with_an_error() {
    let mut first = 0;
    let endless = list().pages(|operation: &ListKeys| {
        first += 1;
        parsed(operation, &page(first, 1, r#","hasNext":true"#))
    });
    let pages: Vec<_> = endless.take(2_000).collect();
    assert_eq!(pages.len(), 1_001);
    assert!(pages[1_000].is_err());
}

#[test]
fn all_returns_the_keys_of_every_page_or_the_first_error() {
    let bodies = [
        page(0, 2, r#","hasNext":true"#),
        page(2, 1, r#","hasNext":false"#),
    ];
    let mut next = bodies.iter();
    let keys = list().all(|operation| parsed(operation, next.next().unwrap()));
    assert_eq!(keys.unwrap().len(), 3);

    let mut next = [bodies[0].as_str(), "{}"].into_iter();
    let keys = list().all(|operation| parsed(operation, next.next().unwrap()));
    assert!(keys.is_err());
}

#[test]
fn longest_filter_fits_for_every_page() {
    // The longest filter that is accepted. The second page adds its number.
    let fits = |length| edge().keys(KeyFilter::new().label("a".repeat(length))).ok();
    let longest = (16_000..17_000).rev().find_map(fits).unwrap();
    let first = parsed(&longest, &page(0, 1, r#","hasNext":true"#)).unwrap();
    assert!(longest.after(&first).is_some());
}

#[test]
fn list_that_repeats_a_page_is_an_error() {
    for (first, second) in [
        // The same keys again, whatever the number of the page is.
        (
            page(0, 1, r#","hasNext":true"#),
            page(0, 1, r#","hasNext":true"#),
        ),
        // The same number again, whatever the keys are.
        (
            page(0, 1, r#","hasNext":true,"currentPage":1"#),
            page(1, 1, r#","hasNext":true,"currentPage":1"#),
        ),
    ] {
        let (requested, pages) = all(&[first, second]);
        assert_eq!((requested.len(), pages.len()), (2, 2));
        let error = pages[1].as_ref().unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("currentPage is not the next page"),
            "{error}"
        );
    }
}

#[test]
fn first_error_ends_the_list() {
    let (requested, pages) = all(&[
        page(0, 1, r#","hasNext":true"#),
        "{}".to_owned(),
        page(1, 1, ""),
    ]);
    assert_eq!((requested.len(), pages.len()), (2, 2));
    assert!(pages[1].is_err());
}

#[test]
fn next_page_beyond_the_largest_number_is_an_error() {
    let last = KeyFilter::new().page(u32::MAX.try_into().unwrap());
    let list = edge().keys(last).unwrap();
    assert!(parsed(&list, &page(0, 1, r#","hasNext":true"#)).is_err());
    let page = parsed(&list, &page(0, 1, r#","hasNext":false"#)).unwrap();
    assert!(list.after(&page).is_none());
}
