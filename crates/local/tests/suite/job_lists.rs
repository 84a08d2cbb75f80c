//! Lists of publishing jobs, their summary, and the clients that may see them.

use edge_oauth_local::{Client, Options};
use serde_json::{Value, json};

use crate::peer::{header, json, wrong_field};
use crate::publishing::{JOBS, Publisher, all};

fn list(publisher: &mut Publisher, path: &str) -> Value {
    let response = publisher.send("GET", path, &Value::Null);
    assert_eq!(response.status(), 200, "{path}");
    json(&response)
}

fn names(page: &Value) -> Vec<&str> {
    let jobs = page["data"].as_array().unwrap().iter();
    jobs.map(|job| job["name"].as_str().unwrap()).collect()
}

/// Creates a job of each name, a second apart.
fn publisher(jobs: &[&str]) -> Publisher {
    let mut publisher = Publisher::new();
    for name in jobs {
        let mut body = all();
        body["name"] = json!(name);
        body["source"] = json!(format!("source {name}"));
        publisher.create(&body);
        publisher.wait(1);
    }
    publisher
}

#[test]
fn list_has_pages_with_the_newest_job_first() {
    let mut publisher = publisher(&["a", "b", "c", "d", "e"]);
    for (query, shown) in [
        ("", &["e", "d", "c", "b", "a"][..]),
        ("?pageSize=2", &["e", "d"]),
        ("?pageSize=2&pageNumber=3", &["a"]),
        ("?pageSize=2&pageNumber=4", &[]),
    ] {
        let page = list(&mut publisher, query);
        assert_eq!(names(&page), shown, "{query}");
        assert_eq!(page["totalCount"], 5);
        assert!(page.get("next").is_none());
    }
}

#[test]
fn checkpoints_lead_through_the_list() {
    let mut publisher = publisher(&["a", "b", "c"]);
    let first = list(&mut publisher, "?pageSize=2&continuationToken=");
    assert_eq!(names(&first), ["c", "b"]);
    let next = first["next"].as_str().unwrap();
    let last = list(
        &mut publisher,
        &format!("?pageSize=2&continuationToken={next}"),
    );
    assert_eq!((names(&last), &last["next"]), (vec!["a"], &Value::Null));
}

#[test]
fn list_can_be_filtered() {
    let mut publisher = publisher(&["a", "b", "c"]);
    publisher.wait(125);
    for (query, shown) in [
        ("?source=source+b", &["b"][..]),
        ("?source=source+b%7Csource+c", &["c", "b"]),
        ("?source=source+b&source=source+c", &["c", "b"]),
        ("?source=b", &[]),
        ("?system.status=Completed", &["a"]),
        ("?system.status=Running%7CQueued", &["c", "b"]),
        (
            "?system.createdBy.name=local-client&source=source+a",
            &["a"],
        ),
        (
            "?system.createdBy.id=local-client%40clients&source=source+a",
            &["a"],
        ),
        ("?system.createdBy.id=other", &[]),
        ("?system.queuedTime=%3E2027-01-15T08:00:01", &["c", "b"]),
        (
            "?system.queuedTime=%3E2027-01-15T08:00:01&system.queuedTime=%3C2027-01-15T08:00:02",
            &["b"],
        ),
        ("?system.startTime=%3C2027-01-15T08:01:00", &["a"]),
        ("?system.finishTime=%3E2027", &["a"]),
        ("?unknown=7&source=", &["c", "b", "a"]),
    ] {
        let page = list(&mut publisher, query);
        assert_eq!(names(&page), shown, "{query}");
        assert_eq!(page["totalCount"], shown.len());
    }
    for (query, field) in [
        ("?pageSize=0", "pageSize"),
        ("?pageNumber=x", "pageNumber"),
        ("?continuationToken=x", "continuationToken"),
        ("?system.queuedTime=2027-01-15", "system.queuedTime"),
        ("?system.finishTime=%3Esoon", "system.finishTime"),
    ] {
        let refused = publisher.send("GET", query, &Value::Null);
        assert_eq!(wrong_field(&refused), field);
    }
}

