//! Publishing jobs, and the lists of them.

pub(crate) mod access;
pub(crate) mod job;
pub(crate) mod job_edit;
pub(crate) mod job_list;
pub(crate) mod job_outcome;
pub(crate) mod job_query;
pub(crate) mod job_state;
