//! All operations over each transport, by a token source at a local Experience Edge.
//!
//! ```text
//!   case ──▶ Stage::call ──▶ TokenSource ──▶ ureq, reqwest, surf, hyper ──▶ LocalEdge
//! ```
//!
//! Each case also checks that no error and no log line contains a secret.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod caller;
mod faults;
mod keys;
mod publishing;
mod settings;
mod site;
mod stage;
mod tokens;
mod webhook_runs;
mod webhooks;

/// Makes a test of every case for a caller, in a module of the transport's name.
macro_rules! suite {
    ($transport:ident: $caller:ty) => {
        suite! { $transport $caller:
            settings {
                settings_are_read_replaced_and_patched
                unknown_members_survive_an_update
                malformed_setting_is_named
            }
            webhook_runs {
                cleared_cache_runs_the_webhooks
                deleted_content_is_listed_in_the_payload
            }
            webhooks {
                webhook_is_created_read_changed_and_deleted
                unknown_members_survive_an_update
                webhook_is_disabled_by_ten_failures_and_enabled_by_an_update
                missing_webhook_is_a_404
            }
            keys {
                created_key_is_found_by_key_and_by_hash
                key_is_renamed_by_key_and_by_hash
                key_is_revoked_by_key_and_by_hash
                list_reads_all_pages
                key_is_replaced_without_downtime
            }
            publishing {
                job_is_created_watched_and_completed
                job_of_items_is_created_and_fails
                job_is_canceled_until_its_items_are_sent
                list_reads_all_pages
                summary_values_and_permissions_are_read
                client_without_the_scope_gets_a_hint
                rejected_token_is_replaced_and_one_job_created
                missing_job_is_a_404
            }
            tokens {
                cached_token_serves_many_calls
                expired_token_is_replaced
                rejected_token_is_replaced_and_the_call_takes_effect_once
                token_that_is_rejected_twice_is_an_error
                call_without_the_scope_is_not_retried
            }
            faults {
                busy_service_is_not_called_again
                web_page_is_an_error
                redirect_is_not_followed
                unreachable_service_is_a_network_error
            }
        }
    };
    ($transport:ident $caller:ty: $($noun:ident { $($case:ident)* })*) => {
        mod $transport {
            $(mod $noun {
                $(#[test]
                fn $case() {
                    let case = crate::$noun::$case::<$caller>;
                    edge_oauth_conformance::run_watched(module_path!(), stringify!($case), case);
                })*
            })*
        }
    };
}

suite! { over_ureq: crate::caller::Ureq }
suite! { over_reqwest: crate::caller::Reqwest }
suite! { over_surf: crate::caller::Surf }
suite! { over_hyper: crate::caller::Hyper }
suite! { through_the_tower_layer: crate::caller::TowerLayer }
