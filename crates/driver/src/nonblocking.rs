//! For tasks: the traits of a transport and of a runtime, and the loop that waits.

mod builder;
mod calls;
mod drive;
pub(crate) mod either;
mod fetch;
mod oauth2_client;
mod parts;
mod runtime;
mod source;
mod transport;

pub use builder::Builder;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use fetch::fetch;
pub use fetch::fetch_on;
pub use oauth2_client::oauth2_client;
pub use runtime::Runtime;
pub use source::TokenSource;
pub use transport::Transport;
