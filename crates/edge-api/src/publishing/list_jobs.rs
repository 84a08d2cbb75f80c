//! A list of jobs in pages.

use std::collections::HashSet;

use edge_oauth_no_io::{ApiError, Operation, SecretBytes};
use http::{Request, Response};

use crate::http::call::Call;
use crate::http::decode_error::DecodeError;
use crate::http::pages::pages;
use crate::input_error::InputError;
use crate::publishing::job::Job;
use crate::publishing::job_filter::{JobFilter, PageRequest};
use crate::publishing::job_page::JobPage;
use crate::publishing::service::Publishing;

/// The operation of [`Publishing::jobs`]. Lists one page of jobs.
#[derive(Clone, Debug)]
pub struct ListJobs {
    call: Call,
    publishing: Publishing,
    filter: JobFilter,
    page: u32,
    /// The number of jobs on earlier pages.
    before: u64,
    /// The checkpoints so far.
    checkpoints: Vec<String>,
}

impl ListJobs {
    pub(crate) fn new(publishing: &Publishing, filter: JobFilter) -> Result<Self, InputError> {
        let query = filter.query(&PageRequest::First)?;
        Ok(Self {
            call: publishing.read(&query),
            publishing: publishing.clone(),
            filter,
            page: 1,
            before: 0,
            checkpoints: Vec::new(),
        })
    }

    /// Returns the operation that lists the next page. `None` after the last page, and after the first 1,000 jobs
    /// unless the service names a checkpoint.
    ///
    /// Use it in async code; blocking code also has [`all`](Self::all) and [`pages`](Self::pages).
    ///
    /// ```
    /// # use edge_oauth_driver::nonblocking::{Runtime, TokenSource};
    /// # use std::error::Error;
    /// # use experience_edge_api::{Job, JobFilter, Publishing};
    /// async fn all_jobs<R: Runtime>(source: &TokenSource<R>) -> Result<Vec<Job>, Box<dyn Error>> {
    ///     let mut jobs = Vec::new();
    ///     let mut next = Some(Publishing::new().jobs(JobFilter::new())?);
    ///     while let Some(operation) = next {
    ///         let page = source.call(&operation).await?;
    ///         next = operation.after(&page);
    ///         jobs.extend(page.jobs);
    ///     }
    ///     Ok(jobs)
    /// }
    /// ```
    pub fn after(&self, page: &JobPage) -> Option<Self> {
        if !page.has_next {
            return None;
        }
        let mut next = self.clone();
        let request = match &page.next {
            Some(checkpoint) => {
                next.checkpoints.push(checkpoint.clone());
                PageRequest::Continued(checkpoint.clone())
            }
            None => PageRequest::Number(self.page.checked_add(1)?),
        };
        next.page = self.page.saturating_add(1);
        next.before = self
            .before
            .saturating_add(u64::try_from(page.jobs.len()).ok()?);
        next.call = self.publishing.read(&self.filter.query(&request).ok()?);
        Some(next)
    }

    /// Returns the jobs of this page and all later pages, each job once. `call` makes one call:
    /// `|operation| source.call(operation)`.
    ///
    /// # Errors
    ///
    /// The first error of `call`.
    ///
    /// ```
    /// # use edge_oauth_driver::blocking::{Runtime, TokenSource};
    /// # use experience_edge_api::{JobFilter, JobStatus, Publishing};
    /// # fn show<R: Runtime>(source: &TokenSource<R>) -> Result<(), Box<dyn std::error::Error>> {
    /// let failed = Publishing::new().jobs(JobFilter::new().status(JobStatus::Failed))?;
    /// for job in failed.all(|operation| source.call(operation))? {
    ///     println!("{} {}", job.id(), job.name());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn all<E, F>(self, call: F) -> Result<Vec<Job>, E>
    where
        F: FnMut(&Self) -> Result<JobPage, E>,
    {
        let mut jobs = Vec::new();
        // A job that is created meanwhile moves the others to later pages.
        let mut ids = HashSet::new();
        for page in self.pages(call) {
            jobs.extend(
                page?
                    .jobs
                    .into_iter()
                    .filter(|job| ids.insert(job.id().to_owned())),
            );
        }
        Ok(jobs)
    }

    /// Returns an iterator over this page and all later pages. `call` makes one call:
    /// `|operation| source.call(operation)`.
    ///
    /// The iterator ends after the last page or after the first error. A job that is created meanwhile may move
    /// another job to the next page, which then has it again.
    pub fn pages<E, F>(self, call: F) -> impl Iterator<Item = Result<JobPage, E>>
    where
        F: FnMut(&Self) -> Result<JobPage, E>,
    {
        pages(self, call, Self::after)
    }

    /// Checks that the list comes to an end.
    fn check(&self, page: &JobPage) -> Result<(), DecodeError> {
        let Some(next) = &page.next else {
            return Ok(());
        };
        if self.checkpoints.contains(next) {
            return Err(DecodeError::member("next", "is an earlier page"));
        }
        if self.checkpoints.len() >= MAX_PAGES {
            return Err(DecodeError::member(
                "next",
                "is there on more pages than any list has",
            ));
        }
        match self.filter.query(&PageRequest::Continued(next.clone())) {
            Ok(_) => Ok(()),
            Err(_) => Err(DecodeError::member("next", "is too long for a URL")),
        }
    }
}

impl Operation for ListJobs {
    type Output = JobPage;

    fn request(&self) -> Request<SecretBytes> {
        self.call.request()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<JobPage, ApiError> {
        self.call.read(response, |response| {
            let page = JobPage::read(response, self.before)?;
            self.check(&page)?;
            Ok(page)
        })
    }
}

/// The number of checkpoints after which a list is an error. A service that always has another page would never end it.
const MAX_PAGES: usize = 1_000;
