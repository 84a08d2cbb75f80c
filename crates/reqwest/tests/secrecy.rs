//! No error, log line or trace contains a secret or a token, at the most verbose level.

mod subject;

#[test]
fn transport_prints_no_secret() {
    // The first by `log`, the second by `tracing`.
    let signs_of_life = ["reqwest::connect starting", "hyper_util::client"];
    edge_oauth_conformance::check_secrecy::<subject::Reqwest>(&signs_of_life);
}
