//! The scenes that each engine plays.

mod lifecycle;
mod peer;
mod stage;
mod wire;

use crate::engine::Engine;
use stage::Stage;

/// Plays all scenes in one engine. Nothing that it prints or returns contains a secret or a token.
pub(crate) fn play(engine: Option<Engine>) {
    let Some(engine) = engine else { return };
    let stage = Stage::new(engine);
    lifecycle::play(&stage);
    wire::play(&stage);
    stage.end();
}
