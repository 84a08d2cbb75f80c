//! Nothing that is printed, logged or traced, at the most talkative level, holds a secret or a token.

mod subject;

#[test]
fn nothing_secret_is_told() {
    edge_oauth_conformance::nothing_secret_is_told::<subject::Reqwest>("reqwest");
}
