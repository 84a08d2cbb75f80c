//! For threads: the traits of a transport and of a runtime, and the loop that waits.

mod builder;
mod calls;
mod drive;
mod fetch;
mod oauth2_client;
mod parts;
mod runtime;
mod source;
mod transport;

pub use builder::Builder;
pub use fetch::fetch;
pub use oauth2_client::oauth2_client;
pub use runtime::{Runtime, Threads};
pub use source::TokenSource;
pub use transport::Transport;
