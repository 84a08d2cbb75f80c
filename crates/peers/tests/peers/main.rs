//! Every transport against servers that others wrote.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod clients;
mod http2;
mod lifecycle;
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
        nginx {
            a_token_comes_through
            a_limit_says_when_to_come_again
            a_page_of_html_is_no_verdict
            a_page_of_html_is_no_token
            a_request_that_is_too_large_is_refused
            a_redirect_is_not_followed
        }
        lifecycle {
            a_token_is_refreshed_beside_its_callers
            a_token_that_an_api_refuses_is_replaced_once
        }
    }
}
