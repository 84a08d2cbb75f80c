//! The transport and the token source in JavaScript engines, against the local Edge.
#![cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod engine;
mod example;
mod scenes;

use engine::{Engine, Kind};

// fault: timer-that-outlives-its-request, timeout-longer-than-a-timer
#[test]
fn node_gets_tokens_and_calls_apis() {
    scenes::play(Engine::start(Kind::Node));
}

// fault: redirect-that-a-browser-hides, network-error-or-missing-permission, length-of-a-compressed-body
#[test]
fn chromium_gets_tokens_and_calls_apis() {
    scenes::play(Engine::start(Kind::Page));
}

#[test]
fn worker_gets_tokens_and_calls_apis() {
    scenes::play(Engine::start(Kind::Worker("2026-11-01")));
}

// Such a Worker rejects a request with the members `cache` and `credentials`.
// fault: worker-without-a-cache
#[test]
fn old_worker_gets_tokens_and_calls_apis() {
    scenes::play(Engine::start(Kind::Worker("2023-01-01")));
}
