//! Options that several commands take.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, Args, ValueEnum};
use edge_oauth_no_io::Tenant;

use crate::client_auth::args::AuthArgs;
use crate::client_auth::layers::conflict;
use crate::env;
use crate::error::{CliError, Exit};
use crate::tenant;

/// The client and the token that it requests. Each value comes from the command line, else from the environment, else
/// from the profile.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = CLIENT_HEADING)]
pub(crate) struct ClientArgs {
    /// Profile in the configuration file for values not given otherwise [env: EDGE_OAUTH_PROFILE] [default: the profile
    /// `default`]
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,

    /// Configuration file [env: EDGE_OAUTH_CONFIG] [default: edge-oauth/config.toml in the user's configuration folder]
    #[arg(long, value_name = "FILE", global = true, hide_short_help = true)]
    pub(crate) config: Option<PathBuf>,

    /// Client id [env: SITECORE_CLIENT_ID]
    #[arg(long, value_name = "ID", global = true)]
    pub(crate) client_id: Option<String>,

    /// File with the client secret; `-` is standard input [env: SITECORE_CLIENT_SECRET holds the secret itself]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) client_secret_file: Option<PathBuf>,

    /// Command that prints the client secret, such as 'op read op://vault/edge/secret'; a shell runs it
    #[arg(long, value_name = "COMMAND", global = true)]
    pub(crate) client_secret_command: Option<String>,

    /// Tenant of Experience Edge: current, old:ID with the tenant's id, or pre-production; it decides endpoint and
    /// audience [default: current]
    #[arg(long, value_name = "TENANT", value_parser = tenant::parse, global = true)]
    pub(crate) tenant: Option<Tenant>,

    /// Token endpoint of any OAuth server; an audience is then sent only if one is given [env: SITECORE_AUTH_URL, for
    /// another endpoint of Experience Edge]
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) endpoint: Option<String>,

    /// Audience [env: SITECORE_AUDIENCE] [default for Experience Edge: https://api.sitecorecloud.io]
    #[arg(long, global = true, help_heading = REQUEST_HEADING)]
    pub(crate) audience: Option<String>,

    /// Scope to request; several are separated by spaces or given by several options
    #[arg(long, global = true, help_heading = REQUEST_HEADING)]
    pub(crate) scope: Vec<String>,

    /// Resource the token is for (RFC 8707); may be repeated
    #[arg(long, value_name = "URI", global = true, help_heading = REQUEST_HEADING, hide_short_help = true)]
    pub(crate) resource: Vec<String>,

    /// Extra parameter of the token request, such as organization_id=...; may be repeated
    #[arg(long, value_name = "NAME=VALUE", global = true, help_heading = REQUEST_HEADING, hide_short_help = true)]
    pub(crate) param: Vec<String>,

    /// Format of the request's body [default: form]
    #[arg(long, value_name = "FORMAT", global = true, help_heading = REQUEST_HEADING, hide_short_help = true)]
    pub(crate) body: Option<BodyArg>,

    /// PEM file of the certificate authorities to trust, instead of the system's
    #[arg(long, value_name = "FILE", global = true, help_heading = CONNECTION_HEADING, hide_short_help = true)]
    pub(crate) cacert: Option<PathBuf>,

    /// Maximum time to wait for the server in total, such as 10s or 1m [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = time_limit, global = true, help_heading = CONNECTION_HEADING)]
    pub(crate) timeout: Option<Duration>,

    /// Shared store of the cached tokens in place of files, for build farms: redis://HOST or rediss://HOST
    /// [env: EDGE_OAUTH_STORE, which may contain a password]
    #[arg(long, value_name = "URL", global = true, help_heading = CONNECTION_HEADING, hide_short_help = true)]
    pub(crate) store: Option<String>,

    /// Neither read nor write the token cache
    #[arg(long, global = true, help_heading = CONNECTION_HEADING)]
    pub(crate) no_cache: bool,

    #[command(flatten)]
    pub(crate) auth: AuthArgs,
}

impl ClientArgs {
    /// Fails if two options contradict each other.
    pub(crate) fn check(&self) -> Result<(), CliError> {
        let pairs = [
            (
                ("--tenant", self.tenant.is_some()),
                ("--endpoint", self.endpoint.is_some()),
            ),
            (
                ("--client-secret-file", self.client_secret_file.is_some()),
                (
                    "--client-secret-command",
                    self.client_secret_command.is_some(),
                ),
            ),
        ];
        match pairs.iter().find(|((_, one), (_, other))| *one && *other) {
            Some(((one, _), (other, _))) => Err(conflict(one, other)),
            None => Ok(()),
        }
    }
}

