//! A job object of Windows: the command ends if this process is killed.

use std::mem;

use win32job::{ExtendedLimitInfo, Job, JobError};

use crate::output::terminal;

/// The job of this process and of the command that it starts.
pub(crate) struct SharedEnd(Option<Job>);

impl SharedEnd {
    /// Puts this process into a job that ends when this process does. Processes that it starts from now on belong to the
    /// job too. If the system refuses a job, the command runs without one.
    pub(crate) fn begin() -> Self {
        Self(match begun() {
            Ok(job) => Some(job),
            Err(error) => {
                let message = "the command will not end with this process";
                terminal::detail(format_args!("{message}: {error}"));
                None
            }
        })
    }
}

/// Ends the bond after the command has ended, or was not found. Processes that it left in the background go on.
impl Drop for SharedEnd {
    fn drop(&mut self) {
        if let Some(job) = self.0.take()
            && job
                .set_extended_limit_info(&ExtendedLimitInfo::new())
                .is_err()
        {
            // Its end would be the end of this process.
            mem::forget(job);
        }
    }
}

fn begun() -> Result<Job, JobError> {
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    let job = Job::create_with_limit_info(&limits)?;
    job.assign_current_process()?;
    Ok(job)
}
