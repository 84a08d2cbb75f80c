//! `edge-oauth token`: prints an access token.

mod format;

use clap::{Args, ValueEnum};

use crate::args::{ClientArgs, RequirementArgs, variable_name, variable_of};
use crate::error::CliError;
use crate::github::{ENV, OUTPUT, Outputs};
use crate::output::shell;
use crate::output::terminal;
use crate::session::Session;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "token")]
    output: Format,

    /// Variable for `-o env`, `powershell`, `dotenv`, `azure` and `github-env` [default: EDGE_OAUTH_TOKEN]
    #[arg(long, value_name = "NAME", value_parser = variable_name)]
    env: Option<String>,

    #[command(flatten)]
    requirements: RequirementArgs,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Only the token
    Token,
    /// The header `Authorization: Bearer ...`
    Header,
    /// One JSON object with the token, its type, its lifetime and its scope
    Json,
    /// An assignment for a POSIX shell
    Env,
    /// An assignment for PowerShell
    Powershell,
    /// A configuration for `curl -K -`
    Curl,
    /// A line of a dotenv file
    Dotenv,
    /// A secret variable for later steps of Azure Pipelines
    Azure,
    /// Masks the token in a GitHub workflow and appends it to the step's outputs, as `token`
    Github,
    /// Masks the token in a GitHub workflow and sets the variable for later steps
    GithubEnv,
    /// The output of a kubectl credential plugin
    ExecCredential,
}

/// The writer of a format. It is checked before the server is asked.
enum Writer {
    Plain(fn(&crate::session::SessionToken) -> String),
    Assignment(fn(&str, &str) -> String),
    ExecCredential { api_version: String },
    Github(Outputs, String),
}

pub(crate) fn run(args: TokenArgs) -> Result<(), CliError> {
    use Format::{Azure, Dotenv, Env, GithubEnv, Powershell};
    let is_assigned = matches!(args.output, Env | Powershell | Dotenv | Azure | GithubEnv);
    let name = variable_of(args.env.as_deref(), "EDGE_OAUTH_TOKEN", is_assigned)?;
    let writer = match args.output {
        Format::Token => Writer::Plain(format::token),
        Format::Header => Writer::Plain(format::header),
        Format::Json => Writer::Plain(format::json),
        Format::Curl => Writer::Plain(format::curl),
        Format::Env => Writer::Assignment(shell::posix),
        Format::Powershell => Writer::Assignment(shell::powershell),
        Format::ExecCredential => Writer::ExecCredential {
            api_version: format::api_version()?,
        },
        Format::Dotenv => Writer::Assignment(shell::dotenv),
        Format::Azure => Writer::Assignment(shell::azure),
        Format::Github => Writer::Github(Outputs::for_this_step(OUTPUT)?, "token".to_owned()),
        Format::GithubEnv => Writer::Github(Outputs::for_this_step(ENV)?, name.to_owned()),
    };
    let session = Session::open(Settings::resolve(&args.client)?);
    let ready = session.token(args.requirements.requirements())?;
    if terminal::is_shown_to_person() {
        terminal::warning("this output is a secret: the token gives access to the APIs");
    }
    match writer {
        Writer::Plain(write) => terminal::print(write(&ready))?,
        Writer::Assignment(write) => terminal::print(write(name, ready.token.expose()))?,
        Writer::ExecCredential { api_version } => {
            terminal::print(format::exec_credential(&ready, &api_version))?;
        }
        Writer::Github(outputs, name) => outputs.write(&name, ready.token.expose())?,
    }
    Ok(())
}
