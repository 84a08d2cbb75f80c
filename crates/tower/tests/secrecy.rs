//! Nothing that is printed, logged or traced, at the most talkative level, holds a secret or a token.

mod subject;

#[test]
fn nothing_secret_is_told() {
    let signs_of_life = ["hyper_util::client"];
    edge_oauth_conformance::nothing_secret_is_told::<subject::Hyper>(&signs_of_life);
}
