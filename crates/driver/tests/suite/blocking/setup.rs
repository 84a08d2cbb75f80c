//! Configurations and callers of a test.

use std::thread;
use std::time::Duration;

use edge_oauth_no_io::{Config, Secret};

use crate::stage::{Stage, threads};

pub(crate) const LIFE: Duration = Duration::from_secs(900);
/// The age of a token whose refresh is due, a little before its margin.
pub(crate) const DUE: Duration = Duration::from_secs(866);

/// Another secret of the same client.
pub(crate) fn rotated() -> Config {
    Config::builder("https://login.example/token", "id")
        .client_secret(Secret::new("rotated"))
        .build()
        .unwrap()
}

/// Runs `count` callers, all of which wait before the answer comes.
pub(crate) fn callers(
    stage: &Stage,
    count: usize,
) -> Vec<Result<String, edge_oauth_no_io::TokenError>> {
    let source = threads(stage);
    stage.close();
    thread::scope(|scope| {
        let call = || source.token().map(|token| token.expose().to_owned());
        let callers: Vec<_> = (0..count).map(|_| scope.spawn(call)).collect();
        stage.until_requests(1);
        stage.until_waiting(count - 1);
        stage.open();
        callers
            .into_iter()
            .map(|caller| caller.join().unwrap())
            .collect()
    })
}