#[test]
fn summary_and_filter_values_follow_from_the_jobs() {
    let mut publisher = publisher(&["a", "b", "c"]);
    publisher.wait(125);
    assert_eq!(
        list(&mut publisher, "/summary"),
        json!({ "counts": { "queued": 1, "running": 1, "canceling": 0, "canceled": 0, "failed": 0, "completed": 1 } })
    );
    let late = list(
        &mut publisher,
        "/summary?system.queuedTime=%3E2027-01-15T08:00:02",
    );
    assert_eq!(late["counts"]["queued"], 1);
    assert_eq!(late["counts"]["completed"], 0);
    assert_eq!(
        list(&mut publisher, "/filters?source=source+a%7Csource+b"),
        json!({
            "statuses": [{ "data": { "status": "Completed" } }, { "data": { "status": "Running" } }],
            "sources": [{ "data": { "source": "source a" } }, { "data": { "source": "source b" } }],
            "createdBy": [{ "data": { "createdBy": { "id": "local-client@clients", "name": "local-client" } } }],
        })
    );
}

fn with_scopes(scopes: &[&str]) -> Publisher {
    let client = Client::default().scopes(scopes.iter().copied());
    Publisher::with(Options::default().client(client))
}

#[test]
fn each_operation_wants_its_scope() {
    let null = Value::Null;
    for (scopes, reads, writes, reads_all) in [
        (
            &["xmcloud.cm:admin", "xmcpub.jobs.a:r"][..],
            true,
            false,
            true,
        ),
        (&["xmcloud.cm:admin", "xmcpub.jobs.t:r"], true, false, true),
        (
            &["xmcloud.cm:admin", "xmcpub.jobs.t:rl"],
            true,
            false,
            false,
        ),
        (&["xmcloud.cm:admin", "xmcpub.jobs.t:w"], false, true, false),
        (
            &["xmcloud.cm:admin", "xmcpub.jobs.t:wl"],
            false,
            true,
            false,
        ),
        (&["xmcpub.jobs.a:r", "xmcpub.jobs.a:w"], false, false, false),
        (&["edge.content:clearall"], false, false, false),
        (&[], true, true, true),
    ] {
        let mut publisher = with_scopes(scopes);
        let status = |allowed, success| if allowed { success } else { 403 };
        let created = publisher.send("POST", "", &all());
        assert_eq!(created.status(), status(writes, 201), "{scopes:?}");
        for path in ["", "/summary", "/filters"] {
            let read = publisher.send("GET", path, &null);
            assert_eq!(read.status(), status(reads, 200), "{scopes:?} {path}");
            if !reads {
                let challenge = header(&read, "www-authenticate");
                assert!(challenge.contains("error=\"insufficient_scope\""));
            }
        }
        assert_eq!(
            list(&mut publisher, "/permissions"),
            json!({
                "canReadAll": reads_all,
                "canReadOwn": reads,
                "canViewDetailsOfAll": reads_all,
                "canViewDetailsOfOwn": reads,
                "canCreate": writes,
            }),
            "{scopes:?}"
        );
    }
}

#[test]
fn client_of_own_jobs_sees_no_other_jobs() {
    let own = Client::new("own", "secret of the suite").scopes([
        "xmcloud.cm:admin",
        "xmcpub.jobs.t:rl",
        "xmcpub.jobs.t:wl",
    ]);
    let options = Options::default().client(Client::default()).client(own);
    let mut publisher = Publisher::with(options);
    let other = publisher.create(&all());
    publisher.caller.log_in("own", "secret of the suite");
    let mine = publisher.create(&all());
    assert_eq!(list(&mut publisher, "")["totalCount"], 1);
    for (id, found) in [(other, false), (mine, true)] {
        let read = publisher.send("GET", &format!("/{id}"), &Value::Null);
        assert_eq!(read.status(), if found { 200 } else { 404 });
        let canceled = publisher.send("POST", &format!("/{id}/cancel"), &Value::Null);
        assert_eq!(canceled.status(), if found { 202 } else { 404 });
    }
}

#[test]
fn path_without_a_token_is_a_401() {
    let mut publisher = Publisher::new();
    let request = crate::peer::get(JOBS);
    let refused = publisher.caller.edge.respond(&request, publisher.now);
    assert_eq!(refused.response.status(), 401);
}
