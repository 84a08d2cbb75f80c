//! A publishing job of the service.

use std::fmt;

use serde_json::Value;

use crate::http::decode_error::DecodeError;
use crate::http::json_object::JsonObject;
use crate::http::response::ApiResponse;
use crate::publishing::creator::JobCreator;
use crate::publishing::job_statistics::JobStatistics;
use crate::publishing::job_status::JobStatus;

/// A publishing job of the service. Unknown members are kept.
///
/// A job that was read cannot be created again: its options have another form than those of a [`NewJob`].
///
/// [`NewJob`]: crate::NewJob
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{JobStatus, Publishing};
///
/// let response = http::Response::new(r#"{"id":"job_7","name":"nightly","source":"ci",
///     "statistics":{"itemsProcessed":12},"system":{"status":"Running","queuedTime":"2026-01-02T03:04:05Z"}}"#);
/// let job = Publishing::new().job("job_7")?.parse(&response)?;
/// assert_eq!((job.id(), job.status()), ("job_7", JobStatus::Running));
/// assert_eq!(job.statistics().items_processed, Some(12));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Job {
    json: JsonObject,
    /// `system`, which the service sets.
    system: JsonObject,
}

impl Job {
    /// Returns `id`, which the service assigns.
    pub fn id(&self) -> &str {
        self.json.text(ID).unwrap_or_default()
    }

    /// Returns `name`, the name for people; empty if there is none.
    pub fn name(&self) -> &str {
        self.json.text(NAME).unwrap_or_default()
    }

    /// Returns `source`, the program that created the job; empty if there is none.
    pub fn source(&self) -> &str {
        self.json.text(SOURCE).unwrap_or_default()
    }

    /// Returns `description`.
    pub fn description(&self) -> Option<&str> {
        self.json.text(DESCRIPTION)
    }

    /// Returns `system.status`.
    pub fn status(&self) -> JobStatus {
        JobStatus::from(self.system.text(STATUS).unwrap_or_default())
    }

    /// Returns `system.queuedTime`, the time of creation, as the service writes it (RFC 3339).
    pub fn queued_time(&self) -> Option<&str> {
        self.system.text("queuedTime")
    }

    /// Returns `system.startTime`, as the service writes it.
    pub fn start_time(&self) -> Option<&str> {
        self.system.text("startTime")
    }

    /// Returns `system.finishTime`, as the service writes it.
    pub fn finish_time(&self) -> Option<&str> {
        self.system.text("finishTime")
    }

    /// Returns `system.createdBy`.
    pub fn created_by(&self) -> Option<JobCreator> {
        JobCreator::from_json(self.system.get("createdBy")?)
    }

    /// Returns `system.canceledBy`.
    pub fn canceled_by(&self) -> Option<JobCreator> {
        JobCreator::from_json(self.system.get("canceledBy")?)
    }

    /// Returns `statistics`: the numbers of the job, all of them `None` before the job runs.
    pub fn statistics(&self) -> JobStatistics {
        let statistics = self.json.get("statistics");
        statistics
            .and_then(JobStatistics::from_json)
            .unwrap_or_default()
    }

    /// Returns the mode, such as `Smart`.
    pub fn mode(&self) -> Option<String> {
        let xmc = self.xmc()?;
        let parts = ["site", "items"].map(|name| xmc.object(name));
        let mut modes = parts.iter().flatten().filter_map(|part| part.text("mode"));
        let mode = xmc.text("mode").or_else(|| modes.next())?;
        Some(mode.to_owned())
    }

    /// Returns the locales of the job. Empty if the items have them, or if the service does not show them.
    pub fn locales(&self) -> Vec<String> {
        let xmc = self.xmc().unwrap_or_default();
        let locales = xmc.get("locales").and_then(Value::as_array);
        let texts = locales.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    /// Returns `permissions.canCancel`: whether this client may cancel the job. It stays true after the job's end.
    pub fn can_cancel(&self) -> Option<bool> {
        self.json.object("permissions")?.flag("canCancel")
    }

    /// Returns the service's words about a failure. The service does not document their place, so this looks into
    /// `system.failureReason` and `statistics.xmc.errors`.
    pub fn failure_reasons(&self) -> Vec<String> {
        let errors = || {
            let xmc = self.json.object("statistics")?.object("xmc")?;
            xmc.get("errors").cloned()
        };
        let places = [self.system.get("failureReason").cloned(), errors()];
        let values = places.into_iter().flatten().flat_map(|place| match place {
            Value::Array(items) => items,
            one => vec![one],
        });
        let reasons = values
            .filter(|value| !value.is_null())
            .map(|value| words(&value));
        reasons.filter(|words| !words.trim().is_empty()).collect()
    }

    /// Returns the job as JSON, unknown members included.
    pub fn to_json(&self) -> String {
        self.json.to_json()
    }

    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        Self::checked(response.object()?)
    }

    pub(crate) fn checked(json: JsonObject) -> Result<Self, DecodeError> {
        if json.required(ID)?.is_empty() {
            return Err(DecodeError::member(ID, "is empty"));
        }
        json.check_texts(&[NAME, SOURCE, DESCRIPTION])?;
        let system = match json.get(SYSTEM) {
            None => JsonObject::default(),
            Some(Value::Object(system)) => JsonObject(system.clone()),
            Some(_) => return Err(DecodeError::member(SYSTEM, "is not an object")),
        };
        system.check_texts(&[STATUS])?;
        Ok(Self { json, system })
    }

    /// Returns a job of which only these members are known.
    pub(crate) fn created(id: &str, name: &str, source: &str) -> Self {
        let mut json = JsonObject::default();
        for (member, text) in [(ID, id), (NAME, name), (SOURCE, source)] {
            json.set(member, text);
        }
        let system = JsonObject::default();
        Self { json, system }
    }

    fn xmc(&self) -> Option<JsonObject> {
        self.json.object("options")?.object("xmc")
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("id", &self.id())
            .field("name", &self.name())
            .field("source", &self.source())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// Returns the words in a value that has no documented form.
fn words(value: &Value) -> String {
    let message = value.as_object().and_then(|members| {
        let members = JsonObject(members.clone());
        members.text("message").map(str::to_owned)
    });
    match (value, message) {
        (Value::String(text), _) => text.clone(),
        (_, Some(message)) => message,
        (other, None) => other.to_string(),
    }
}

const ID: &str = "id";
const NAME: &str = "name";
const SOURCE: &str = "source";
const DESCRIPTION: &str = "description";
const SYSTEM: &str = "system";
const STATUS: &str = "status";
