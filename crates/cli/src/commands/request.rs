//! `edge-oauth request`: the token request, to read or to send with another program.

mod curl;
mod raw;

use clap::{Args, ValueEnum};
use edge_oauth_no_io::Secret;

use crate::args::ClientArgs;
use crate::error::CliError;
use crate::output::terminal;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct RequestArgs {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "http")]
    output: Format,

    /// Print the client secret or the assertions too, and parameters that may be secrets, such as api_key
    #[arg(long)]
    show_secret: bool,

    #[command(flatten)]
    client: ClientArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// The HTTP request as sent
    Http,
    /// A curl command, without the secret in an argument
    Curl,
    /// One JSON object with the method, the URL, the headers and the body
    Json,
}

/// Prints the request. If the secret is not shown, it is not read: a placeholder replaces it.
pub(crate) fn run(args: RequestArgs) -> Result<(), CliError> {
    let settings = match args.show_secret {
        true => Settings::resolve(&args.client)?,
        false => Settings::resolve_to_show(&args.client, Secret::new(PLACEHOLDER))?,
    };
    if args.show_secret && terminal::is_shown_to_person() {
        terminal::warning("this output contains the client's credentials");
    }
    let request = settings
        .credentials
        .request(&settings.config, settings.timeout)?;
    let text = match (args.output, args.show_secret) {
        (Format::Http, true) => raw::whole(&request),
        (Format::Http, false) => raw::redacted(&request),
        (Format::Json, shows) => raw::json(&request, shows),
        (Format::Curl, true) => curl::whole(&request, &settings.plan),
        (Format::Curl, false) => curl::redacted(&request, &settings.plan),
    };
    terminal::print(text.as_bytes())?;
    if matches!(args.output, Format::Http) && terminal::is_shown_to_person() {
        terminal::print("\n")?;
    }
    Ok(())
}

/// Has only letters and digits, so that each encoding leaves it as it is. It is not a real secret.
const PLACEHOLDER: &str = "EdgeOauthPlaceholder5c1d0f7e9a3b";
