//! The request of an operation, and the reading of its response.

pub(crate) mod call;
pub(crate) mod decode_error;
pub(crate) mod json_object;
pub(crate) mod pages;
pub(crate) mod path_segment;
pub(crate) mod query;
pub(crate) mod response;
