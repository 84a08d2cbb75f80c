//! The values of a new profile: from options, or from a person on the terminal.

use std::path::PathBuf;

use edge_oauth_no_io::{Secret, Tenant};

use crate::args::ClientArgs;
use crate::client_auth::args::AuthArgs;
use crate::client_auth::values::ClientAuthArg;
use crate::env::{VARIABLE_NAME, is_variable_name, variable};
use crate::error::{CliError, Exit};
use crate::input::prompt;
use crate::input::secret::{self, SECRET_VARIABLE};
use crate::input::timeout::DEFAULT_TIMEOUT;
use crate::tenant::{self, TENANTS};

/// The values that a person may be asked for.
pub(super) struct Answers {
    /// `None` for another server.
    pub(super) tenant: Option<Tenant>,
    /// The token endpoint of another server.
    pub(super) endpoint: Option<String>,
    pub(super) client_id: String,
    pub(super) audience: Option<String>,
    pub(super) scope: Vec<String>,
    pub(super) secret: SecretAnswer,
    pub(super) auth: AuthArgs,
}

/// The place of the client secret.
pub(super) enum SecretAnswer {
    /// A file that this program keeps.
    Typed(Secret),
    File(PathBuf),
    Command(String),
    /// The variable of each run.
    Variable,
    /// The client has another credential, or none.
    None,
}

impl Answers {
    pub(super) fn collect(args: &ClientArgs) -> Result<Self, CliError> {
        let asks = prompt::can_ask()?;
        let (tenant, endpoint) = server(args, asks)?;
        let client_id = client_id(args, asks)?;
        let (mut audience, mut scope) = (args.audience.clone(), args.scope.clone());
        // Experience Edge has one audience.
        let is_new = endpoint.is_some() && args.endpoint.is_none();
        if is_new && audience.is_none() {
            audience = optional("Audience [none]: ")?;
        }
        if is_new && scope.is_empty() {
            scope.extend(optional("Scopes [none]: ")?);
        }
        let mut auth = args.auth.clone();
        Ok(Self {
            tenant,
            endpoint,
            client_id,
            audience,
            scope,
            secret: credential(args, &mut auth, asks)?,
            auth,
        })
    }
}

fn server(args: &ClientArgs, asks: bool) -> Result<(Option<Tenant>, Option<String>), CliError> {
    match (&args.tenant, &args.endpoint) {
        (_, Some(url)) => return Ok((None, Some(url.clone()))),
        (Some(tenant), None) => return Ok((Some(tenant.clone()), None)),
        (None, None) if !asks => return Ok((Some(Tenant::Current), None)),
        (None, None) => {}
    }
    let typed = prompt::until(TENANT, |typed| {
        let kind = typed.to_ascii_lowercase();
        let read = match kind.as_str() {
            "" => Ok(Tenant::Current),
            "old" => return Ok((None, None)),
            _ if typed.contains("://") => return Ok((None, Some(typed.to_owned()))),
            // The letters of an id keep their case.
            kind if kind.starts_with("old:") => tenant::parse(&format!("old:{}", &typed[4..])),
            kind => tenant::parse(kind),
        };
        match read {
            Ok(tenant) => Ok((Some(tenant), None)),
            Err(_) => Err(format!("the tenant is not {TENANTS}")),
        }
    })?;
    match typed {
        (None, None) => {
            let tenant = prompt::until("Id of the tenant: ", |id| {
                tenant::parse(&format!("old:{id}")).map_err(str::to_owned)
            });
            Ok((Some(tenant?), None))
        }
        typed => Ok(typed),
    }
}

fn client_id(args: &ClientArgs, asks: bool) -> Result<String, CliError> {
    let given = match &args.client_id {
        Some(id) => Some(id.clone()),
        None => variable("SITECORE_CLIENT_ID")?,
    };
    match given.filter(|id| !id.is_empty()) {
        Some(id) => Ok(id),
        None if asks => Ok(text("Client id: ")?),
        None => Err(CliError::new(Exit::Usage, "no client id").next("use --client-id")),
    }
}

