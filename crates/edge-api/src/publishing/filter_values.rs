//! The values that the filters of a list of jobs can have.

use serde_json::Value;

use crate::http::decode_error::DecodeError;
use crate::http::json_object::JsonObject;
use crate::http::response::ApiResponse;
use crate::publishing::creator::JobCreator;
use crate::publishing::job_status::JobStatus;

/// The values that the jobs of the environment have, for a filter. The service does not document the form of a value,
/// so a value of another form is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobFilterValues {
    /// `statuses`.
    pub statuses: Vec<JobStatus>,
    /// `sources`.
    pub sources: Vec<String>,
    /// `createdBy`.
    pub created_by: Vec<JobCreator>,
}

impl JobFilterValues {
    pub(crate) fn read(response: &ApiResponse<'_>) -> Result<Self, DecodeError> {
        let values = response.object()?;
        let texts = |name, member| {
            let items = items(&values, name).into_iter();
            items.filter_map(move |item| text(&item, member))
        };
        let creators = items(&values, "createdBy").into_iter();
        let creators = creators.map(|item| member(&item, "createdBy").unwrap_or(item));
        Ok(Self {
            statuses: texts("statuses", "status")
                .map(|status| JobStatus::from(status.as_str()))
                .collect(),
            sources: texts("sources", "source").collect(),
            created_by: creators
                .filter_map(|creator| JobCreator::from_json(&creator))
                .collect(),
        })
    }
}

/// Returns the items of an array, each without the object `{data}` around it.
fn items(values: &JsonObject, name: &str) -> Vec<Value> {
    let items = values.get(name).and_then(Value::as_array);
    let items = items.into_iter().flatten().cloned();
    items
        .map(|item| member(&item, "data").unwrap_or(item))
        .collect()
}

/// Returns a text, or a member of an object that is a text.
fn text(item: &Value, name: &str) -> Option<String> {
    let inner = member(item, name);
    let text = inner.as_ref().unwrap_or(item).as_str()?;
    Some(text.to_owned())
}

fn member(item: &Value, name: &str) -> Option<Value> {
    JsonObject(item.as_object()?.clone()).get(name).cloned()
}
