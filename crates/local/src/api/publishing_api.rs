//! The Publishing API: creates, reads, lists and cancels publishing jobs.

use std::collections::BTreeSet;
use std::time::Duration;

use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::api::content;
use crate::api::error::ApiError;
use crate::api::publishing::access::Access;
use crate::api::publishing::job::Job;
use crate::api::publishing::job_edit::JobEdit;
use crate::api::publishing::job_list::JobList;
use crate::api::publishing::job_query::JobQuery;
use crate::api::request::ApiRequest;
use crate::http::response;
use crate::options::options::Options;

/// The path of the jobs. All other paths of this API lie below it.
pub(crate) const BASE: &str = "/authoring/publishing/v1/jobs";

/// The state of the Publishing API.
pub(crate) struct PublishingApi {
    pub(crate) jobs: JobList,
}

impl PublishingApi {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed.unwrap_or_default();
        Self {
            jobs: JobList::new(seed, options.publishing_time),
        }
    }

    /// Moves the jobs to `now`. Returns the updates of each job that has published items meanwhile. They are empty for
    /// a job of the whole environment.
    pub(crate) fn advance(&mut self, now: Duration) -> Vec<Vec<Value>> {
        let published = self.jobs.advance(now).into_iter();
        let updates = published.map(|job| {
            let targets = job.edit.targets().take(MAX_UPDATES);
            let updates =
                targets.map(|(id, locale)| content::published_item(&identifier(id), locale));
            updates.collect()
        });
        updates.collect()
    }

    pub(crate) fn respond(
        &mut self,
        request: &ApiRequest<'_>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        match request.path.split_once('/') {
            None if request.path.is_empty() => self.all(request),
            None => match request.path {
                "summary" => self.summary(request),
                "filters" => self.filters(request),
                "permissions" => permissions(request),
                id => self.one(request, id),
            },
            Some((id, "cancel")) => self.cancel(request, id),
            Some(_) => Err(ApiError::UnknownPath),
        }
    }

    fn all(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        match *request.method {
            Method::GET => {
                let query = JobQuery::read(request.query)?;
                let found = self.found(request, &query)?;
                let page = query.page(&found, |job| job.to_json(request.now, self.jobs.times()));
                Ok(response::json(StatusCode::OK, &page))
            }
            Method::POST => {
                Access::to_write(&request.token)?;
                let edit = JobEdit::read(request.members()?, content::PUBLISHED.len())?;
                let creator = request.token.client_id();
                let times = self.jobs.times();
                let jobs = &mut self.jobs;
                let job = jobs.create(edit, request.tenant_id, creator, request.now);
                let location = format!("{BASE}/{}", job.id);
                let job = job.to_json(request.now, times);
                Ok(response::created(&location, &job))
            }
            _ => Err(ApiError::MethodNotAllowed("GET, POST")),
        }
    }

    fn one(&mut self, request: &ApiRequest<'_>, id: &str) -> Result<Response<Vec<u8>>, ApiError> {
        request.only(Method::GET, "GET")?;
        let access = Access::to_read(&request.token)?;
        let times = self.jobs.times();
        let may = |job: &Job| access.covers(&job.creator, request.token.client_id());
        let job = self.jobs.find(id, may)?;
        Ok(response::json(
            StatusCode::OK,
            &job.to_json(request.now, times),
        ))
    }

    fn cancel(
        &mut self,
        request: &ApiRequest<'_>,
        id: &str,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        request.only(Method::POST, "POST")?;
        let access = Access::to_write(&request.token)?;
        let times = self.jobs.times();
        let client = request.token.client_id();
        let job = self
            .jobs
            .find(id, |job| access.covers(&job.creator, client))?;
        job.cancel(client, request.now, times)?;
        Ok(response::empty(StatusCode::ACCEPTED))
    }

    fn summary(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        request.only(Method::GET, "GET")?;
        let found = self.found(request, &JobQuery::read(request.query)?)?;
        let mut counts = json!({});
        for status in STATUSES {
            let count = found.iter().filter(|job| job.state.name() == *status);
            counts[status.to_ascii_lowercase()] = json!(count.count());
        }
        Ok(response::json(StatusCode::OK, &json!({ "counts": counts })))
    }

    fn filters(&mut self, request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
        request.only(Method::GET, "GET")?;
        let found = self.found(request, &JobQuery::read(request.query)?)?;
        let statuses: BTreeSet<_> = found.iter().map(|job| job.state.name()).collect();
        let sources: BTreeSet<_> = found.iter().map(|job| &job.edit.source).collect();
        let creators: BTreeSet<_> = found.iter().map(|job| &job.creator).collect();
        let statuses = statuses
            .iter()
            .map(|status| json!({ "data": { "status": status } }));
        let sources = sources
            .iter()
            .map(|source| json!({ "data": { "source": source } }));
        let creators = creators.iter().map(|name| {
            json!({ "data": { "createdBy": { "id": format!("{name}@clients"), "name": name } } })
        });
        let values = json!({
            "statuses": statuses.collect::<Vec<_>>(),
            "sources": sources.collect::<Vec<_>>(),
            "createdBy": creators.collect::<Vec<_>>(),
        });
        Ok(response::json(StatusCode::OK, &values))
    }

    fn found(&self, request: &ApiRequest<'_>, query: &JobQuery) -> Result<Vec<&Job>, ApiError> {
        let access = Access::to_read(&request.token)?;
        let client = request.token.client_id();
        let jobs = self.jobs.newest_first();
        let found = jobs.filter(|job| access.covers(&job.creator, client) && query.matches(job));
        Ok(found.collect())
    }
}

/// Requires a valid token, and no scope.
fn permissions(request: &ApiRequest<'_>) -> Result<Response<Vec<u8>>, ApiError> {
    request.only(Method::GET, "GET")?;
    let read = Access::to_read(&request.token).ok();
    let (all, own) = (read == Some(Access::All), read.is_some());
    let permissions = json!({
        "canReadAll": all,
        "canReadOwn": own,
        "canViewDetailsOfAll": all,
        "canViewDetailsOfOwn": own,
        "canCreate": Access::to_write(&request.token).is_ok(),
    });
    Ok(response::json(StatusCode::OK, &permissions))
}

/// Returns the id of an item as payloads have it: 32 digits without hyphens.
fn identifier(id: &str) -> String {
    id.replace(['-', '{', '}'], "").to_ascii_uppercase()
}

/// The largest number of items in the payload of a webhook.
const MAX_UPDATES: usize = 1_000;

const STATUSES: &[&str] = &[
    "Queued",
    "Running",
    "Canceling",
    "Canceled",
    "Failed",
    "Completed",
];
