//! Endpoints, audiences and hints of one provider.

pub mod experience_edge;
