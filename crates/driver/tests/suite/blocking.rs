//! Many threads and one token.

mod api_requests;
mod new_config;
mod pool;
mod refresh;
mod setup;
mod single_flight;
mod waiting;
