//! `edge-oauth whoami`: the client, as its token tells.

use clap::Args;
use edge_oauth_no_io::printable;
use serde_json::json;

use crate::api_client::client_text;
use crate::args::{ClientArgs, Requirements};
use crate::commands::output_format::OutputArg;
use crate::error::CliError;
use crate::identity::Identity;
use crate::output::terminal;
use crate::output::text::{Lines, json_line};
use crate::output::timestamp;
use crate::services::ClientKind;
use crate::session::Session;
use crate::settings::Settings;

#[derive(Args, Debug)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    output: OutputArg,

    #[command(flatten)]
    client: ClientArgs,
}

pub(crate) fn run(args: WhoamiArgs) -> Result<(), CliError> {
    let settings = Settings::resolve(&args.client)?;
    let client = client_text(&settings);
    let id = settings.client_id.clone();
    let issuer = settings
        .config
        .endpoint()
        .authority()
        .map(ToString::to_string);
    let issuer = printable(&issuer.unwrap_or_default(), 128);
    let ready = Session::open(settings).token(Requirements::default())?;
    let identity = Identity::read(&ready.token);
    let kinds = identity.kinds();
    let kinds = (!kinds.is_empty()).then(|| ClientKind::names(&kinds, ", "));
    let services = identity.services();
    if args.output.is_json() {
        let json = json!({
            "client_id": id,
            "client_name": identity.client_name,
            "client_kind": kinds,
            "organization": identity.organization,
            "tenant": identity.tenant,
            "issuer": issuer,
            "scopes": identity.scopes,
            "expires_at": ready.expires_at.and_then(timestamp::utc),
            "apis": services,
        });
        return Ok(terminal::print(json_line(&json))?);
    }
    let mut lines = Lines::default();
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    lines.line("client", client);
    lines.line("client name", or_unknown(identity.client_name));
    lines.line("kind of client", or_unknown(kinds));
    lines.line("organization", or_unknown(identity.organization));
    lines.line("tenant", or_unknown(identity.tenant));
    lines.line("token from", issuer);
    let expiry = ready
        .expires_at
        .map(|at| timestamp::readable(at, timestamp::now()));
    lines.line("token expires", or_unknown(expiry));
    lines.line(
        "scopes",
        match identity.scopes.as_slice() {
            [] => UNKNOWN.to_owned(),
            scopes => scopes.join(" "),
        },
    );
    lines.line(
        "APIs of this kind",
        match services.as_slice() {
            [] => UNKNOWN.to_owned(),
            services => services.join(", "),
        },
    );
    Ok(terminal::print(lines.finish())?)
}

const UNKNOWN: &str = "not in the token";
