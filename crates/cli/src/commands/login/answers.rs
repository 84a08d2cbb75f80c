//! The values of a new profile: from options, or from a person on the terminal.

use std::path::PathBuf;

use edge_oauth_no_io::{Secret, Tenant};

use crate::args::ClientArgs;
use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::input::prompt;
use crate::input::secret::{self, SECRET_VARIABLE};
use crate::input::timeout::DEFAULT_TIMEOUT;
use crate::tenant::{self, TENANTS};

/// The values that a person may be asked for.
pub(super) struct Answers {
    /// `None` for another server.
    pub(super) tenant: Option<Tenant>,
    pub(super) client_id: String,
    pub(super) secret: SecretAnswer,
}

/// The place of the client secret.
pub(super) enum SecretAnswer {
    /// A file that this program keeps.
    Typed(Secret),
    File(PathBuf),
    Command(String),
    /// The variable of each run.
    Variable,
}

impl Answers {
    pub(super) fn collect(args: &ClientArgs) -> Result<Self, CliError> {
        let asks = prompt::can_ask()?;
        Ok(Self {
            tenant: tenant(args, asks)?,
            client_id: client_id(args, asks)?,
            secret: secret(args, asks)?,
        })
    }
}

fn tenant(args: &ClientArgs, asks: bool) -> Result<Option<Tenant>, CliError> {
    match (&args.tenant, &args.endpoint) {
        (_, Some(_)) => return Ok(None),
        (Some(tenant), None) => return Ok(Some(tenant.clone())),
        (None, None) if !asks => return Ok(Some(Tenant::Current)),
        (None, None) => {}
    }
    let question = "Tenant: current, old:ID with the tenant's id, or pre-production [current]: ";
    let typed = prompt::line(question)?;
    let tenant = match typed.as_str() {
        "" => "current",
        typed => typed,
    };
    let wrong = |_| CliError::new(Exit::Usage, format_args!("the tenant is not {TENANTS}"));
    tenant::parse(tenant).map(Some).map_err(wrong)
}

fn client_id(args: &ClientArgs, asks: bool) -> Result<String, CliError> {
    let given = match &args.client_id {
        Some(id) => Some(id.clone()),
        None => variable("SITECORE_CLIENT_ID")?,
    };
    let id = match given {
        Some(id) => id,
        None if asks => prompt::line("Client id: ")?,
        None => String::new(),
    };
    match id.is_empty() {
        true => Err(CliError::new(Exit::Usage, "no client id").next("use --client-id")),
        false => Ok(id),
    }
}

fn secret(args: &ClientArgs, asks: bool) -> Result<SecretAnswer, CliError> {
    let time = args.timeout.unwrap_or(DEFAULT_TIMEOUT);
    match (&args.client_secret_file, &args.client_secret_command) {
        (Some(path), _) if path.as_os_str() == "-" => {
            let (secret, _) = secret::read_path(path, CLIENT_SECRET, time)?;
            return Ok(SecretAnswer::Typed(secret));
        }
        (Some(path), _) => return Ok(SecretAnswer::File(path.clone())),
        (None, Some(line)) => return Ok(SecretAnswer::Command(line.clone())),
        (None, None) if asks => {}
        (None, None) if variable(SECRET_VARIABLE)?.is_some() => return Ok(SecretAnswer::Variable),
        (None, None) => {
            return Err(CliError::new(Exit::Usage, "the client secret is neither in an option nor in SITECORE_CLIENT_SECRET").next(
                "use --client-secret-file FILE, where `-` is standard input, or --client-secret-command",
            ));
        }
    }
    let asked = |question: &str| match prompt::line(question)? {
        text if text.is_empty() => Err(CliError::new(Exit::Usage, "nothing was typed")),
        text => Ok(text),
    };
    match prompt::line(PLACES)?.as_str() {
        "" | "1" => Ok(SecretAnswer::Typed(secret::prompt(CLIENT_SECRET)?)),
        "2" => Ok(SecretAnswer::File(asked("File: ")?.into())),
        "3" => Ok(SecretAnswer::Command(asked("Command: ")?)),
        "4" => Ok(SecretAnswer::Variable),
        _ => Err(CliError::new(
            Exit::Usage,
            "the place of the secret is not one of 1 to 4",
        )),
    }
}

const CLIENT_SECRET: &str = "Client secret";
const PLACES: &str = "\
The client secret:
  1  type it now; it is kept in a file that only you can read
  2  is in a file
  3  is printed by a command, such as op read op://vault/edge/secret
  4  is in the variable SITECORE_CLIENT_SECRET of each run
Place [1]: ";
