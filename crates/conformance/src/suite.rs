//! The list of the cases, and a test for each.

/// Makes a `#[test]` of every case, for one [`Subject`](crate::Subject).
///
/// Call it at the top of a file under `tests/`.
#[macro_export]
macro_rules! suite {
    ($subject:ty) => {
        $crate::__cases! { [$crate::__tests] $subject }
    };
}

/// Hands the list of all cases to another macro, after what else that one is given.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ([$($to:tt)*] $($argument:tt)*) => {
        $($to)* ! { [$($argument)*]
            plainly and over_tls {
                responses {
                    every_status_is_an_answer
                    early_answers_are_skipped
                    endless_early_answers_end
                    an_early_answer_is_never_the_last
                    an_answer_may_come_before_the_body_was_read
                    a_server_may_hang_up_before_the_body_was_read
                    an_endless_header_is_cut_off
                    a_large_header_is_read_or_refused
                }
                bodies {
                    an_empty_body_is_a_body
                    a_chunked_body_is_put_together
                    a_body_may_be_as_large_as_the_bound
                    one_byte_more_is_too_large
                    a_large_body_is_not_read_to_its_end
                    an_endless_body_is_not_read_for_long
                    a_body_may_end_with_its_connection
                    a_zipped_body_stays_within_the_bound
                }
                broken_responses {
                    no_answer_is_no_answer
                    half_a_header_is_no_answer
                    a_body_cut_short_is_no_answer
                    a_reset_body_is_no_answer
                    a_reset_body_without_a_length_is_no_answer
                    a_bad_chunk_is_no_answer
                    a_bad_length_is_no_answer
                    two_lengths_are_not_mixed
                    chunks_and_a_length_are_not_mixed
                    garbage_is_not_http
                }
                requests {
                    a_form_arrives_as_it_was_made
                    json_arrives_as_it_was_made
                    basic_arrives_as_it_was_made
                    a_large_body_arrives_whole
                    the_query_stays_as_it_is
                    a_call_of_an_api_arrives_as_it_was_made
                    an_endpoint_needs_no_path
                }
                connections {
                    the_same_client_asks_twice
                    many_ask_at_once
                    an_idle_connection_may_be_closed
                    a_kept_connection_may_be_reset
                    a_connection_that_says_close_is_not_used_again
                    junk_after_an_answer_is_not_an_answer
                    junk_that_comes_later_is_not_an_answer
                    a_late_answer_is_for_nobody
                    the_rest_of_a_large_body_is_for_nobody
                }
                redirects {
                    a_redirect_to_the_same_host_is_an_answer
                    a_redirect_to_another_host_is_an_answer
                }
                timeouts {
                    a_silent_server_runs_out_of_time
                    a_server_that_reads_nothing_runs_out_of_time
                    a_slow_header_runs_out_of_time
                    a_slow_body_runs_out_of_time
                }
                connect {
                    a_refused_connection_is_no_connection
                    a_name_without_an_address_is_not_found
                    a_dead_route_runs_out_of_time
                    a_dead_address_leaves_time_for_the_other
                    a_dead_address_of_the_same_kind_leaves_time_too
                    the_ipv6_loopback_is_reached
                }
            }
            plainly {
                keep_alive {
                    token_request_has_a_connection_of_its_own
                }
                user_agent {
                    client_without_a_user_agent_gets_one
                    user_agent_of_the_callers_client_wins
                }
                assertions {
                    client_secret_jwt_gets_a_token
                    private_key_jwt_gets_a_token_with_each_algorithm
                    assertion_of_a_platform_gets_a_token_again_and_again
                    wrong_key_is_a_permanent_error_with_advice
                    expired_assertion_is_found_by_the_source_or_named_by_the_server
                    assertion_that_is_used_twice_is_refused
                    clock_that_is_off_is_named_by_the_error_and_its_hint
                }
                assertion_files {
                    swapped_file_is_read_at_the_next_attempt
                    missing_file_is_no_callers_error_while_a_token_is_cached
                }
                local_edge {
                    a_token_is_fetched
                    a_wrong_secret_is_an_answer
                    rejected_token_is_replaced_once_by_send_and_by_call
                    api_that_rejects_every_token_costs_one_request_for_each_call
                    rejected_token_without_another_is_sent_once
                }
                proxy_variables {
                    a_loopback_endpoint_is_asked_without_a_proxy
                    an_https_endpoint_is_asked_through_a_proxy
                    variable_of_the_scheme_decides_before_the_one_for_all
                    variable_for_http_is_not_for_https
                    quotes_and_blanks_around_a_proxy_are_taken_off
                    proxy_gets_its_credentials_decoded
                    hosts_of_no_proxy_are_reached_directly
                    value_that_cannot_be_honoured_names_its_variable
                }
                tls {
                    a_trusted_authority_serves_name_and_address
                    an_unknown_authority_is_refused
                    another_trusted_authority_does_not_help
                    an_expired_certificate_is_refused
                    a_certificate_of_the_future_is_refused
                    a_certificate_for_another_host_is_refused
                    a_self_signed_certificate_is_refused
                    certificate_of_an_authority_as_the_servers_own_comes_with_advice
                    error_of_tls_keeps_its_cause
                    sessions_are_resumed
                    a_silent_handshake_runs_out_of_time
                    a_server_without_tls_is_no_answer
                    a_silent_server_without_tls_runs_out_of_time
                    a_server_of_old_tls_is_refused
                    a_body_cut_short_under_tls_is_no_answer
                    a_body_may_end_with_a_tls_connection
                    a_body_that_ends_without_a_goodbye_is_no_answer
                }
                client_certificates {
                    client_certificate_is_presented
                    missing_client_certificate_is_an_error_that_says_so
                    client_certificate_of_another_authority_is_refused
                    rotated_client_certificate_is_presented_by_the_next_token_request
                    unusable_file_is_an_error_that_names_it_until_it_is_replaced
                }
                proxy_tunnels {
                    a_proxy_that_wants_credentials_says_so_for_good
                    a_proxy_that_does_not_connect_is_no_connection
                    a_proxy_that_speaks_garbage_is_no_connection
                    a_proxy_that_hangs_up_is_no_connection
                    a_silent_proxy_runs_out_of_time
                    a_proxy_with_an_endless_header_is_cut_off
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ([$subject:ty] plainly and over_tls { $($both:tt)* } plainly { $($plainly:tt)* }) => {
        $crate::__tests! { run $subject, $($both)* $($plainly)* }

        mod over_tls {
            #[allow(unused_imports, reason = "the subject may be named by a path")]
            use super::*;

            $crate::__tests! { run_over_tls $subject, $($both)* }
        }
    };
    ($run:ident $subject:ty, $($noun:ident { $($case:ident)* })*) => {
        $(
            mod $noun {
                #[allow(unused_imports, reason = "the subject may be named by a path")]
                use super::*;

                $(
                    #[test]
                    fn $case() {
                        let case = concat!(stringify!($noun), "::", stringify!($case));
                        $crate::$run::<$subject>(module_path!(), case);
                    }
                )*
            }
        )*
    };
}
