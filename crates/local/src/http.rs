//! Parts of requests and responses that do not depend on their purpose.

pub(crate) mod cors;
pub(crate) mod loopback;
pub(crate) mod request;
pub(crate) mod response;