/// Requirements on the token, as options.
#[derive(Args, Clone, Debug)]
pub(crate) struct RequirementArgs {
    /// Minimum remaining lifetime, such as 5m
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s")]
    pub(crate) min_ttl: Duration,

    /// Request a new token even if one is cached, such as after an API rejected that one
    #[arg(long)]
    pub(crate) force_refresh: bool,
}

/// Requirements on the token.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requirements {
    /// The minimum remaining lifetime.
    pub(crate) min_ttl: Duration,
    /// True if a cached token is not enough.
    pub(crate) force_refresh: bool,
}

impl RequirementArgs {
    pub(crate) fn requirements(&self) -> Requirements {
        Requirements {
            min_ttl: self.min_ttl,
            force_refresh: self.force_refresh,
        }
    }
}

/// The format of the request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BodyArg {
    /// application/x-www-form-urlencoded
    Form,
    /// application/json
    Json,
}

/// Returns `--client-secret`, which is refused with any value: an argument is visible to everyone on the machine. It
/// is added only when a command line is parsed, so help and completions omit it.
pub(crate) fn client_secret() -> Arg {
    Arg::new(CLIENT_SECRET)
        .long(CLIENT_SECRET)
        .hide(true)
        .global(true)
        .num_args(0..=1)
        .default_missing_value("")
        .allow_hyphen_values(true)
        .value_parser(|text: &str| Ok::<_, Infallible>(DiscardedArgument::from(text)))
}

/// The value of a refused argument, discarded when it is parsed.
#[derive(Clone, Debug)]
pub(crate) struct DiscardedArgument;

impl From<&str> for DiscardedArgument {
    fn from(_: &str) -> Self {
        Self
    }
}

/// The headings of these options in the help.
pub(crate) const CLIENT_HEADING: &str = "Client";
pub(crate) const REQUEST_HEADING: &str = "Token request";
pub(crate) const CONNECTION_HEADING: &str = "Connection and cache";

pub(crate) const CLIENT_SECRET: &str = "client-secret";

/// Parses a duration. humantime's own errors repeat a part of the input.
pub(crate) fn time(text: &str) -> Result<Duration, &'static str> {
    humantime::parse_duration(text).map_err(|_| "not a time such as 10s or 5m")
}

/// Parses a time limit, which is longer than zero.
pub(crate) fn time_limit(text: &str) -> Result<Duration, &'static str> {
    above_zero(
        text,
        "no request has an end in no time: use a time such as 10s",
    )
}

/// Parses a time. `error` is the error of zero.
pub(crate) fn above_zero(text: &str, error: &'static str) -> Result<Duration, &'static str> {
    match time(text)? {
        Duration::ZERO => Err(error),
        time => Ok(time),
    }
}

/// Parses the name of a variable that every shell accepts, and that a token or a key can replace.
pub(crate) fn variable_name(name: &str) -> Result<String, &'static str> {
    let is_of_system = SYSTEM.contains(&name.to_ascii_uppercase().as_str());
    match env::is_variable_name(name) {
        true if is_of_system || LOADERS.iter().any(|start| name.starts_with(start)) => {
            Err("another name: programs are found or started by this variable")
        }
        true => Ok(name.to_owned()),
        false => Err(env::VARIABLE_NAME),
    }
}

/// Returns the variable of an assignment: the given one, or the default. Fails if one is given for a format without an
/// assignment: a shell that evaluates that output would take the secret for a command, and print it.
pub(crate) fn variable_of<'a>(
    given: Option<&'a str>,
    default: &'a str,
    is_assigned: bool,
) -> Result<&'a str, CliError> {
    match given {
        Some(_) if !is_assigned => {
            let message = "--env is for an output format that assigns a variable";
            Err(CliError::new(Exit::Usage, message)
                .next("add -o env, powershell, dotenv, azure or github-env, or omit --env"))
        }
        given => Ok(given.unwrap_or(default)),
    }
}

const SYSTEM: [&str; 7] = [
    "BASH_ENV",
    "ENV",
    "HOME",
    "IFS",
    "PATH",
    "PATHEXT",
    "SYSTEMROOT",
];
const LOADERS: [&str; 2] = ["LD_", "DYLD_"];