/// Returns the place of the client secret. Adds another credential to `auth`, if a person chooses one.
fn credential(
    args: &ClientArgs,
    auth: &mut AuthArgs,
    asks: bool,
) -> Result<SecretAnswer, CliError> {
    let time = args.timeout.unwrap_or(DEFAULT_TIMEOUT);
    match (&args.client_secret_file, &args.client_secret_command) {
        (Some(path), _) if path.as_os_str() == "-" => {
            let (secret, _) = secret::read_path(path, CLIENT_SECRET, time)?;
            return Ok(SecretAnswer::Typed(secret));
        }
        (Some(path), _) => return Ok(SecretAnswer::File(path.clone())),
        (None, Some(line)) => return Ok(SecretAnswer::Command(line.clone())),
        (None, None) if has_other_credential(auth) => return Ok(SecretAnswer::None),
        (None, None) if asks => {}
        (None, None) if variable(SECRET_VARIABLE)?.is_some() => return Ok(SecretAnswer::Variable),
        (None, None) => {
            let message = "the client secret is neither in an option nor in SITECORE_CLIENT_SECRET";
            return Err(CliError::new(Exit::Usage, message).next(
                "use --client-secret-file FILE, where `-` is standard input, --client-secret-command, or another credential such as --key-file",
            ));
        }
    }
    let choice = prompt::until(CREDENTIALS, |typed| {
        match typed.trim_end_matches(['.', ')']) {
            "" => Ok(1),
            typed => match typed.parse::<u8>() {
                Ok(choice @ 1..=9) => Ok(choice),
                _ => Err("type a number from 1 to 9".to_owned()),
            },
        }
    })?;
    match choice {
        1 => return Ok(SecretAnswer::Typed(secret::prompt(CLIENT_SECRET)?)),
        2 => return Ok(SecretAnswer::File(text("File: ")?.into())),
        3 => return Ok(SecretAnswer::Command(text("Command: ")?)),
        4 => return Ok(SecretAnswer::Variable),
        5 => {
            auth.key_file = Some(text("File of the private key: ")?.into());
            if auth.key_id.is_none() {
                auth.key_id = optional("Key id [the key's own]: ")?;
            }
        }
        6 => auth.client_assertion_file = Some(text("File: ")?.into()),
        7 => {
            auth.client_assertion_env =
                Some(prompt::until(
                    "Variable: ",
                    |typed| match is_variable_name(typed) {
                        true => Ok(typed.to_owned()),
                        false => Err(VARIABLE_NAME.to_owned()),
                    },
                )?);
        }
        8 => auth.client_assertion_command = Some(text("Command: ")?),
        _ => {
            auth.client_cert = Some(text("File of the certificate: ")?.into());
            if auth.client_key.is_none() {
                let file = optional("File of its private key [the same file]: ")?;
                auth.client_key = file.map(PathBuf::from);
            }
        }
    }
    Ok(SecretAnswer::None)
}

fn has_other_credential(auth: &AuthArgs) -> bool {
    auth.key_file.is_some()
        || auth.client_assertion_file.is_some()
        || auth.client_assertion_env.is_some()
        || auth.client_assertion_command.is_some()
        || auth.client_cert.is_some()
        || auth.client_auth == Some(ClientAuthArg::None)
}

/// Asks for a text that is not empty.
fn text(question: &str) -> Result<String, CliError> {
    prompt::until(question, |typed| match typed.is_empty() {
        true => Err("nothing was typed".to_owned()),
        false => Ok(typed.to_owned()),
    })
}

fn optional(question: &str) -> Result<Option<String>, CliError> {
    let typed = prompt::line(question)?;
    Ok(Some(typed).filter(|typed| !typed.is_empty()))
}

const CLIENT_SECRET: &str = "Client secret";
const TENANT: &str = "\
The tenant of Experience Edge: current, old:ID with the tenant's id, or pre-production; or the URL of the token
endpoint of another server
Tenant [current]: ";
const CREDENTIALS: &str = "\
The client proves its identity by
  1  a secret that you type now; it is kept in a file that only you can read
  2  a secret in a file
  3  a secret that a command prints, such as op read op://vault/edge/secret
  4  a secret in the variable SITECORE_CLIENT_SECRET of each run
or, if the server offers it (Sitecore documents secrets only), by
  5  a private key in a file, which signs assertions
  6  an assertion of its platform in a file, such as a token of Kubernetes
  7  an assertion of its platform in a variable of each run, such as of GitLab
  8  an assertion of its platform that a command prints
  9  a certificate
Number [1]: ";
