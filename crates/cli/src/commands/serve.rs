//! `edge-oauth serve`: a local Experience Edge.

mod fault_spec;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::{Args, ValueEnum};
use edge_oauth_local::{
    AUDIENCE, Client, DEFAULT_CLIENT_ID, Fault, LocalEdge, Options, Quota, TokenAlgorithm,
};
use serde_json::{Map, Value, json};

use crate::args::time;
use crate::client_auth::load::read_key;
use crate::client_auth::plan::KeyPlan;
use crate::commands::serve::fault_spec::{FaultSpec, LANGUAGE};
use crate::error::{CliError, Exit};
use crate::input::secret;
use crate::input::timeout::DEFAULT_TIMEOUT;
use crate::output::terminal;
#[cfg(unix)]
use crate::signals;

#[derive(Args, Debug)]
#[command(after_help = LANGUAGE)]
pub(crate) struct ServeArgs {
    /// Port on 127.0.0.1; 0 uses a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// Lifetime of its tokens
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "24h")]
    lifetime: Duration,

    /// Algorithm that signs its tokens; ES256 is faster, for load tests
    #[arg(long, value_name = "ALG", default_value = "RS256")]
    alg: Alg,

    /// Faults for the next token requests, such as 503 or 3*429:retry-after=7; see below. May be repeated
    #[arg(long, value_name = "FAULT")]
    fault: Vec<FaultSpec>,

    /// Maximum number of token requests in a time, such as 10/1s; further requests get a 429
    #[arg(long, value_name = "N/TIME", value_parser = rate)]
    rate_limit: Option<(u64, Duration)>,

    /// Maximum number of tokens for each client in an hour or a day, such as 100/hour. May be repeated
    #[arg(long, value_name = "N/hour|N/day", value_parser = quota)]
    quota: Vec<Quota>,

    /// Time that a publishing job runs
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "10s")]
    publishing_time: Duration,

    /// Origin of web pages that may call it from a browser (CORS), such as http://localhost:5173. May be repeated
    #[arg(long, value_name = "ORIGIN")]
    cors_origin: Vec<String>,

    /// Key of the client in place of its secret: a public JWK, or a private key (PEM, DER or a JWK, such as that of
    /// --key-file), of which the public half is registered. May be repeated
    #[arg(long, value_name = "FILE")]
    client_key: Vec<PathBuf>,

    /// Format of the printed variables
    #[arg(short, long, value_name = "FORMAT", default_value = "env")]
    output: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Alg {
    #[value(name = "RS256")]
    Rs256,
    #[value(name = "ES256")]
    Es256,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for a POSIX shell
    Env,
    /// Lines for PowerShell
    Powershell,
    /// One JSON object
    Json,
}

/// Serves until a signal ends the process.
pub(crate) fn run(args: ServeArgs) -> Result<ExitCode, CliError> {
    let mut options = Options::default()
        .port(args.port)
        .lifetime(args.lifetime)
        .token_algorithm(match args.alg {
            Alg::Rs256 => TokenAlgorithm::Rs256,
            Alg::Es256 => TokenAlgorithm::Es256,
        })
        .publishing_time(args.publishing_time);
    if let Some((requests, window)) = args.rate_limit {
        options = options.rate_limit(requests, window);
    }
    for quota in args.quota {
        options = options.quota(quota);
    }
    for origin in args.cors_origin {
        options = options.cors_origin(origin);
    }
    if !args.client_key.is_empty() {
        options = options.client(client_with_keys(&args.client_key)?);
    }
    let edge = LocalEdge::start_with(options).map_err(|error| not_started(args.port, &error))?;
    let faults = args.fault.into_iter();
    let faults: Vec<Fault> = faults
        .flat_map(|spec| std::iter::repeat_n(spec.fault, spec.times))
        .collect();
    let count = faults.len();
    edge.script(faults)
        .map_err(|invalid| CliError::new(Exit::Usage, invalid))?;

    terminal::print(variables(&edge, args.output))?;
    let url = edge.base_url();
    if !args.client_key.is_empty() {
        terminal::note(format_args!(
            "The client {} has no secret: edge-oauth token --key-file FILE authenticates with its key.",
            edge.client_id()
        ));
    }
    terminal::note(format_args!(
        "A local Experience Edge listens on {url} until it is interrupted (Ctrl-C)."
    ));
    terminal::note(format_args!(
        "Its keys are at {url}/.well-known/jwks.json. It signs with a published key: let nothing else trust it."
    ));
    if count > 0 {
        terminal::note(format_args!(
            "The first {count} token requests meet faults."
        ));
    }
    #[cfg(unix)]
    if let Some(status) = signals::until_ended_as_init() {
        return Ok(status);
    }
    loop {
        thread::park();
    }
}

