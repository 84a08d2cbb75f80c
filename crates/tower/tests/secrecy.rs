//! No error, log line or trace contains a secret or a token, at the most verbose level.

mod subject;

#[test]
fn transport_prints_no_secret() {
    let signs_of_life = ["hyper_util::client"];
    edge_oauth_conformance::check_secrecy::<subject::Hyper>(&signs_of_life);
}
