//! The list of the cases that call an API, and a test for each.

/// Makes a `#[test]` of every case that calls an API, for one [`Caller`](crate::Caller).
///
/// Call it at the top of a file under `tests/`.
#[macro_export]
macro_rules! api_suite {
    ($caller:ty) => {
        $crate::__api_cases! { [$crate::__tests] run_api $caller, }
    };
}

/// Hands the list of these cases to another macro, after what else that one is given.
#[doc(hidden)]
#[macro_export]
macro_rules! __api_cases {
    ([$($to:tt)*] $($argument:tt)*) => {
        $($to)* ! { $($argument)*
            settings {
                they_are_read_replaced_and_patched
                what_is_not_known_survives
                a_wrong_one_is_named
            }
            orders {
                clearing_the_cache_runs_the_webhooks
                deleting_the_content_tells_what_is_gone
            }
            webhooks {
                one_is_created_read_changed_and_deleted
                what_is_not_known_survives
                ten_failures_disable_one_and_an_update_enables_it
                one_that_is_not_there_is_named
            }
            keys {
                one_is_created_and_found_by_itself_and_by_its_hash
                one_is_renamed_by_itself_and_by_its_hash
                one_is_revoked_by_itself_and_by_its_hash
                a_list_goes_through_all_pages
                one_is_replaced_without_downtime
            }
            tokens {
                one_serves_many_calls
                an_expired_one_is_replaced
                a_refused_one_is_replaced_and_nothing_is_done_twice
                one_that_is_refused_again_is_an_error
                what_the_token_does_not_allow_is_not_asked_again
            }
            faults {
                a_busy_service_says_when_and_is_not_asked_again
                a_web_page_is_no_answer
                a_redirect_is_not_followed
                a_service_that_is_not_there_is_the_wires
            }
        }
    };
}
