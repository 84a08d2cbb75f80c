//! The cases that call an API, by noun, and how one is run.

mod faults;
mod keys;
mod orders;
mod settings;
mod stage;
mod tokens;
mod webhooks;

use crate::caller::Caller;
use crate::cases::{test_name, watched};
use crate::rerun;

/// Runs one case, such as `keys::a_list_goes_through_all_pages`. `module` is the module that the test of
/// the same name stands in. [`api_suite!`](crate::api_suite) calls it.
#[doc(hidden)]
pub fn run_api<C: Caller>(module: &str, case: &str) {
    let test = test_name(module, case);
    if !rerun::is_child() && rerun::has_proxy() {
        return rerun::in_child(&test, &[]);
    }
    watched(&test, find::<C>(case));
}

/// A case that is missing here does not compile, since nothing else calls it.
macro_rules! find {
    ($($noun:ident { $($case:ident)* })*) => {
        fn find<C: Caller>(name: &str) -> fn() {
            $($(
                if name == concat!(stringify!($noun), "::", stringify!($case)) {
                    return $noun::$case::<C>;
                }
            )*)*
            panic!("there is no case {name}");
        }
    };
}

crate::__api_cases! { [find] }
