//! `edge-oauth keys rotate`: a new key for a site, without downtime.
//!
//! ```text
//! list the old keys ──▶ create the new one ──▶ COMMAND < new key ──▶ revoke the old ones
//!                                                  │ failed
//!                                                  └──▶ all keys stay good
//! ```

use std::ffi::OsString;
use std::io::Write;
use std::process::{ExitCode, Stdio};

use clap::Args;
use edge_oauth_no_io::{Secret, printable};
use experience_edge_api::{Key, KeyFilter, KeyHash};

use crate::args::variable_name;
use crate::child;
use crate::commands::keys::create::{NewKeyArgs, take_back};
use crate::commands::keys::list;
use crate::consent::Consent;
use crate::crash;
use crate::edge::{Edge, EdgeArgs};
use crate::failure::{Exit, Failure};
use crate::terminal;

#[derive(Args, Debug)]
#[command(mut_arg("key_scope", |arg| arg.help(SCOPE)))]
pub(super) struct RotateArgs {
    #[command(flatten)]
    new: NewKeyArgs,

    /// Variable that holds the key, beside the command's standard input
    #[arg(long, value_name = "NAME", value_parser = variable_name)]
    env: Option<String>,

    #[command(flatten)]
    consent: Consent,

    /// The command that takes the new key into use; the key, and nothing else, is its standard input
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Where the command fails, its exit status is this program's.
pub(super) fn run(edge: &EdgeArgs, mut args: RotateArgs) -> Result<ExitCode, Failure> {
    args.consent.check()?;
    let edge = Edge::open(edge)?;
    let old = with_label(&edge, &args.new.label)?;
    if args.new.key_scope.is_empty() {
        args.new.key_scope = common_scopes(&old)?;
    }
    args.consent.ask(|| {
        let (count, label) = (old.len(), printable(&args.new.label, 80));
        Ok(format!(
            "When the command has succeeded, the old keys {label:?} are revoked for good: {count}."
        ))
    })?;
    let key = edge.call(&edge.api.create_key(&args.new.key())?)?;
    let hash = edge
        .call(&edge.api.key(&key)?)
        .inspect_err(|_| take_back(&edge, &key))?
        .hash;
    terminal::note(format_args!("the new key is {hash}"));

    let status = hand_over(&edge, &args, &key).inspect_err(|_| take_back(&edge, &key))?;
    if status != 0 {
        let message = format!("the command ended with {status}: no key is revoked");
        let next = format!(
            "edge-oauth keys revoke {hash} --yes, unless the new key is in use; and the same again"
        );
        return Err(Failure::new(Exit::Other, message).status(status).next(next));
    }
    revoke(&edge, &old)?;
    Ok(ExitCode::SUCCESS)
}

/// The service looks for a part of the label, and in a letter case of its own.
fn with_label(edge: &Edge, label: &str) -> Result<Vec<Key>, Failure> {
    let mut keys = list::all(edge, KeyFilter::new().label(label).active_only())?;
    keys.retain(|key| key.label == label && !key.is_revoked);
    Ok(keys)
}

/// A new key opens what the old ones open; which is for the user to say where they differ.
fn common_scopes(old: &[Key]) -> Result<Vec<String>, Failure> {
    let sorted = |key: &Key| {
        let mut scopes = key.scopes.clone();
        scopes.sort();
        scopes
    };
    let Some((first, others)) = old.split_first() else {
        return Ok(Vec::new());
    };
    match others.iter().all(|key| sorted(key) == sorted(first)) {
        true => Ok(first.scopes.clone()),
        false => {
            let message = "the old keys differ in their scopes";
            Err(Failure::new(Exit::Usage, message).next("--scope, for each scope of the new key"))
        }
    }
}

/// The command's exit status. A failure is that the command was not run.
fn hand_over(edge: &Edge, args: &RotateArgs, key: &Secret) -> Result<u8, Failure> {
    let mut command = child::command(&args.command, &edge.secret);
    if let Some(name) = &args.env {
        command.env(name, key.expose());
    }
    command.stdin(Stdio::piped());
    let mut child = crash::with_cores(|| command.spawn())
        .map_err(|error| child::not_run(&args.command, &error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that takes the key from its environment need not read it.
        let _ = stdin.write_all(key.expose().as_bytes());
    }
    // Whatever ended it otherwise, it may have used the key.
    let code = child.wait().ok().and_then(|status| status.code());
    Ok(code.map_or(1, |code| u8::try_from(code).unwrap_or(1)))
}

/// All of them, and at the end the failures.
fn revoke(edge: &Edge, old: &[Key]) -> Result<(), Failure> {
    let mut left: Vec<(&KeyHash, Failure)> = Vec::new();
    for key in old {
        let revoked = edge.call(&edge.api.revoke_key_by_hash(&key.hash));
        left.extend(revoked.err().map(|failure| (&key.hash, failure)));
    }
    let revoked = old.len() - left.len();
    terminal::note(format_args!("old keys revoked: {revoked}"));
    let Some((hash, failure)) = left.into_iter().next() else {
        return Ok(());
    };
    Err(failure.next(format!(
        "the new key is in use; edge-oauth keys revoke {hash} --yes"
    )))
}

const SCOPE: &str = "Scope of the new key; may be repeated [default: those of the old ones, where they have the same]";
