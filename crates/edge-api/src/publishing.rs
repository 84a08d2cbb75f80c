//! Publishing jobs, and the operations on them.

pub(crate) mod creator;
pub(crate) mod filter_values;
pub(crate) mod job;
pub(crate) mod job_counts;
pub(crate) mod job_filter;
pub(crate) mod job_page;
pub(crate) mod job_statistics;
pub(crate) mod job_status;
pub(crate) mod list_jobs;
pub(crate) mod new_job;
pub(crate) mod operations;
pub(crate) mod permissions;
pub(crate) mod publish_item;
pub(crate) mod publish_mode;
pub(crate) mod service;
pub(crate) mod time_range;