/// Returns the server's client, with keys in place of its secret.
fn client_with_keys(files: &[PathBuf]) -> Result<Client, CliError> {
    let mut client = Client::without_secret(DEFAULT_CLIENT_ID);
    for file in files {
        let refuse = |what: &dyn std::fmt::Display| {
            let message = format!("the client's key in {}: {what}", file.display());
            CliError::new(Exit::Usage, message)
                .next("use a public key as a JSON Web Key, or a private key in PEM, DER or a JWK")
        };
        let jwk = public_jwk(file)?;
        client = client.public_key(&jwk).map_err(|error| refuse(&error))?;
    }
    Ok(client)
}

/// Returns the public JWK of a file. A private key yields its public half, once for every key id and algorithm that
/// fits.
fn public_jwk(file: &Path) -> Result<String, CliError> {
    let bytes = secret::read_file("key file", file, DEFAULT_TIMEOUT)?;
    match serde_json::from_slice::<Map<String, Value>>(&bytes) {
        Ok(jwk) if !jwk.contains_key("d") => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        _ => {
            let plan = KeyPlan {
                file: file.to_owned(),
                key_id: None,
                algorithm: None,
            };
            let public = read_key(&plan, DEFAULT_TIMEOUT)?.0.public_jwk();
            let mut jwk: Map<String, Value> = serde_json::from_str(&public).unwrap_or_default();
            jwk.retain(|name, _| !["alg", "kid"].contains(&name.as_str()));
            Ok(Value::Object(jwk).to_string())
        }
    }
}

/// Returns the variables that a client needs. The secret is this server's published one.
fn variables(edge: &LocalEdge, format: Format) -> String {
    let variables = [
        ("SITECORE_AUTH_URL", edge.token_url()),
        ("SITECORE_EDGE_URL", edge.base_url()),
        ("SITECORE_AUDIENCE", AUDIENCE),
        ("SITECORE_CLIENT_ID", edge.client_id()),
        ("SITECORE_CLIENT_SECRET", edge.client_secret()),
    ];
    // A client with keys has an empty secret.
    let variables = variables.iter().filter(|(_, value)| !value.is_empty());
    // The values contain no quotes.
    let lines = variables.clone().map(|(name, value)| match format {
        Format::Env => format!("export {name}='{value}'\n"),
        Format::Powershell | Format::Json => format!("$env:{name} = '{value}'\n"),
    });
    match format {
        Format::Env | Format::Powershell => lines.collect(),
        Format::Json => {
            let mut json = json!({ "base_url": edge.base_url() });
            for (name, value) in variables {
                json[name] = json!(value);
            }
            format!("{json:#}\n")
        }
    }
}

fn not_started(port: u16, error: &io::Error) -> CliError {
    let message = format!("no server on port {port} of 127.0.0.1: {error}");
    CliError::new(Exit::Other, message).next("use --port 0, which takes a free port")
}

fn rate(text: &str) -> Result<(u64, Duration), String> {
    let (requests, window) = text.split_once('/').ok_or("it is N/TIME, such as 10/1s")?;
    let requests = requests
        .parse()
        .map_err(|_| "the part before `/` must be a number")?;
    let window = time(window).map_err(|wrong| format!("the time: {wrong}"))?;
    Ok((requests, window))
}

fn quota(text: &str) -> Result<Quota, &'static str> {
    let (tokens, stretch) = text.split_once('/').ok_or("it is N/hour or N/day")?;
    let tokens = tokens
        .parse()
        .map_err(|_| "the part before `/` must be a number")?;
    match stretch {
        "hour" => Ok(Quota::PerHour(tokens)),
        "day" => Ok(Quota::PerDay(tokens)),
        _ => Err("the part after `/` must be `hour` or `day`"),
    }
}
