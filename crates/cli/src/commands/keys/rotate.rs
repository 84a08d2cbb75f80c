//! `edge-oauth keys rotate`: a new key for a site, without downtime.
//!
//! ```text
//! list the old keys ──▶ create the new one ──▶ COMMAND < new key ──▶ revoke the old ones
//!                                                  │ failed
//!                                                  └──▶ all keys stay valid
//! ```
//!
//! While the command runs, the new key has the label `LABEL (rotating)`. A second rotation of the same label
//! fails if it finds this label: it would revoke a key that the first one has just handed over.

use std::ffi::OsString;
use std::io::Write;
use std::process::{ExitCode, Stdio};

use clap::Args;
use edge_oauth_no_io::Secret;
use experience_edge_api::{Key, KeyFilter, KeyHash};

use crate::api_client::{ApiArgs, ApiClient};
use crate::args::variable_name;
use crate::child;
use crate::commands::keys::create::{NewKeyArgs, take_back};
use crate::commands::keys::list;
use crate::confirm::Confirm;
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::output::text::shown;
use crate::panic_hook;

#[derive(Args, Debug)]
#[command(mut_arg("key_scope", |arg| arg.help(SCOPE)))]
pub(super) struct RotateArgs {
    #[command(flatten)]
    new: NewKeyArgs,

    /// Variable for the key, beside the command's standard input
    #[arg(long, value_name = "NAME", value_parser = variable_name)]
    env: Option<String>,

    /// Create the first key of a label that no active key has
    #[arg(long)]
    create: bool,

    #[command(flatten)]
    confirm: Confirm,

    /// The command that puts the new key into use; its standard input is the key and nothing else
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Rotates the keys. If the command fails, the exit status is that of the command.
pub(super) fn run(api: &ApiArgs, mut args: RotateArgs) -> Result<ExitCode, CliError> {
    args.confirm.check()?;
    let api = ApiClient::open(api)?;
    let (label, marker) = (args.new.label.clone(), marker(&args.new.label));
    let (old, others) = Active::list(&api, &label)?.split(None);
    if let Some(other) = others.first() {
        return Err(rotating(&label, &other.hash));
    }
    if old.is_empty() && !args.create {
        let label = shown(&label, SHOWN);
        let message = format!("no active key has the label {label:?}");
        return Err(CliError::new(Exit::Usage, message).next(
            "run edge-oauth keys list, which shows the labels; or use --create for the first key of this label",
        ));
    }
    if args.new.key_scope.is_empty() {
        args.new.key_scope = common_scopes(&old)?;
    }
    args.confirm.ask(&api, || {
        let (count, label) = (old.len(), shown(&label, SHOWN));
        Ok(format!(
            "When the command has succeeded, the old keys {label:?} are revoked permanently: {count}."
        ))
    })?;
    // The key has the marker until the command has ended, so each rotation sees the others.
    args.new.label = marker;
    let key = api.call(&api.operations.create_key(&args.new.key())?)?;
    let hash = alone(&api, &label, &key).inspect_err(|_| take_back(&api, &key))?;
    terminal::note(format_args!("the new key is {hash}"));

    let status = hand_over(&api, &args, &key).inspect_err(|_| take_back(&api, &key))?;
    let renamed = api
        .operations
        .rename_key_by_hash(&hash, &label)
        .map_err(CliError::from)
        .and_then(|operation| api.call(&operation));
    if status != 0 {
        if let Err(failure) = renamed {
            terminal::warning(format_args!(
                "the new key keeps the label of a rotation: {failure}"
            ));
        }
        let message = format!("the command ended with {status}: no key is revoked");
        let next = format!(
            "run edge-oauth keys revoke {hash} --yes, unless the new key is in use; then retry"
        );
        return Err(CliError::new(Exit::Other, message)
            .status(status)
            .next(next));
    }
    renamed.map_err(|failure| {
        failure.next(format!(
            "the new key is in use, and no key is revoked; run edge-oauth keys rename {hash} --label {}",
            quoted(&label)
        ))
    })?;
    revoke(&api, &old)?;
    Ok(ExitCode::SUCCESS)
}

/// The active keys of a label, and the keys of rotations in progress.
struct Active {
    old: Vec<Key>,
    rotating: Vec<Key>,
}

impl Active {
    /// Lists the keys. The service matches parts of a label and ignores its case, so its list is filtered.
    fn list(api: &ApiClient, label: &str) -> Result<Self, CliError> {
        let keys = list::all(api, KeyFilter::new().label(label).active_only())?;
        let keys = keys.into_iter().filter(|key| !key.is_revoked);
        let marker = marker(label);
        let (rotating, old) = keys.partition(|key| key.label == marker);
        let mut active = Self { old, rotating };
        active.old.retain(|key| key.label == label);
        Ok(active)
    }

