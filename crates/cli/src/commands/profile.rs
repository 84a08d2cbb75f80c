//! `edge-oauth profile`: the profiles of the configuration file.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};
use toml::{Table, Value};

use crate::args::ClientArgs;
use crate::commands::output_format::OutputArg;
use crate::error::{CliError, Exit};
use crate::input::timeout::DEFAULT_TIMEOUT;
use crate::output::table;
use crate::output::terminal;
use crate::output::text::{harmless, json_line};
use crate::settings::chosen::Chosen;
use crate::settings::config_file;
use crate::settings::profile::{self, Profile};
use crate::settings::profile_file::{NewFile, lock, without};
use crate::settings::resolver::is_secret;
use crate::settings::store_url::has_password;

#[derive(Args, Debug)]
pub(crate) struct ProfileArgs {
    #[command(subcommand)]
    action: Action,

    /// Configuration file [env: EDGE_OAUTH_CONFIG]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the profiles
    List {
        /// Print the names only, one a line
        #[arg(long)]
        names: bool,

        #[command(flatten)]
        output: OutputArg,
    },
    /// Show the values of a profile. Parameters that may be secrets are redacted
    Show {
        /// The name of the profile [env: EDGE_OAUTH_PROFILE] [default: default]
        name: Option<String>,

        #[command(flatten)]
        output: OutputArg,
    },
    /// Print the path of the configuration file
    Path,
    /// Remove a profile, and the file of its secret if `login` created it
    Remove {
        /// The name of the profile
        name: String,
    },
}

pub(crate) fn run(args: ProfileArgs) -> Result<(), CliError> {
    let client = ClientArgs {
        config: args.config,
        ..ClientArgs::default()
    };
    let path = file(&client)?;
    match args.action {
        Action::List { names, output } => list(&path, names, output),
        Action::Show { name, output } => {
            let chosen = Chosen::resolve(&client)?.profile;
            let name = name.or(chosen).unwrap_or_else(|| "default".to_owned());
            show(&path, &name, output)
        }
        Action::Path => Ok(terminal::print(format!("{}\n", path.display()))?),
        Action::Remove { name } => remove(&path, &name),
    }
}

/// Returns the path of the configuration file.
pub(super) fn file(client: &ClientArgs) -> Result<PathBuf, CliError> {
    let chosen = Chosen::resolve(client)?.file;
    chosen.or_else(config_file::default_file).ok_or_else(|| {
        let message = "this user has no home folder, and so no configuration file";
        CliError::new(Exit::Usage, message).next("use --config FILE")
    })
}

/// Returns the path of the file in which `login` keeps a typed secret.
pub(super) fn secret_file(path: &Path, name: &str) -> PathBuf {
    path.with_file_name(format!("{name}.secret"))
}

fn list(path: &Path, names: bool, output: OutputArg) -> Result<(), CliError> {
    let profiles = match config_file::load(path, DEFAULT_TIMEOUT)? {
        Some(text) => profile::parse(&text, path)?,
        None => Vec::new(),
    };
    if names {
        // Shells expand what they complete, so other names are left out.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let names = profiles.iter().map(|profile| profile.name.as_str());
        let names = names.filter(|name| name.bytes().all(is_plain));
        let lines: String = names.map(|name| format!("{name}\n")).collect();
        return Ok(terminal::print(lines)?);
    }
    if output.is_json() {
        let json: Json = profiles.iter().map(|profile| {
            json!({ "name": profile.name, "client_id": profile.client_id, "server": server(profile) })
        }).collect();
        return Ok(terminal::print(json_line(&json))?);
    }
    let mut table = table::Table::new(["NAME", "CLIENT ID", "SERVER"]);
    for profile in &profiles {
        let id = profile.client_id.as_deref().unwrap_or_default();
        table.row([&profile.name, id, &server(profile)]);
    }
    if profiles.is_empty() {
        terminal::note("there is no profile: edge-oauth login creates one");
    }
    Ok(terminal::print(table.finish())?)
}

fn server(profile: &Profile) -> String {
    let url = profile.endpoint.as_ref().or(profile.auth_url.as_ref());
    match (url, &profile.tenant) {
        (Some(url), _) => without_secrets(url),
        (None, Some(tenant)) => format!("Experience Edge, tenant {}", crate::tenant::text(tenant)),
        (None, None) => "Experience Edge".to_owned(),
    }
}

/// Returns the URL without its query and its user, which may be secrets.
fn without_secrets(url: &str) -> String {
    let (url, query) = match url.split_once('?') {
        Some((url, _)) => (url, "?[redacted]"),
        None => (url, ""),
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let gap = if scheme.is_empty() { "" } else { "://" };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}{gap}{REDACTED}@{host}{path}{query}"),
        None => format!("{url}{query}"),
    }
}

fn show(path: &Path, name: &str, output: OutputArg) -> Result<(), CliError> {
    let mut values = values(path, name)?;
    if let Some(Value::Table(params)) = values.get_mut("params") {
        for (_, value) in params.iter_mut().filter(|(name, _)| is_secret(name)) {
            *value = Value::String(REDACTED.to_owned());
        }
    }
    for key in ["endpoint", "auth_url", "edge_url"] {
        if let Some(Value::String(url)) = values.get_mut(key) {
            *url = without_secrets(url);
        }
    }
    if let Some(Value::String(url)) = values.get_mut("store")
        && has_password(url)
    {
        *url = REDACTED.to_owned();
    }
    Ok(terminal::print(match output.is_json() {
        // It has texts, lists and tables only, which JSON has too.
        true => json_line(&serde_json::to_value(values).unwrap_or_default()),
        false => harmless(&values.to_string()),
    })?)
}

/// Returns the values of a profile in a file without errors.
fn values(path: &Path, name: &str) -> Result<Table, CliError> {
    config_file::read(Some(name), Some(path), DEFAULT_TIMEOUT)?;
    let text = config_file::load(path, DEFAULT_TIMEOUT)?.unwrap_or_default();
    let file: Table = text.parse().unwrap_or_default();
    let profiles = file.get("profiles").and_then(Value::as_table);
    let found = profiles.and_then(|profiles| profiles.get(name)?.as_table());
    Ok(found.cloned().unwrap_or_default())
}

fn remove(path: &Path, name: &str) -> Result<(), CliError> {
    let _lock = lock(path, DEFAULT_TIMEOUT)?;
    let values = config_file::read(Some(name), Some(path), DEFAULT_TIMEOUT)?;
    let text = config_file::load(path, DEFAULT_TIMEOUT)?.unwrap_or_default();
    let rest = without(&text, name).ok_or_else(|| by_hand(path, name))?;
    NewFile::write(path, rest.as_bytes())?.into_place()?;
    let secret = secret_file(path, name);
    let is_own = values.is_some_and(|values| values.client_secret_file.as_ref() == Some(&secret));
    let and_secret = match is_own && fs::remove_file(&secret).is_ok() {
        true => ", and so is the file of its secret",
        false => "",
    };
    terminal::note(format_args!("the profile {name:?} is removed{and_secret}"));
    Ok(())
}

/// Returns the error of a profile that cannot be changed.
pub(super) fn by_hand(path: &Path, name: &str) -> CliError {
    let message = format!(
        "the profile {name:?} cannot be removed from {}",
        path.display()
    );
    CliError::new(Exit::Usage, message).next("remove its lines in an editor")
}

const REDACTED: &str = "[redacted]";
