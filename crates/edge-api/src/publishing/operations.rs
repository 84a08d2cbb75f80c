//! The operations of the Publishing API.

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Request, Response};

use crate::http::call::{Call, operations};
use crate::http::response::ignore_body;
use crate::input_error::InputError;
use crate::publishing::filter_values::JobFilterValues;
use crate::publishing::job::Job;
use crate::publishing::job_counts::JobCounts;
use crate::publishing::job_filter::{JobFilter, PageRequest, summary_query};
use crate::publishing::list_jobs::ListJobs;
use crate::publishing::new_job::NewJob;
use crate::publishing::permissions::PublishingPermissions;
use crate::publishing::service::{Publishing, job_path};
use crate::publishing::time_range::TimeRange;

impl Publishing {
    /// Returns the operation that creates a job: `POST /jobs`.
    ///
    /// Jobs run one after the other. If you repeat the call after a network error, the content may be published twice:
    /// list the jobs of the [`source`](JobFilter::source) first, and compare their names.
    ///
    /// # Errors
    ///
    /// If the service would reject the job, such as one without a locale.
    pub fn create_job(&self, job: &NewJob) -> Result<CreateJob, InputError> {
        Ok(CreateJob {
            call: self.write("").json(&job.to_json()?),
            job: job.clone(),
        })
    }

    /// Returns the operation that reads a job: `GET /jobs/{id}`.
    ///
    /// # Errors
    ///
    /// If `id` is empty, `.`, `..`, longer than 512 bytes, or the path of another operation.
    pub fn job(&self, id: &str) -> Result<GetJob, InputError> {
        Ok(GetJob(self.read(&job_path(id)?)))
    }

    /// Returns the operation that lists a page of jobs: `GET /jobs`. [`ListJobs`] reads the other pages.
    ///
    /// # Errors
    ///
    /// If a value of the filter is empty or has a `|`, if a time is not a date, or if the filter has more than 16 KiB.
    pub fn jobs(&self, filter: JobFilter) -> Result<ListJobs, InputError> {
        ListJobs::new(self, filter)
    }

    /// Returns the operation that cancels a job: `POST /jobs/{id}/cancel`. The service only accepts it: read the job
    /// until its status is `Canceled`. A job that has ended, or has sent all of its items, is a 409.
    ///
    /// # Errors
    ///
    /// If `id` is empty, `.`, `..`, longer than 512 bytes, or the path of another operation.
    pub fn cancel_job(&self, id: &str) -> Result<CancelJob, InputError> {
        let path = format!("{}/cancel", job_path(id)?);
        Ok(CancelJob(self.write(&path).no_body()))
    }

    /// Returns the operation that counts the jobs by status: `GET /jobs/summary`. With a time, it counts the jobs that
    /// were created then.
    ///
    /// # Errors
    ///
    /// If the time is not a date.
    pub fn job_summary(&self, queued: Option<&TimeRange>) -> Result<SummarizeJobs, InputError> {
        let path = format!("/summary{}", summary_query(queued)?);
        Ok(SummarizeJobs(self.read(&path)))
    }

    /// Returns the operation that lists the values that a filter can have: `GET /jobs/filters`.
    ///
    /// # Errors
    ///
    /// Those of [`jobs`](Self::jobs).
    pub fn job_filter_values(&self, filter: &JobFilter) -> Result<ListFilterValues, InputError> {
        let path = format!("/filters{}", filter.query(&PageRequest::First)?);
        Ok(ListFilterValues(self.read(&path)))
    }

    /// Returns the operation that reads the permissions of the client: `GET /jobs/permissions`. It needs a valid token and no
    /// scope, so it checks a set-up.
    pub fn permissions(&self) -> GetPermissions {
        GetPermissions(self.read("/permissions"))
    }
}

operations! {
    /// The operation of [`Publishing::job`].
    GetJob -> Job = Job::read;

    /// The operation of [`Publishing::cancel_job`]. A success means that the service accepted the operation; it cancels
    /// the job later.
    CancelJob -> () = ignore_body;

    /// The operation of [`Publishing::job_summary`].
    SummarizeJobs -> JobCounts = JobCounts::read;

    /// The operation of [`Publishing::job_filter_values`].
    ListFilterValues -> JobFilterValues = JobFilterValues::read;

    /// The operation of [`Publishing::permissions`].
    GetPermissions -> PublishingPermissions = PublishingPermissions::read;
}

/// The operation of [`Publishing::create_job`]. Returns the new job.
///
/// If the response has no body, the result has the id from `Location`, the name and the source. Without a body and
/// `Location` the result is `None`: the job was created, and [`jobs`](Publishing::jobs) lists it.
#[derive(Clone, Debug)]
pub struct CreateJob {
    call: Call,
    job: NewJob,
}

impl Operation for CreateJob {
    type Output = Option<Job>;

    fn request(&self) -> Request<SecretBytes> {
        self.call.request()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<Option<Job>, ApiError> {
        self.call.read(response, |response| {
            let located = response.id_in_location("/jobs/");
            let created = located.map(|id| self.job.created(&id));
            match (response.is_empty(), created) {
                (true, created) => Ok(created),
                // The form of a 202's body is not documented.
                (false, Some(created)) => Ok(Some(Job::read(response).unwrap_or(created))),
                (false, None) => Job::read(response).map(Some),
            }
        })
    }
}
