//! Lists of Delivery keys: pages and filters.

use serde_json::json;

use crate::delivery_keys::{BASE, create, labels, list, wanted};
use crate::peer::{Caller, json, wrong_field};

#[test]
fn there_are_none_at_first() {
    let expected = json!({
        "totalCount": 0,
        "pageSize": 20,
        "currentPage": 1,
        "totalPages": 0,
        "hasNext": false,
        "hasPrevious": false,
        "keys": [],
    });
    let mut caller = Caller::new();
    assert_eq!(json(&caller.send("GET", BASE)), expected);
    assert_eq!(json(&caller.send("GET", &format!("{BASE}/"))), expected);
}

#[test]
fn a_list_has_pages() {
    let mut caller = Caller::new();
    for label in ["a", "b", "c", "d", "e"] {
        create(&mut caller, &wanted(label));
    }
    for (number, shown, next, previous) in [
        (1, &["a", "b"][..], true, false),
        (2, &["c", "d"], true, true),
        (3, &["e"], false, true),
        (4, &[], false, true),
        (usize::MAX, &[], false, true),
    ] {
        let page = list(&mut caller, &format!("pagesize=2&pagenumber={number}"));
        assert_eq!(labels(&page), shown);
        assert_eq!(page["totalCount"], 5);
        assert_eq!(page["totalPages"], 3);
        assert_eq!(page["pageSize"], 2);
        assert_eq!(page["currentPage"], number);
        assert_eq!(page["hasNext"], next);
        assert_eq!(page["hasPrevious"], previous);
    }
    assert_eq!(labels(&list(&mut caller, "PageSize=4&PageNumber=2")), ["e"]);
    let all = list(&mut caller, &format!("pagesize={}", usize::MAX));
    assert_eq!(labels(&all).len(), 5);
}

#[test]
fn a_list_can_be_filtered() {
    let mut caller = Caller::new();
    for (label, scopes, created_by) in [
        ("site blue", &["audience-delivery"][..], "ci"),
        (
            "site green",
            &["audience-delivery", "content-#everything#"],
            "me",
        ),
        ("app", &["audience-preview", "content-#everything#"], "ci"),
    ] {
        let body = json!({ "CreatedBy": created_by, "Label": label, "Scopes": scopes });
        create(&mut caller, &body);
    }
    for (query, expected) in [
        ("", &["site blue", "site green", "app"][..]),
        ("label=site", &["site blue", "site green"]),
        ("label=e+g", &["site green"]),
        ("label=Site", &[]),
        ("label=", &["site blue", "site green", "app"]),
        ("createdBy=ci", &["site blue", "app"]),
        ("createdBy=c", &[]),
        ("scopes=audience-delivery", &["site blue", "site green"]),
        (
            "scopes=audience-delivery&scopes=content-%23everything%23",
            &["site green"],
        ),
        ("createdBy=ci&scopes=content-%23everything%23", &["app"]),
        ("unknown=1", &["site blue", "site green", "app"]),
    ] {
        let page = list(&mut caller, query);
        assert_eq!(labels(&page), expected, "{query}");
        assert_eq!(page["totalCount"], expected.len());
    }
}

#[test]
fn a_wrong_parameter_is_named() {
    let mut caller = Caller::new();
    for (query, name) in [
        ("pagesize=0", "pagesize"),
        ("pagesize=-1", "pagesize"),
        ("pagesize=x", "pagesize"),
        ("pagenumber=0", "pagenumber"),
        ("pagenumber=99999999999999999999", "pagenumber"),
        ("filterRevoked=1", "filterRevoked"),
    ] {
        let answer = caller.send("GET", &format!("{BASE}?{query}"));
        assert_eq!(wrong_field(&answer), name);
    }
}
