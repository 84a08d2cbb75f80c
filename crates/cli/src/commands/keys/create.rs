//! `edge-oauth keys create`: a new key, printed once.

use clap::{Args, ValueEnum};
use edge_oauth_no_io::Secret;
use experience_edge_api::{NewKey, scope};
use serde_json::json;

use crate::api_client::{ApiArgs, ApiClient};
use crate::args::{variable_name, variable_of};
use crate::error::{CliError, Exit};
use crate::github::{ENV, OUTPUT, Outputs};
use crate::output::shell;
use crate::output::terminal;

#[derive(Args, Debug)]
pub(super) struct CreateArgs {
    #[command(flatten)]
    new: NewKeyArgs,

    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "key")]
    output: Format,

    /// Variable for `-o env`, `powershell`, `dotenv`, `azure` and `github-env` [default: SITECORE_API_KEY]
    #[arg(long, value_name = "NAME", value_parser = variable_name)]
    env: Option<String>,
}

/// The options of a new key.
#[derive(Args, Debug)]
pub(super) struct NewKeyArgs {
    /// Label for people, such as the name of the site
    #[arg(long)]
    pub(super) label: String,

    /// Scope of the key; may be repeated [default: audience-delivery and content-#everything#]
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) key_scope: Vec<String>,

    /// Name of the creator
    #[arg(long, value_name = "NAME", default_value = "edge-oauth")]
    created_by: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Only the key
    Key,
    /// One JSON object with the key, its label and its scopes
    Json,
    /// An assignment for a POSIX shell
    Env,
    /// An assignment for PowerShell
    Powershell,
    /// A line of a dotenv file
    Dotenv,
    /// A secret variable for later steps of Azure Pipelines
    Azure,
    /// Masks the key in a GitHub workflow and appends it to the step's outputs, as `key`
    Github,
    /// Masks the key in a GitHub workflow and sets the variable for later steps
    GithubEnv,
}

impl NewKeyArgs {
    pub(super) fn key(&self) -> NewKey {
        let key = NewKey::new(&self.label, &self.created_by);
        self.scopes().into_iter().fold(key, NewKey::scope)
    }

    fn scopes(&self) -> Vec<String> {
        match self.key_scope.as_slice() {
            [] => [scope::DELIVERY, scope::EVERYTHING]
                .map(str::to_owned)
                .to_vec(),
            scopes => scopes.to_vec(),
        }
    }
}

pub(super) fn run(api: &ApiArgs, args: CreateArgs) -> Result<(), CliError> {
    use Format::{Azure, Dotenv, Env, GithubEnv, Powershell};
    let is_assigned = matches!(args.output, Env | Powershell | Dotenv | Azure | GithubEnv);
    let name = variable_of(args.env.as_deref(), "SITECORE_API_KEY", is_assigned)?;
    let outputs = match args.output {
        Format::Github => Some((Outputs::for_this_step(OUTPUT)?, "key")),
        Format::GithubEnv => Some((Outputs::for_this_step(ENV)?, name)),
        _ if terminal::keeps_output() => None,
        _ => {
            let message = "standard output is closed or the null device: the key, which the service shows once, would be lost";
            return Err(CliError::new(Exit::Usage, message)
                .next("write to a pipe, or to a file that only you can read"));
        }
    };
    let api = ApiClient::open(api)?;
    let key = api.call(&api.operations.create_key(&args.new.key())?)?;
    if terminal::is_shown_to_person() {
        terminal::warning(
            "this output is a secret and is not shown again: the key gives access to the content",
        );
    }
    let written = match outputs {
        Some((outputs, name)) => outputs.write(name, key.expose()),
        None => terminal::print(text(&args, name, &key)).map_err(CliError::from),
    };
    written.inspect_err(|_| take_back(&api, &key))
}

/// Revokes a key that was not passed on, since its value is lost.
pub(super) fn take_back(api: &ApiClient, key: &Secret) {
    let revoked = api
        .operations
        .revoke_key(key)
        .map_err(CliError::from)
        .and_then(|operation| api.call(&operation));
    match revoked {
        Ok(()) => terminal::warning("the new key was not passed on, and is revoked"),
        Err(failure) => terminal::warning(format_args!(
            "the new key was not passed on, and is not revoked: {failure}"
        )),
    }
}

fn text(args: &CreateArgs, name: &str, key: &Secret) -> String {
    let key = key.expose();
    match args.output {
        Format::Key | Format::Github | Format::GithubEnv => format!("{key}\n"),
        Format::Env => shell::posix(name, key),
        Format::Powershell => shell::powershell(name, key),
        Format::Dotenv => shell::dotenv(name, key),
        Format::Azure => shell::azure(name, key),
        Format::Json => {
            let new = &args.new;
            let json = json!({ "key": key, "label": new.label, "scopes": new.scopes() });
            format!("{json}\n")
        }
    }
}