    /// Returns the keys of the label, and the keys of other rotations.
    fn split(mut self, own: Option<&KeyHash>) -> (Vec<Key>, Vec<Key>) {
        self.rotating.retain(|key| Some(&key.hash) != own);
        (self.old, self.rotating)
    }
}

/// Returns the hash of the new key. Fails if another rotation has started meanwhile.
fn alone(api: &ApiClient, label: &str, key: &Secret) -> Result<KeyHash, CliError> {
    let hash = api.call(&api.operations.key(key)?)?.hash;
    match Active::list(api, label)?.split(Some(&hash)).1.first() {
        None => Ok(hash),
        Some(other) => Err(rotating(label, &other.hash)),
    }
}

fn marker(label: &str) -> String {
    format!("{label} (rotating)")
}

fn rotating(label: &str, hash: &KeyHash) -> CliError {
    let named = shown(label, SHOWN);
    let message = format!(
        "another run is rotating the keys {named:?}, or a run was interrupted: {hash} is its key. No key is revoked"
    );
    CliError::new(Exit::Other, message).next(format!(
        "retry when that run has ended; if there is none, run edge-oauth keys revoke {hash} --yes, or, if that key is in use, edge-oauth keys rename {hash} --label {}",
        quoted(label)
    ))
}

/// Returns the text quoted for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", shown(text, SHOWN).replace('\'', r"'\''"))
}

/// Returns the scopes of the old keys, which the new key takes over. Fails if they differ: the user has to choose.
fn common_scopes(old: &[Key]) -> Result<Vec<String>, CliError> {
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
            Err(CliError::new(Exit::Usage, message)
                .next("use --scope for each scope of the new key"))
        }
    }
}

/// Returns the command's exit status. Fails if the command was not run.
fn hand_over(api: &ApiClient, args: &RotateArgs, key: &Secret) -> Result<u8, CliError> {
    let mut command = child::command(&args.command, api.credentials.secrets());
    if let Some(name) = &args.env {
        command.env(name, key.expose());
    }
    command.stdin(Stdio::piped());
    let mut child = panic_hook::with_core_dumps(|| command.spawn())
        .map_err(|error| child::not_run(&args.command, &error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A command that takes the key from its environment may leave its standard input unread.
        let _ = stdin.write_all(key.expose().as_bytes());
    }
    // If its status is unknown, it may have used the key.
    Ok(child.wait().map_or(1, child::status))
}

/// Revokes all of the keys, and reports failures at the end.
fn revoke(api: &ApiClient, old: &[Key]) -> Result<(), CliError> {
    let mut left: Vec<(&KeyHash, CliError)> = Vec::new();
    for key in old {
        let revoked = api.call(&api.operations.revoke_key_by_hash(&key.hash));
        left.extend(revoked.err().map(|failure| (&key.hash, failure)));
    }
    let revoked = old.len() - left.len();
    terminal::note(format_args!("old keys revoked: {revoked}"));
    let commands: Vec<_> = left
        .iter()
        .map(|(hash, _)| format!("run edge-oauth keys revoke {hash} --yes"))
        .collect();
    match left.into_iter().next() {
        None => Ok(()),
        Some((_, failure)) => {
            Err(failure.next(format!("the new key is in use; {}", commands.join("; "))))
        }
    }
}

const SHOWN: usize = 80;
const SCOPE: &str =
    "Scope of the new key; may be repeated [default: the scopes of the old keys, if they agree]";
