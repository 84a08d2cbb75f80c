//! `edge-oauth cache`: the tokens that are kept between runs.

use std::time::Duration;

use clap::{Args, Subcommand};
use edge_oauth_driver::system_time;
use edge_oauth_no_io::{Secret, StoreError};
use edge_oauth_store::{Expiry, FileStore, config_id};
use serde_json::json;

use crate::args::ClientArgs;
use crate::cache;
use crate::client_auth::args::AuthArgs;
use crate::commands::output_format::OutputArg;
use crate::error::{CliError, Exit};
use crate::output::terminal;
use crate::output::timestamp;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct CacheArgs {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Action {
    /// List the cached tokens with an id and an expiry, and mark this configuration's token (the default)
    List {
        #[command(flatten)]
        output: OutputArg,
    },
    /// Remove all cached tokens; with options for the client and its request, remove only that token
    Clear,
}

pub(crate) fn run(args: CacheArgs) -> Result<(), CliError> {
    let named = is_named(&args.client);
    let id = match Settings::resolve_for_cache(&args.client, Secret::new("placeholder")) {
        Ok(settings) => {
            if settings.store.is_some() {
                terminal::note(
                    "the tokens in the shared store are not listed: they expire by themselves",
                );
            }
            Some(config_id(&settings.config))
        }
        Err(failure) if named => return Err(failure),
        Err(_) => None,
    };
    let store = cache::existing().map_err(unusable)?;
    match args.action {
        Some(Action::List { output }) if output.is_json() => list_json(store, id),
        None | Some(Action::List { .. }) => list(store, id),
        Some(Action::Clear) => clear(store, id.filter(|_| named)),
    }
}

fn list(store: Option<FileStore>, ours: Option<String>) -> Result<(), CliError> {
    let now = system_time().wall;
    let mut lines = String::new();
    let kept = store.map_or(Ok(Vec::new()), |store| store.list());
    for (id, expiry) in kept.map_err(unusable)? {
        let ours = match ours.as_ref() == Some(&id) {
            true => "  (this configuration)",
            false => "",
        };
        lines += &format!("{}  {}{ours}\n", &id[..SHOWN], expiry_text(expiry, now));
    }
    if lines.is_empty() {
        terminal::note("no token is cached");
    }
    Ok(terminal::print(lines)?)
}

fn list_json(store: Option<FileStore>, ours: Option<String>) -> Result<(), CliError> {
    let kept = store.map_or(Ok(Vec::new()), |store| store.list());
    let tokens: Vec<_> = kept
        .map_err(unusable)?
        .into_iter()
        .map(|(id, expiry)| {
            json!({
                "id": &id[..SHOWN],
                "expires_at": expiry.as_ref().and_then(|expiry| timestamp::utc(expiry.at)),
                "is_assumed": expiry.is_some_and(|expiry| expiry.is_default),
                "is_of_this_configuration": ours.as_ref() == Some(&id),
            })
        })
        .collect();
    Ok(terminal::print(format!("{}\n", json!(tokens)))?)
}

fn clear(store: Option<FileStore>, only: Option<String>) -> Result<(), CliError> {
    let removed = store.map_or(Ok(0), |store| match &only {
        Some(id) => store.remove(id, PATIENCE).map(usize::from),
        None => store.clear(PATIENCE),
    });
    let removed = removed.map_err(|error| {
        CliError::new(Exit::Other, error.detail()).next("remove the file by hand")
    })?;
    terminal::note(match (removed, only) {
        (0, None) => "no token was cached".to_owned(),
        (0, Some(_)) => "no token of this configuration was cached".to_owned(),
        (1, _) => "1 token is removed; it stays valid at the server until it expires".to_owned(),
        (n, _) => {
            format!("{n} tokens are removed; they stay valid at the server until they expire")
        }
    });
    Ok(())
}

/// Returns whether the command line selects one token.
fn is_named(client: &ClientArgs) -> bool {
    let ClientArgs {
        profile,
        config,
        client_id,
        endpoint,
        audience,
        tenant,
        scope,
        resource,
        param,
        auth,
        ..
    } = client;
    let texts = [profile, client_id, endpoint, audience];
    let lists = [scope, resource, param];
    config.is_some()
        || tenant.is_some()
        || *auth != AuthArgs::default()
        || texts.iter().any(|text| text.is_some())
        || lists.iter().any(|list| !list.is_empty())
}

fn unusable(error: StoreError) -> CliError {
    CliError::new(
        Exit::Other,
        format_args!("the token cache: {}", error.detail()),
    )
    .next("use --no-cache to run without the cache")
}

fn expiry_text(expiry: Option<Expiry>, now: Duration) -> String {
    let Some(Expiry { at, is_default, .. }) = expiry else {
        return "unreadable".to_owned();
    };
    let tense = if at > now { "expires" } else { "expired" };
    let source = if is_default {
        ", an assumed lifetime"
    } else {
        ""
    };
    format!("{tense} {}{source}", timestamp::readable(at, now))
}

/// A part of an id that is long enough to tell one from another.
const SHOWN: usize = 12;

/// Another run holds a lock for an instant only.
const PATIENCE: Duration = Duration::from_secs(2);
