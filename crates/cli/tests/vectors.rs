//! The vectors in `vectors/` by `edge-oauth explain`: it reads each response as the core does.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[path = "../../../vectors/vectors.rs"]
mod vectors;

use common::Home;
use serde_json::Value;

#[test]
fn explained_response_has_the_verdict_of_its_vector() {
    let home = Home::new();
    for vector in ["token-responses", "token-errors"]
        .into_iter()
        .flat_map(vectors::read)
    {
        // The other combinations do not differ in anything that the program reads.
        let response = &vector.responses[0];
        // `curl -i` prints a final response after an informational one.
        if response.status().is_informational() {
            continue;
        }
        let explain = ["explain", "--generic", "--output", "json"];
        let run = home.run(explain).input(vectors::as_curl(response));
        let explained: Value = serde_json::from_str(&run.finish().quiet()).unwrap();
        assert_eq!(verdict(&explained), vector.verdict, "{}", vector.name);
        for (result, members) in [
            ("token", &["expires_in", "scope"][..]),
            ("error", &["code", "description"]),
        ] {
            for member in members {
                let expected = &vector.json[result][member];
                assert_eq!(&explained[result][member], expected, "{}", vector.name);
            }
        }
    }
}

fn verdict(explained: &Value) -> &'static str {
    match explained["error"]["transient"].as_bool() {
        None => "token",
        Some(true) => "transient",
        Some(false) => "permanent",
    }
}
