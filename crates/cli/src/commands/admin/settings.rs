//! `edge-oauth admin settings`: cache lifetimes.

use std::time::Duration;

use clap::{Args, Subcommand};
use edge_oauth_no_io::printable;
use experience_edge_api::{InputError, Settings, SettingsPatch};
use serde_json::{Map, Value};

use crate::api_client::{ApiArgs, ApiClient};
use crate::args::time;
use crate::commands::output_format::OutputArg;
use crate::error::CliError;
use crate::output::terminal;
use crate::output::text::{Lines, json_line};
use crate::output::timestamp::span;

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Show the settings
    Get {
        #[command(flatten)]
        output: OutputArg,
    },
    /// Change the given settings, and show all settings
    Set {
        #[command(flatten)]
        changes: ChangeArgs,

        #[command(flatten)]
        output: OutputArg,
    },
}

#[derive(Args, Debug)]
pub(super) struct ChangeArgs {
    /// Lifetime of cached content, such as 15m
    #[arg(long, value_name = "TIME", value_parser = time)]
    content_cache_ttl: Option<Duration>,

    /// Lifetime of cached media, such as 720d
    #[arg(long, value_name = "TIME", value_parser = time)]
    media_cache_ttl: Option<Duration>,

    /// Publishing clears the cache of the content concerned
    #[arg(long, value_name = "true|false")]
    content_cache_auto_clear: Option<bool>,

    /// Publishing clears the cache of the media concerned
    #[arg(long, value_name = "true|false")]
    media_cache_auto_clear: Option<bool>,

    /// Publishing clears the cache of the whole tenant
    #[arg(long, value_name = "true|false")]
    tenant_cache_auto_clear: Option<bool>,
}

pub(super) fn run(api: &ApiArgs, action: Action) -> Result<(), CliError> {
    let api = ApiClient::open(api)?;
    let (settings, output) = match action {
        Action::Get { output } => (api.call(&api.operations.settings())?, output),
        Action::Set { changes, output } => {
            let operation = api
                .operations
                .patch_settings(changes.patch()?)
                .map_err(|error| {
                    CliError::from(error)
                        .next("give a setting to change, such as --content-cache-ttl 15m")
                })?;
            let settings = match api.call(&operation)? {
                Some(settings) => settings,
                None => api.call(&api.operations.settings())?,
            };
            (settings, output)
        }
    };
    Ok(terminal::print(match output.is_json() {
        true => json_line(&settings.to_json()),
        false => lines(&settings),
    })?)
}

impl ChangeArgs {
    fn patch(&self) -> Result<SettingsPatch, InputError> {
        let mut patch = SettingsPatch::new();
        if let Some(ttl) = self.content_cache_ttl {
            patch = patch.content_cache_ttl(ttl)?;
        }
        if let Some(ttl) = self.media_cache_ttl {
            patch = patch.media_cache_ttl(ttl)?;
        }
        if let Some(clear) = self.content_cache_auto_clear {
            patch = patch.content_cache_auto_clear(clear);
        }
        if let Some(clear) = self.media_cache_auto_clear {
            patch = patch.media_cache_auto_clear(clear);
        }
        if let Some(clear) = self.tenant_cache_auto_clear {
            patch = patch.tenant_cache_auto_clear(clear);
        }
        Ok(patch)
    }
}

/// Returns a line for each setting. Settings that are unknown here keep the service's names.
fn lines(settings: &Settings) -> String {
    let json = settings.to_json();
    let members: Map<String, Value> = serde_json::from_str(&json).unwrap_or_default();
    let mut lines = Lines::default();
    for (name, value) in &members {
        let ttl = match name.to_ascii_lowercase().as_str() {
            "contentcachettl" => settings.content_cache_ttl(),
            "mediacachettl" => settings.media_cache_ttl(),
            _ => None,
        };
        let text = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        let text = match ttl {
            Some(ttl) => format!("{text} ({})", span(ttl)),
            None => text,
        };
        lines.line(printable(name, LONGEST), printable(&text, LONGEST));
    }
    lines.finish()
}

const LONGEST: usize = 256;
