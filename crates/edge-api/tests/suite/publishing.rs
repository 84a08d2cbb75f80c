//! The Publishing API: requests, responses, input and lists.

mod input;
mod lists;
mod requests;
mod responses;

use experience_edge_api::{NewJob, PublishItem, PublishMode, Publishing};

pub(crate) fn publishing() -> Publishing {
    Publishing::new()
}

/// Returns a job that the service accepts.
pub(crate) fn nightly() -> NewJob {
    NewJob::environment("nightly", "suite", PublishMode::Smart).locale("en")
}

fn home() -> PublishItem {
    PublishItem::new(HOME)
}

const HOME: &str = "0DE95AE4-41AB-4D01-9EB0-67441B7C2450";

/// A job as in responses of the real service. `options.xmc` has another form there than in a request.
const JOB_JSON: &str = r#"{"id":"job_0123456789abcdef0123456789abcdef","name":"nightly","source":"ci","description":"all","options":{"xmc":{"type":"Site","mode":"Smart","locales":["en","de-DE"]}},"statistics":{"lastReportTime":"2026-01-02T03:05:00Z","itemsSent":30,"itemsProcessed":28,"itemsFailed":2,"xmc":{"additionalItemsSent":4,"itemsAcknowledged":27,"itemsDeleted":1,"itemsSkipped":5}},"system":{"tenantId":"acme","environmentId":"main","branchId":"main","status":"Completed","queuedTime":"2026-01-02T03:04:05Z","startTime":"2026-01-02T03:04:06Z","finishTime":"2026-01-02T03:06:00Z","createdBy":{"id":"client-7","name":"CI","type":"Application"}},"permissions":{"canViewDetails":true,"canCancel":true},"somethingNew":7}"#;
