//! `edge-oauth cache`: the tokens that are kept between runs.

use std::time::Duration;

use clap::{Args, Subcommand};
use edge_oauth_driver::system_time;
use edge_oauth_no_io::Secret;

use crate::args::ClientArgs;
use crate::cache::folder::Folder;
use crate::cache::{Expiry, Problem, expiry, id_of};
use crate::client_auth::args::AuthArgs;
use crate::failure::{Exit, Failure};
use crate::settings::Settings;
use crate::terminal;
use crate::times;

#[derive(Args, Debug)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// List the kept tokens: an id, when each expires, and which is this configuration's (the default)
    List,
    /// Remove them all; with options that say who asks for what, only that one
    Clear,
}

pub(crate) fn run(args: CacheArgs) -> Result<(), Failure> {
    let named = is_named(&args.client);
    let id = match Settings::resolve_with_placeholder(&args.client, Secret::new("placeholder")) {
        Ok(settings) => Some(id_of(&settings.config)),
        Err(failure) if named => return Err(failure),
        Err(_) => None,
    };
    let folder = Folder::existing().map_err(unusable)?;
    match args.action.unwrap_or(Action::List) {
        Action::List => list(folder, id),
        Action::Clear => clear(folder, id.filter(|_| named)),
    }
}

fn list(folder: Option<Folder>, ours: Option<String>) -> Result<(), Failure> {
    let now = system_time().wall;
    let mut lines = String::new();
    if let Some(folder) = &folder {
        for name in folder.list("token").map_err(unusable)? {
            let bytes = folder.read(&name).ok().flatten();
            let expiry = bytes.and_then(|bytes| expiry(&bytes));
            let ours = ours.as_ref().filter(|id| name.starts_with(*id));
            let ours = ours.map_or("", |_| "  (this configuration)");
            lines += &format!("{}  {}{ours}\n", &name[..SHOWN], words(expiry, now));
        }
    }
    if lines.is_empty() {
        terminal::note("no token is kept");
    }
    Ok(terminal::answer(lines)?)
}

/// The lock files stay: another run may hold one.
fn clear(folder: Option<Folder>, only: Option<String>) -> Result<(), Failure> {
    let mut removed = 0;
    if let Some(folder) = &folder {
        for kind in ["token", "new"] {
            for name in folder.list(kind).map_err(unusable)? {
                if only.as_ref().is_some_and(|id| !name.starts_with(id)) {
                    continue;
                }
                let gone = folder.remove(&name).map_err(|problem| {
                    Failure::new(Exit::Other, problem).next("remove it by hand")
                })?;
                removed += usize::from(gone && kind == "token");
            }
        }
    }
    terminal::note(match (removed, only) {
        (0, None) => "no token was kept".to_owned(),
        (0, Some(_)) => "no token of this configuration was kept".to_owned(),
        (1, _) => "1 token is removed; it stays good at the server until it expires".to_owned(),
        (n, _) => format!("{n} tokens are removed; they stay good at the server until they expire"),
    });
    Ok(())
}

/// Whether the command line says whose token is meant.
fn is_named(client: &ClientArgs) -> bool {
    let ClientArgs {
        profile,
        config,
        client_id,
        endpoint,
        audience,
        scope,
        resource,
        param,
        auth,
        ..
    } = client;
    let texts = [profile, client_id, endpoint, audience];
    let lists = [scope, resource, param];
    config.is_some()
        || *auth != AuthArgs::default()
        || texts.iter().any(|text| text.is_some())
        || lists.iter().any(|list| !list.is_empty())
}

fn unusable(problem: Problem) -> Failure {
    Failure::new(Exit::Other, format_args!("the token cache: {problem}"))
        .next("--no-cache does without it")
}

fn words(expiry: Option<Expiry>, now: Duration) -> String {
    let Some(Expiry { at, assumed }) = expiry else {
        return "unreadable".to_owned();
    };
    let tense = if at > now { "expires" } else { "expired" };
    let source = if assumed { ", as is assumed" } else { "" };
    format!("{tense} {}{source}", times::readable(at, now))
}

/// So much of an id is enough to tell one from another.
const SHOWN: usize = 12;
