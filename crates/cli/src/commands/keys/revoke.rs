//! `edge-oauth keys revoke`: the end of a key.

use clap::Args;

use crate::commands::keys::which::WhichArgs;
use crate::consent::Consent;
use crate::edge::{Edge, EdgeArgs};
use crate::failure::Failure;
use crate::terminal;
use crate::text::shown;

#[derive(Args, Debug)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    consent: Consent,
}

pub(super) fn run(edge: &EdgeArgs, args: RevokeArgs) -> Result<(), Failure> {
    args.which.check()?;
    args.consent.check()?;
    let edge = Edge::open(edge)?;
    let which = args.which.read()?;
    args.consent.ask(&edge, || {
        let key = which.get(&edge)?;
        let label = shown(&key.label, 80);
        Ok(format!(
            "The key {label:?} is revoked for good: sites that use it get no content."
        ))
    })?;
    which.revoke(&edge)?;
    terminal::note("the key is revoked");
    Ok(())
}
