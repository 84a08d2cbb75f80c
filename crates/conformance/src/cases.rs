//! The cases, a module for each subject.

mod assertion_files;
mod assertions;
mod bodies;
mod broken_responses;
mod client_certificates;
mod connect;
mod connections;
mod keep_alive;
mod local_edge;
mod proxy_tunnels;
pub(crate) mod proxy_variables;
mod redirects;
mod requests;
mod responses;
mod timeouts;
mod tls;
mod user_agent;

use crate::subject::Subject;

/// A test without its subject.
pub(crate) type Case = fn();

/// Makes a function of the list. A case that is missing in the list is unused code, which is an error.
macro_rules! find {
    (
        [] plain_and_over_tls { $($both:ident $both_cases:tt)* }
        plain { $($plain:ident $plain_cases:tt)* }
    ) => {
        find! { $($both $both_cases)* $($plain $plain_cases)* }
    };
    ($($noun:ident { $($case:ident)* })*) => {
        /// Returns the case of this name, such as `tls::expired_certificate_is_rejected`.
        pub(crate) fn find<S: Subject>(name: &str) -> Case {
            $($(
                if name == concat!(stringify!($noun), "::", stringify!($case)) {
                    return $noun::$case::<S>;
                }
            )*)*
            panic!("there is no case {name}");
        }
    };
}

crate::__cases! { [find] }
