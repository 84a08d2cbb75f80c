//! The Publishing API: jobs from their creation to their end, by a clock that the test sets.

use std::time::Duration;

use edge_oauth_local::{Delivery, JobOutcome, Options};
use http::Response;
use serde_json::{Value, json};

use crate::peer::{Caller, NOW, header, wrong_field};

pub(crate) const JOBS: &str = "/authoring/publishing/v1/jobs";
const RUN: Duration = Duration::from_secs(100);

pub(crate) fn all() -> Value {
    json!({ "name": "nightly", "source": "suite", "options": { "xmc": { "locales": ["en", "da"], "site": { "mode": "Smart" } } } })
}

fn one_item() -> Value {
    json!({ "name": "one", "source": "suite", "options": {
        "items": [{ "id": "0DE95AE4-41AB-4D01-9EB0-67441B7C2450", "type": "Item" }],
        "xmc": { "locales": ["en"], "items": { "mode": "Republish", "publishChildren": true } },
    } })
}

/// A client whose clock the test moves.
pub(crate) struct Publisher {
    pub(crate) caller: Caller,
    pub(crate) now: Duration,
}

impl Publisher {
    pub(crate) fn new() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self {
            caller: Caller::with(options.publishing_time(RUN)),
            now: NOW,
        }
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: &Value) -> Response<Vec<u8>> {
        self.send_and_deliver(method, path, body).0
    }

    fn send_and_deliver(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
    ) -> (Response<Vec<u8>>, Vec<Delivery>) {
        let path = format!("{JOBS}{path}");
        let request = match body {
            Value::Null => self.caller.request(method, &path).body(Vec::new()).unwrap(),
            body => self.caller.json_request(method, &path, body),
        };
        let simulated = self.caller.edge.respond(&request, self.now);
        (simulated.response, simulated.deliveries)
    }

    pub(crate) fn create(&mut self, body: &Value) -> String {
        let created = self.send("POST", "", body);
        assert_eq!(created.status(), 201);
        let job = crate::peer::json(&created);
        assert_eq!(job["system"]["status"], "Queued");
        let id = job["id"].as_str().unwrap().to_owned();
        assert_eq!(header(&created, "location"), format!("{JOBS}/{id}"));
        id
    }

    fn job(&mut self, id: &str) -> Value {
        let read = self.send("GET", &format!("/{id}"), &Value::Null);
        assert_eq!(read.status(), 200);
        crate::peer::json(&read)
    }

    fn status(&mut self, id: &str) -> String {
        let job = self.job(id);
        job["system"]["status"].as_str().unwrap().to_owned()
    }

    fn cancel(&mut self, id: &str) -> Response<Vec<u8>> {
        self.send("POST", &format!("/{id}/cancel"), &Value::Null)
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }
}

fn problem(response: &Response<Vec<u8>>) -> Value {
    assert_eq!(header(response, "content-type"), "application/problem+json");
    let problem: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(problem["status"], response.status().as_u16());
    problem
}

#[test]
fn job_advances_by_the_clock() {
    let mut publisher = Publisher::new();
    let id = publisher.create(&all());
    assert!(id.starts_with("job_") && id.len() == 36, "{id}");
    let queued = publisher.job(&id);
    assert_eq!(
        queued,
        json!({
            "id": id,
            "name": "nightly",
            "source": "suite",
            // The service shows other options than it takes.
            "options": { "xmc": { "type": "Site", "mode": "Smart", "locales": ["en", "da"] } },
            "system": {
                "tenantId": "local-tenant",
                "environmentId": "main",
                "branchId": "main",
                "status": "Queued",
                "queuedTime": "2027-01-15T08:00:00.0000000Z",
                "createdBy": { "id": "local-client@clients", "name": "local-client", "type": "Application" },
            },
            "permissions": { "canViewDetails": true, "canCancel": true },
        })
    );

    publisher.wait(24);
    assert_eq!(publisher.status(&id), "Queued");
    publisher.wait(1);
    let running = publisher.job(&id);
    assert_eq!(running["system"]["status"], "Running");
    assert_eq!(running["statistics"]["itemsProcessed"], 0);
    publisher.wait(50);
    let half = publisher.job(&id)["statistics"].clone();
    assert_eq!(
        (&half["itemsSent"], &half["itemsProcessed"]),
        (&json!(6), &json!(3))
    );

    publisher.wait(49);
    assert_eq!(publisher.status(&id), "Running");
    publisher.wait(1);
    let completed = publisher.job(&id);
    assert_eq!(completed["system"]["status"], "Completed");
    assert_eq!(
        completed["system"]["startTime"],
        "2027-01-15T08:00:25.0000000Z"
    );
    assert_eq!(
        completed["system"]["finishTime"],
        "2027-01-15T08:02:05.0000000Z"
    );
    assert_eq!(completed["statistics"]["itemsProcessed"], 6);
    assert_eq!(completed["statistics"]["itemsFailed"], 0);
    publisher.wait(1_000_000);
    assert_eq!(
        publisher.send("GET", "", &Value::Null).status(),
        401,
        "the token has expired"
    );
}

