//! Answers the calls of run.py with the library that the argument names.

mod edge_oauth;
mod huskarl_client;
mod oauth2_client;

use std::io::{Write, stdin, stdout};

use serde_json::{Value, json};

fn main() {
    let name = std::env::args().nth(1).unwrap_or_default();
    let (version, answer): (&str, fn(&Value) -> Value) = match &*name {
        "edge-oauth" => ("of this repository", edge_oauth::answer),
        "huskarl" => ("0.11.10", huskarl_client::answer),
        "oauth2" => ("5.0.0", oauth2_client::answer),
        other => panic!("no library is named {other}"),
    };
    let mut out = stdout();
    writeln!(out, "{}", json!({"version": version})).expect("run.py reads");
    for line in stdin().lines() {
        let call = serde_json::from_str(&line.expect("run.py writes lines")).expect("JSON");
        writeln!(out, "{}", answer(&call)).expect("run.py reads");
    }
}

fn text<'a>(call: &'a Value, name: &str) -> &'a str {
    call[name].as_str().unwrap_or_default()
}

/// Returns the parameters beyond the grant's own.
fn params(call: &Value) -> Vec<(String, String)> {
    let params = call["params"].as_object().into_iter().flatten();
    params
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn unsupported() -> Value {
    json!({"unsupported": true})
}
