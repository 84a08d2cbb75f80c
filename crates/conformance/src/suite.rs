//! The list of all cases, and the macro that makes a test of each.

/// Makes a `#[test]` of every case, for one [`Subject`](crate::Subject).
///
/// Call it at the top of a file under `tests/`.
#[macro_export]
macro_rules! suite {
    ($subject:ty) => {
        $crate::__cases! { [$crate::__tests] $subject }
    };
}

/// Passes the list of all cases to another macro, after the macro's own arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ([$($to:tt)*] $($argument:tt)*) => {
        $($to)* ! { [$($argument)*]
            plain_and_over_tls {
                responses {
                    every_status_is_returned_as_a_response
                    interim_responses_are_skipped
                    endless_interim_responses_are_cut_off
                    interim_response_alone_is_a_transient_error
                    response_before_the_request_ends_is_returned
                    close_before_the_request_ends_is_a_response_or_a_closed_error
                    response_before_the_request_is_returned_or_an_error_that_says_so
                    endless_header_is_a_protocol_error
                    large_header_is_read_or_a_protocol_error
                }
                bodies {
                    empty_body_is_returned
                    chunked_body_is_joined
                    body_at_the_limit_is_returned
                    body_one_byte_over_the_limit_is_too_large
                    large_body_is_not_read_to_its_end
                    endless_body_is_cut_off_at_the_limit
                    body_without_a_length_ends_with_its_connection
                    compressed_body_stays_within_the_limit
                }
                broken_responses {
                    connection_closed_before_the_response_is_a_closed_error
                    half_a_header_is_a_closed_error
                    body_cut_short_is_a_closed_error
                    reset_body_is_a_closed_error
                    reset_body_without_a_length_is_no_token
                    malformed_chunk_is_a_protocol_error
                    malformed_length_is_a_protocol_error
                    two_lengths_leave_the_next_response_intact
                    chunks_with_a_length_leave_the_next_response_intact
                    garbage_is_a_protocol_error
                }
                requests {
                    form_arrives_unchanged
                    json_arrives_unchanged
                    basic_auth_arrives_unchanged
                    large_body_arrives_unchanged
                    query_of_the_endpoint_arrives_unchanged
                    api_request_arrives_unchanged
                    endpoint_without_a_path_is_requested_at_the_root
                }
                connections {
                    one_client_sends_three_requests
                    concurrent_requests_get_their_own_responses
                    idle_connection_closed_by_the_server_is_replaced_or_a_closed_error
                    idle_connection_reset_by_the_server_is_replaced_or_a_closed_error
                    connection_with_close_is_not_reused
                    bytes_after_a_response_are_ignored
                    late_bytes_after_a_response_are_ignored
                    response_after_a_timeout_is_dropped
                    rest_of_a_body_over_the_limit_is_dropped
                }
                redirects {
                    redirect_to_the_same_host_is_returned
                    redirect_to_another_host_is_returned
                }
                timeouts {
                    silent_server_times_out
                    server_that_reads_nothing_times_out
                    slow_header_times_out
                    slow_body_times_out
                }
                connect {
                    refused_connection_is_a_connect_error
                    name_without_an_address_is_a_resolve_error
                    dead_route_times_out
                    dead_ipv6_address_leaves_time_for_ipv4
                    dead_ipv4_address_leaves_time_for_the_next
                    ipv6_loopback_is_reached
                }
            }
            plain {
                keep_alive {
                    token_request_opens_its_own_connection
                }
                user_agent {
                    client_without_a_user_agent_gets_one
                    user_agent_of_the_callers_client_wins
                }
                assertions {
                    client_secret_jwt_gets_a_token
                    private_key_jwt_gets_a_token_with_each_algorithm
                    platform_assertion_gets_a_token_at_each_request
                    wrong_key_is_a_permanent_error_with_advice
                    expired_assertion_is_rejected_by_the_source_or_the_server
                    assertion_used_twice_is_rejected
                    wrong_clock_is_reported_by_the_error_and_its_hint
                }
                assertion_files {
                    swapped_file_is_read_at_the_next_attempt
                    missing_file_at_a_refresh_leaves_the_cached_token
                }
                local_edge {
                    right_secret_gets_a_token
                    wrong_secret_gets_an_error_response
                    rejected_token_is_replaced_once_by_send_and_by_call
                    api_that_rejects_every_token_costs_one_request_for_each_call
                    rejected_token_without_a_replacement_is_sent_once
                }
                proxy_variables {
                    loopback_endpoint_bypasses_the_proxy
                    https_endpoint_goes_through_the_proxy
                    https_proxy_wins_over_all_proxy
                    http_proxy_is_ignored_for_https
                    quotes_and_blanks_around_a_proxy_are_removed
                    credentials_of_a_proxy_are_decoded
                    hosts_of_no_proxy_are_reached_directly
                    unusable_proxy_value_is_an_error_with_its_variable
                }
                tls {
                    trusted_authority_is_accepted_by_name_and_by_address
                    certificate_of_an_unknown_authority_is_rejected
                    certificate_of_another_authority_is_rejected
                    expired_certificate_is_rejected
                    certificate_of_the_future_is_rejected
                    certificate_for_another_host_is_rejected
                    self_signed_certificate_is_rejected
                    ca_certificate_as_the_servers_own_is_rejected_with_advice
                    certificate_error_keeps_its_cause
                    second_connection_resumes_the_tls_session
                    silent_handshake_times_out
                    server_without_tls_is_a_tls_error
                    silent_server_without_tls_times_out
                    server_with_old_tls_is_a_tls_error
                    body_cut_short_with_or_without_close_notify_is_a_closed_error
                    body_without_a_length_ends_with_close_notify
                    body_without_a_length_or_close_notify_is_no_token
                }
                client_certificates {
                    client_certificate_is_presented
                    missing_client_certificate_is_an_error_with_the_reason
                    client_certificate_of_another_authority_is_rejected
                    rotated_client_certificate_is_presented_by_the_next_token_request
                    unusable_file_is_an_error_with_its_name_until_it_is_replaced
                }
                proxy_tunnels {
                    proxy_that_wants_credentials_is_a_permanent_error
                    proxy_that_cannot_connect_is_a_transient_error
                    garbage_from_a_proxy_is_a_connect_or_protocol_error
                    proxy_that_hangs_up_is_a_connect_or_closed_error
                    silent_proxy_times_out
                    endless_header_from_a_proxy_is_a_protocol_error
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    ([$subject:ty] plain_and_over_tls { $($both:tt)* } plain { $($plain:tt)* }) => {
        $crate::__tests! { run $subject, $($both)* $($plain)* }

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