#[test]
fn late_request_sees_a_job_that_ended_in_time() {
    let mut publisher = Publisher::new();
    let id = publisher.create(&one_item());
    publisher.wait(10_000);
    let job = publisher.job(&id);
    assert_eq!(job["system"]["status"], "Completed");
    assert_eq!(job["system"]["finishTime"], "2027-01-15T08:02:05.0000000Z");
    assert_eq!(job["options"]["xmc"]["type"], "Items");
    assert_eq!(job["statistics"]["itemsProcessed"], 1);
}

#[test]
fn jobs_run_one_after_the_other() {
    let mut publisher = Publisher::new();
    let [first, second] = [publisher.create(&all()), publisher.create(&all())];
    publisher.wait(125);
    assert_eq!(publisher.status(&first), "Completed");
    assert_eq!(publisher.status(&second), "Running");
    publisher.wait(100);
    assert_eq!(publisher.status(&second), "Completed");
    // A job that ends lets two others run in turn, however late anybody looks.
    let later = [publisher.create(&all()), publisher.create(&all())];
    publisher.wait(225);
    assert_eq!(publisher.status(&later[1]), "Completed");
}

#[test]
fn canceled_job_ends_a_little_later() {
    let mut publisher = Publisher::new();
    let id = publisher.create(&all());
    publisher.wait(45);
    let accepted = publisher.cancel(&id);
    assert_eq!(accepted.status(), 202);
    assert!(accepted.body().is_empty());
    assert_eq!(publisher.status(&id), "Canceling");
    assert_eq!(publisher.cancel(&id).status(), 202);
    publisher.wait(10);
    let canceled = publisher.job(&id);
    assert_eq!(canceled["system"]["status"], "Canceled");
    assert_eq!(canceled["system"]["canceledBy"]["name"], "local-client");
    assert_eq!(publisher.cancel(&id).status(), 409);

    let waiting = publisher.create(&all());
    assert_eq!(publisher.cancel(&waiting).status(), 202);
    publisher.wait(10);
    assert_eq!(publisher.status(&waiting), "Canceled");
}

#[test]
fn job_that_has_sent_its_items_cannot_be_canceled() {
    let mut publisher = Publisher::new();
    let id = publisher.create(&all());
    publisher.wait(25 + 50);
    for (wait, status) in [(0, "Running"), (50, "Completed")] {
        publisher.wait(wait);
        let refused = publisher.cancel(&id);
        assert_eq!(refused.status(), 409);
        let problem = problem(&refused);
        assert_eq!(problem["title"], "Conflict");
        assert_eq!(
            problem["type"],
            "https://datatracker.ietf.org/doc/html/rfc9110#name-409-conflict"
        );
        let detail = problem["detail"].as_str().unwrap();
        let end = format!("Job status: {status}', ItemsSendingComplete: True.");
        assert!(detail.ends_with(&end), "{detail}");
        assert_eq!(
            problem["instance"],
            format!("POST /api/publishing/v1/jobs/{id}/cancel")
        );
        assert_eq!(problem["traceId"].as_str().unwrap().len(), 32);
    }
}

#[test]
fn scripted_jobs_end_as_they_should() {
    let mut publisher = Publisher::new();
    publisher.caller.edge.script_jobs([
        JobOutcome::Failed("no storage".to_owned()),
        JobOutcome::WithFailedItems(2),
    ]);
    let ids = [(); 3].map(|()| publisher.create(&all()));
    publisher.wait(325);
    let [failed, warned, fine] = ids.map(|id| publisher.job(&id));
    assert_eq!(failed["system"]["status"], "Failed");
    assert_eq!(failed["system"]["failureReason"], "no storage");
    for (job, count) in [(&warned, 2), (&fine, 0)] {
        assert_eq!(job["system"]["status"], "Completed");
        assert_eq!(job["statistics"]["itemsFailed"], count);
        assert_eq!(job["system"].get("failureReason"), None);
    }
}

