//! Nothing that is printed, logged or traced, at the most talkative level, holds a secret or a token.

mod subject;

#[test]
fn nothing_secret_is_told() {
    // By `log`, and by `tracing`.
    let signs_of_life = ["reqwest::connect starting", "hyper_util::client"];
    edge_oauth_conformance::check_secrecy::<subject::Reqwest>(&signs_of_life);
}
