//! The values that processes exchange through a shared store, and the rules of such a store.

pub(crate) mod claim;
pub(crate) mod error;
pub(crate) mod finish;
pub(crate) mod reference_store;
mod shared_body;
pub(crate) mod shared_response;
