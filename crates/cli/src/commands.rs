//! The commands. Each has a file with its arguments and its work.

mod admin;
mod api;
mod cache;
mod completions;
mod doctor;
mod exec;
mod explain;
mod inspect;
mod keys;
mod login;
mod man;
mod output_format;
mod profile;
mod publish;
mod request;
mod serve;
mod token;
mod whoami;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::CliError;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up a profile: ask for what is needed, try it, and write it
    Login(login::LoginArgs),
    /// List, show and remove profiles
    Profile(profile::ProfileArgs),
    /// Print an access token, from the cache or from the server
    Token(token::TokenArgs),
    /// Show organization, tenant, client, scopes and lifetime, and the APIs that this kind of client can call
    Whoami(whoami::WhoamiArgs),
    /// Run a command with the token in its environment in place of the client secret
    Exec(exec::ExecArgs),
    /// Print the token request, with the secret redacted
    Request(request::RequestArgs),
    /// Explain a raw HTTP response of a token endpoint, read from standard input, without a network
    Explain(explain::ExplainArgs),
    /// Show the content of a JWT; with --jwks, verify its signature
    Inspect(inspect::InspectArgs),
    /// Call any API that accepts the token, as `gh api` does
    Api(api::ApiArgs),
    /// Settings, cache, content and webhooks of Experience Edge
    Admin(admin::AdminArgs),
    /// Publish items or the whole environment, and watch, list and cancel publishing jobs
    Publish(publish::PublishArgs),
    /// Create, list, rename, revoke and rotate keys of the Delivery API
    Keys(keys::KeysArgs),
    /// Run a local Experience Edge on the loopback
    Serve(serve::ServeArgs),
    /// Check configuration, network, TLS, clock, audience and credentials, one line each
    Doctor(doctor::DoctorArgs),
    /// List or clear the cached tokens
    Cache(cache::CacheArgs),
    /// Print or install a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the man page
    Man,
}

/// Runs a command. `program` contains the whole command line.
pub(crate) fn run(command: Command, program: clap::Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Login(args) => login::run(args)?,
        Command::Profile(args) => profile::run(args)?,
        Command::Token(args) => token::run(args)?,
        Command::Whoami(args) => whoami::run(args)?,
        Command::Exec(args) => return exec::run(args),
        Command::Request(args) => request::run(args)?,
        Command::Explain(args) => explain::run(args)?,
        Command::Inspect(args) => inspect::run(args)?,
        Command::Api(args) => api::run(args)?,
        Command::Admin(args) => admin::run(args)?,
        Command::Publish(args) => return publish::run(args),
        Command::Keys(args) => return keys::run(args),
        Command::Serve(args) => return serve::run(args),
        Command::Doctor(args) => doctor::run(args)?,
        Command::Cache(args) => cache::run(args)?,
        Command::Completions(args) => completions::run(args, program)?,
        Command::Man => man::run(program)?,
    }
    Ok(ExitCode::SUCCESS)
}
