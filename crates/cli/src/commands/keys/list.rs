//! `edge-oauth keys list`: all pages of the list.

use clap::Args;
use experience_edge_api::{Key, KeyFilter};
use serde_json::Value;

use crate::api_client::{ApiArgs, ApiClient};
use crate::commands::keys::describe;
use crate::commands::output_format::OutputArg;
use crate::error::CliError;
use crate::output::terminal;
use crate::output::text::json_line;

#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Only keys with this text in their label
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,

    /// Only keys with this scope, such as audience-preview; may be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    key_scope: Vec<String>,

    /// Only keys created by this person or program
    #[arg(long, value_name = "NAME")]
    created_by: Option<String>,

    /// Include revoked keys
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    output: OutputArg,
}

pub(super) fn run(api: &ApiArgs, args: ListArgs) -> Result<(), CliError> {
    let api = ApiClient::open(api)?;
    let mut filter = KeyFilter::new();
    for scope in args.key_scope {
        filter = filter.scope(scope);
    }
    if let Some(label) = args.label {
        filter = filter.label(label);
    }
    if let Some(name) = args.created_by {
        filter = filter.created_by(name);
    }
    if !args.all {
        filter = filter.active_only();
    }
    let keys = all(&api, filter)?;
    if args.output.is_json() {
        let keys: Value = keys.iter().map(describe::json).collect();
        return Ok(terminal::print(json_line(&keys))?);
    }
    terminal::print(describe::table(&keys))?;
    terminal::note(match keys.len() {
        0 => "no key".to_owned(),
        1 => "1 key".to_owned(),
        n => format!("{n} keys"),
    });
    Ok(())
}

/// Returns the keys of all pages. Shows progress on a terminal.
pub(super) fn all(api: &ApiClient, filter: KeyFilter) -> Result<Vec<Key>, CliError> {
    let mut keys = Vec::new();
    for page in api.operations.keys(filter)?.pages(|page| api.call(page)) {
        let page = page?;
        keys.extend(page.keys);
        if page.has_next {
            terminal::progress(match page.total {
                Some(total) => format!("{} of {total} keys", keys.len()),
                None => format!("{} keys", keys.len()),
            });
        }
    }
    Ok(keys)
}
