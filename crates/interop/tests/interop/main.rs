//! Every transport against servers of other projects.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod assertions;
mod clients;
mod credentials;
mod http2;
mod lifecycle;
mod mutual_tls;
mod nginx;
mod oidc;
mod source;

/// A test of each case for each transport, such as `ureq::oidc::token_for_a_resource_is_a_jwt`.
macro_rules! cases {
    ([$($transport:ident $subject:ty)*] $cases:tt) => {
        $(
            mod $transport {
                crate::tests! { $subject, $cases }
            }
        )*
    };
}

macro_rules! tests {
    ($subject:ty, { $($noun:ident { $($case:ident)* })* }) => {
        $(
            mod $noun {
                $(
                    #[test]
                    fn $case() {
                        crate::$noun::$case::<$subject>();
                    }
                )*
            }
        )*
    };
}
use tests;

cases! {
    [
        ureq crate::clients::Ureq
        reqwest crate::clients::Reqwest
        surf crate::clients::Surf
        hyper crate::clients::Hyper
    ]
    {
        oidc {
            token_for_a_resource_is_a_jwt
            token_without_a_resource_is_opaque
            credentials_with_every_character_are_accepted
            wrong_secret_is_a_permanent_error
            json_is_a_permanent_error
            unknown_resource_is_a_permanent_error
            unknown_scope_is_not_granted
        }
        assertions {
            assertion_of_each_algorithm_is_accepted
            assertion_for_the_issuer_is_accepted_by_fapi
            assertion_for_another_audience_is_rejected
            assertion_with_the_key_of_another_client_is_rejected
            assertion_of_a_slow_clock_is_rejected
            assertion_used_twice_is_rejected
        }
        mutual_tls {
            certificate_of_an_authority_is_accepted
            registered_certificate_is_accepted
            rotated_certificate_is_used_by_the_next_token_request
            request_without_a_certificate_is_rejected
            certificate_of_another_client_is_rejected
        }
        nginx {
            token_arrives_through_nginx
            rate_limit_sets_the_time_to_wait
            html_page_with_an_error_status_is_transient
            html_page_with_status_200_is_no_token
            request_that_is_too_large_is_rejected
            redirect_is_not_followed
            missing_or_unknown_client_certificate_is_an_error_with_the_reason
        }
        lifecycle {
            token_is_refreshed_in_the_background
            rejected_token_is_replaced_once
            each_token_request_has_a_new_assertion
        }
    }
}