#[test]
fn end_of_a_job_runs_the_webhooks_and_restores_the_content() {
    let mut publisher = Publisher::new();
    let hook = json!({ "label": "l", "uri": "http://127.0.0.1:1", "executionMode": "OnUpdate" });
    publisher
        .caller
        .send_json("POST", "/api/admin/v1/webhooks", &hook);
    let one = publisher.create(&one_item());
    publisher.wait(125);
    let updates = |deliveries: &[Delivery]| {
        let [delivery] = deliveries else {
            panic!("one run: {deliveries:?}");
        };
        let payload: Value = serde_json::from_slice(delivery.request.body()).unwrap();
        payload["updates"].clone()
    };
    let (_, deliveries) = publisher.send_and_deliver("GET", &format!("/{one}"), &Value::Null);
    assert_eq!(
        updates(&deliveries),
        json!([{ "identifier": "0DE95AE441AB4D019EB067441B7C2450", "entity_definition": "Item", "operation": "Update", "entity_culture": "en" }])
    );

    publisher.create(&all());
    publisher.wait(125);
    let (_, deliveries) = publisher.send_and_deliver("GET", "", &Value::Null);
    let published = updates(&deliveries);
    assert_eq!(published.as_array().unwrap().len(), 3);
    assert_eq!(published[0]["operation"], "Update");
    let (_, none) = publisher.send_and_deliver("GET", "", &Value::Null);
    assert!(none.is_empty());
}

#[test]
fn wrong_job_is_refused_as_the_service_does() {
    let mut publisher = Publisher::new();
    for (member, value, field) in [
        ("name", json!(null), "Name"),
        ("name", json!(" "), "Name"),
        ("name", json!("a".repeat(257)), "Name"),
        ("source", json!(7), "Source"),
        ("description", json!("a".repeat(257)), "Description"),
        ("options", json!(null), "Options"),
        ("options", json!({}), "Options"),
        (
            "options",
            json!({ "xmc": { "locales": ["en"] } }),
            "Options",
        ),
        (
            "options",
            json!({ "xmc": { "locales": ["en"], "site": { "mode": "Fast" } } }),
            "Options",
        ),
        (
            "options",
            json!({ "xmc": { "locales": ["en"], "items": { "mode": "Smart" } } }),
            "Options",
        ),
        (
            "options",
            json!({ "items": [{ "id": "7", "type": "Item" }], "xmc": { "locales": ["en"], "items": { "mode": "Incremental" } } }),
            "Options",
        ),
    ] {
        let mut body = all();
        body[member] = value.clone();
        assert_eq!(
            wrong_field(&publisher.send("POST", "", &body)),
            field,
            "{value}"
        );
    }
    let item = |item: Value, locales: Value| json!({ "name": "n", "source": "s", "options": { "items": [item], "xmc": { "locales": locales, "items": { "mode": "Smart" } } } });
    for (body, detail) in [
        (
            item(json!({ "id": "7", "type": "Item" }), json!([])),
            "Publishing locales should be specified either in the job options or per item",
        ),
        (
            item(
                json!({ "id": "7", "type": "Item", "locale": "en" }),
                json!(["en"]),
            ),
            "Publishing locales should be specified either in the job options or per item",
        ),
        (
            item(
                json!({ "id": "7".repeat(51), "type": "Item" }),
                json!(["en"]),
            ),
            "item IDs or locales are incorrect",
        ),
        (
            item(json!({ "id": "7" }), json!(["en"])),
            "item IDs or locales are incorrect",
        ),
        (
            item(json!({ "id": "7", "type": "Item" }), json!([""])),
            "item IDs or locales are incorrect",
        ),
    ] {
        let refused = publisher.send("POST", "", &body);
        assert_eq!(refused.status(), 400, "{body}");
        assert_eq!(problem(&refused)["detail"], detail, "{body}");
    }
    assert_eq!(
        crate::peer::json(&publisher.send("GET", "", &Value::Null))["totalCount"],
        0
    );
}

#[test]
fn job_that_was_read_is_a_500() {
    let mut publisher = Publisher::new();
    let id = publisher.create(&all());
    let read = publisher.job(&id);
    let refused = publisher.send("POST", "", &read);
    assert_eq!(refused.status(), 500);
    problem(&refused);
}

#[test]
fn unknown_job_is_404_and_another_method_405() {
    let mut publisher = Publisher::new();
    for (method, path) in [("GET", "/job_7"), ("POST", "/job_7/cancel")] {
        let missing = publisher.send(method, path, &Value::Null);
        assert_eq!(missing.status(), 404);
        assert_eq!(problem(&missing)["title"], "Not Found");
    }
    assert_eq!(publisher.send("GET", "/a/b", &Value::Null).status(), 404);
    for (path, allowed) in [
        ("", "GET, POST"),
        ("/job_7", "GET"),
        ("/job_7/cancel", "POST"),
        ("/summary", "GET"),
        ("/filters", "GET"),
        ("/permissions", "GET"),
    ] {
        let refused = publisher.send("DELETE", path, &Value::Null);
        assert_eq!(refused.status(), 405, "{path}");
        assert_eq!(header(&refused, "allow"), allowed);
    }
}
