//! Watching a job until it ends, time is over, or a person interrupts.

use std::time::Duration;

use clap::Args;
use edge_oauth_driver::system_time;
use edge_oauth_no_io::{ApiError, Operation, RateLimits, RetryAfter, SecretBytes};
use experience_edge_api::{GetJob, Job};
use http::{Request, Response};

use crate::api_client::ApiClient;
use crate::args::{above_zero, time};
use crate::commands::publish::advice;
use crate::commands::publish::looks::Looks;
use crate::commands::publish::reporter::Reporter;
use crate::error::CliError;
use crate::output::terminal;
use crate::session::Failed;
use crate::signals::{Interrupts, no_signals};

#[derive(Args, Clone, Copy, Debug)]
pub(super) struct WatchArgs {
    /// Wait for the end of the job, which the exit status tells
    #[arg(short, long)]
    wait: bool,

    /// Maximum time to wait for the end of the job; --timeout is for each look at it
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "30m", requires = "wait")]
    wait_timeout: Duration,

    /// Time between two looks at the job [default: 3s at first, and up to 15s]
    #[arg(long, value_name = "TIME", value_parser = interval, requires = "wait")]
    interval: Option<Duration>,
}

impl WatchArgs {
    pub(super) fn waits(self) -> bool {
        self.wait
    }
}

/// Parses a time between two looks. Without a pause, a watch would be a flood of requests.
fn interval(text: &str) -> Result<Duration, &'static str> {
    above_zero(text, "longer than 0s")
}

/// The watch over one job.
pub(super) struct Watch<'a> {
    api: &'a ApiClient,
    id: &'a str,
    get: WithRetryAfter,
    looks: Looks,
    cancels: bool,
    interrupts: Interrupts,
    reporter: Reporter,
}

/// The outcome of a watch.
pub(super) struct Watched {
    /// The job as it was last seen.
    pub(super) last: Option<Job>,
    pub(super) why: Why,
}

/// Why a watch is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    Ended,
    /// A signal, by the exit status for it.
    Interrupted(u8),
    /// The job was canceled because of a signal.
    CanceledBy(u8),
    TimeIsOver,
}

impl<'a> Watch<'a> {
    /// Begins a watch. From now on Ctrl-C cancels the job, or ends the watch alone.
    pub(super) fn new(
        api: &'a ApiClient,
        id: &'a str,
        args: WatchArgs,
        cancels: bool,
    ) -> Result<Self, CliError> {
        let interrupts = Interrupts::note().map_err(no_signals)?;
        if !cancels {
            // Without a request in flight, the watch itself says so.
            let id = id.to_owned();
            let noted = interrupts.end_if_unseen(move || {
                terminal::progress("");
                let _ = advice::interrupted(&id).report();
            });
            noted.map_err(no_signals)?;
        }
        let end = system_time().after(args.wait_timeout).monotonic;
        Ok(Self {
            api,
            id,
            get: WithRetryAfter(api.publishing.job(id)?),
            looks: Looks::new(args.interval, end),
            cancels,
            interrupts,
            reporter: Reporter::new(),
        })
    }

    pub(super) fn run(mut self) -> Result<Watched, CliError> {
        let mut last = None;
        let mut canceled_by = None;
        loop {
            let wait = match self.api.attempt(&self.get) {
                Ok((job, retry_after)) => {
                    self.reporter.show(&job);
                    let is_final = job.status().is_final();
                    last = Some(job);
                    if is_final {
                        let why = canceled_by.map_or(Why::Ended, Why::CanceledBy);
                        return Ok(Watched { last, why });
                    }
                    self.looks.after_job(waited(retry_after), now())
                }
                Err(failed) => self.after(failed)?,
            };
            let Some(wait) = wait else {
                let why = Why::TimeIsOver;
                return Ok(Watched { last, why });
            };
            self.interrupts.wait(wait, |interrupts| {
                canceled_by.is_none() && interrupts.status().is_some()
            });
            if let (Some(status), None) = (self.interrupts.status(), canceled_by) {
                if !(self.cancels && self.cancel()?) {
                    let why = Why::Interrupted(status);
                    return Ok(Watched { last, why });
                }
                canceled_by = Some(status);
            }
        }
    }

    /// Returns the wait after a failure that may pass. Any other failure ends the watch.
    fn after(&mut self, failed: Failed) -> Result<Option<Duration>, CliError> {
        let goes_on =
            |error: CliError| error.next(format!("the job goes on: {}", advice::goes_on(self.id)));
        if !failed.is_transient {
            return Err(failed.error);
        }
        let wait = self.looks.after_failure(waited(failed.retry_after), now());
        match wait {
            None => Err(goes_on(failed.error)),
            Some(wait) => {
                if self.looks.has_just_failed() {
                    let message =
                        format!("a look at the job failed and is repeated: {}", failed.error);
                    self.reporter.warn(&message);
                }
                Ok(Some(wait))
            }
        }
    }

    /// Cancels the job. Returns false if it is too late, since the job is about to end.
    fn cancel(&self) -> Result<bool, CliError> {
        let cancel = self.api.publishing.cancel_job(self.id)?;
        match self.api.attempt(&cancel) {
            Ok(()) => {
                self.reporter
                    .warn("the job is being canceled; a second Ctrl-C ends the watch");
                Ok(true)
            }
            Err(failed) => {
                self.reporter
                    .warn(&format!("the job is not canceled: {}", failed.error));
                Ok(false)
            }
        }
    }
}

fn now() -> Duration {
    system_time().monotonic
}

fn waited(retry_after: Option<RetryAfter>) -> Option<Duration> {
    retry_after.map(|retry_after| retry_after.wait(system_time().wall))
}

/// The operation with the wait that the service asks for in a success.
struct WithRetryAfter(GetJob);

impl Operation for WithRetryAfter {
    type Output = (Job, Option<RetryAfter>);

    fn request(&self) -> Request<SecretBytes> {
        self.0.request()
    }

    fn parse(&self, response: &Response<impl AsRef<[u8]>>) -> Result<Self::Output, ApiError> {
        let job = self.0.parse(response)?;
        Ok((job, RateLimits::read(response.headers()).retry_after))
    }
}
