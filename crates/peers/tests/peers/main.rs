//! Every transport against servers that others wrote.
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

/// A test of each case for each transport, such as `ureq::oidc::a_token_is_fetched`.
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
    ]
    {
        oidc {
            a_token_for_a_resource_is_a_jwt
            a_token_for_nothing_in_particular_is_opaque
            credentials_of_every_character_are_understood
            a_wrong_secret_is_refused_for_good
            json_is_refused_for_good
            a_resource_that_is_not_served_is_refused_for_good
            a_scope_that_is_not_served_is_not_granted
        }
        assertions {
            assertion_of_each_algorithm_is_accepted
            assertion_for_the_issuer_is_accepted_by_fapi
            assertion_for_another_audience_is_refused
            assertion_with_the_key_of_another_is_refused
            assertion_of_a_slow_clock_is_refused
            assertion_that_was_used_is_refused
        }
        mutual_tls {
            certificate_of_an_authority_is_accepted
            certificate_that_is_registered_is_accepted
            rotated_certificate_is_that_of_the_next_token
            request_without_a_certificate_is_refused
            certificate_of_another_client_is_refused
        }
        nginx {
            a_token_comes_through
            a_limit_says_when_to_come_again
            a_page_of_html_is_no_verdict
            a_page_of_html_is_no_token
            a_request_that_is_too_large_is_refused
            a_redirect_is_not_followed
            client_certificate_that_is_missing_or_foreign_is_named
        }
        lifecycle {
            a_token_is_refreshed_beside_its_callers
            a_token_that_an_api_refuses_is_replaced_once
            source_signs_each_token_request_anew
        }
    }
}
