//! `edge-oauth cache`: the tokens that are kept between runs.

use std::fs;
use std::io;
use std::time::Duration;

use clap::{Args, Subcommand};
use edge_oauth_driver::system_time;

use crate::cache::expires_at;
use crate::cache::folder::{Folder, read_file};
use crate::failure::{Exit, Failure};
use crate::terminal;
use crate::times;

#[derive(Args, Debug)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// List the kept tokens: an id, and when each expires (the default)
    List,
    /// Remove them all
    Clear,
}

pub(crate) fn run(args: CacheArgs) -> Result<(), Failure> {
    match args.action.unwrap_or(Action::List) {
        Action::List => list(),
        Action::Clear => clear(),
    }
}

fn list() -> Result<(), Failure> {
    let now = system_time().wall;
    let mut lines = String::new();
    for (id, path) in kept("token")? {
        let expiry = read_file(&path).ok().and_then(|bytes| expires_at(&bytes));
        let id = id.get(..12).unwrap_or(&id);
        lines += &format!("{id}  {}\n", words(expiry, now));
    }
    if lines.is_empty() {
        terminal::note("no token is kept");
    }
    Ok(terminal::answer(lines)?)
}

/// The lock files stay: another run may hold one.
fn clear() -> Result<(), Failure> {
    let tokens = kept("token")?;
    for (_, path) in tokens.iter().chain(&kept("new")?) {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let message = format!("{} is not removed: {error}", path.display());
                return Err(Failure::new(Exit::Other, message).next("remove the folder by hand"));
            }
            _ => {}
        }
    }
    terminal::note(match tokens.len() {
        0 => "no token was kept".to_owned(),
        1 => "1 token is removed; it stays good at the server until it expires".to_owned(),
        n => format!("{n} tokens are removed; they stay good at the server until they expire"),
    });
    Ok(())
}

fn kept(kind: &str) -> Result<Vec<(String, std::path::PathBuf)>, Failure> {
    Folder::list(kind).map_err(|problem| {
        Failure::new(Exit::Other, format_args!("the token cache: {problem}"))
            .next("--no-cache does without it")
    })
}

fn words(expiry: Option<Duration>, now: Duration) -> String {
    let Some(expiry) = expiry else {
        return "unreadable".to_owned();
    };
    let tense = if expiry > now { "expires" } else { "expired" };
    format!("{tense} {}", times::readable(expiry, now))
}
