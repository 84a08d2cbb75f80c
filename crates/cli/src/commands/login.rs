//! `edge-oauth login`: sets up a profile, and tries it.

mod answers;
mod table;

use std::fs;
use std::path::Path;

use clap::Args;
use toml::Value;

use crate::args::ClientArgs;
use crate::client_auth::layers::conflict;
use crate::commands::login::answers::{Answers, SecretAnswer};
use crate::commands::login::table::table;
use crate::commands::profile::{by_hand, file, secret_file};
use crate::env::variable;
use crate::error::{CliError, Exit};
use crate::input::prompt;
use crate::input::timeout::DEFAULT_TIMEOUT;
use crate::output::terminal;
use crate::session::Session;
use crate::settings::Settings;
use crate::settings::chosen::Chosen;
use crate::settings::config_file;
use crate::settings::profile;
use crate::settings::profile_file::{NewFile, create_folder_of, lock, with, without};
use crate::signals::{Interrupts, no_signals};

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct LoginArgs {
    /// Another token endpoint of Experience Edge, such as a local one
    #[arg(long, value_name = "URL")]
    auth_url: Option<String>,

    /// URL of the APIs of Experience Edge, such as a local one
    #[arg(long, value_name = "URL")]
    edge_url: Option<String>,

    /// Replace the profile if there is one of this name
    #[arg(long)]
    replace: bool,

    #[command(flatten)]
    client: ClientArgs,
}

/// Asks for the values that are missing, requests a token with them, and writes the profile.
pub(crate) fn run(args: LoginArgs) -> Result<(), CliError> {
    let chosen = Chosen::resolve(&args.client)?;
    let name = chosen.profile.unwrap_or_else(|| "default".to_owned());
    args.client.check()?;
    check(&args, &name)?;
    let path = file(&args.client)?;
    create_folder_of(&path)?;
    let time = args.client.timeout.unwrap_or(DEFAULT_TIMEOUT);
    // A person is asked only if the file can be written.
    let locked = lock(&path, time)?;
    drop(NewFile::write(&path, b"")?);
    drop(locked);
    let mut replaces = args.replace;
    others(&path, &name, &mut replaces)?;

    let answers = Answers::collect(&args.client)?;
    let _lock = lock(&path, time)?;
    // Another run may have changed the file during the questions.
    let text = others(&path, &name, &mut replaces)?;
    // A new file with the secret is removed when a signal ends the run.
    let interrupts = Interrupts::note().map_err(no_signals)?;
    let kept = secret_file(&path, &name);
    let new_secret = match &answers.secret {
        SecretAnswer::Typed(secret) => Some(NewFile::write(&kept, secret.expose().as_bytes())?),
        _ => None,
    };
    let urls = [("auth_url", &args.auth_url), ("edge_url", &args.edge_url)];
    let mut table = table(&args.client, urls, &answers);
    if new_secret.is_some() {
        table.insert(
            "client_secret_file".to_owned(),
            Value::String(format!("{name}.secret")),
        );
    }
    let new_file = NewFile::write(&path, with(&text, &name, &table).as_bytes())?;
    let files = [Some(&new_file), new_secret.as_ref()].into_iter().flatten();
    let files: Vec<_> = files.map(|file| file.path().to_owned()).collect();
    let ended = interrupts.end_if_unseen(move || {
        for file in &files {
            let _ = fs::remove_file(file);
        }
    });
    ended.map_err(no_signals)?;
    let tried = ClientArgs {
        profile: Some(name.clone()),
        config: Some(new_file.path().to_owned()),
        client_id: Some(answers.client_id.clone()),
        audience: answers.audience.clone(),
        client_secret_file: new_secret.as_ref().map(|file| file.path().to_owned()),
        timeout: args.client.timeout,
        no_cache: args.client.no_cache,
        ..ClientArgs::default()
    };
    let settings = Settings::resolve(&tried).map_err(|error| {
        let files = [Some(&new_file), new_secret.as_ref()];
        let files = files.into_iter().flatten();
        files.fold(error, |error, file| file.named(error))
    })?;
    let session = Session::open(settings);
    let token = session.api_token();
    if let Some(status) = interrupts.status() {
        return Err(CliError::interrupted().status(status));
    }
    token?;
    drop(session);
    if let Some(file) = new_secret {
        file.into_place()?;
    }
    new_file.into_place()?;
    let used = match name.as_str() {
        "default" => "each run uses it".to_owned(),
        name => format!("use it with --profile {name} or EDGE_OAUTH_PROFILE={name}"),
    };
    terminal::note(format_args!(
        "The token was requested. The profile {name:?} is in {}: {used}.",
        path.display()
    ));
    Ok(())
}

fn check(args: &LoginArgs, name: &str) -> Result<(), CliError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(fits) {
        let message = "the name of the profile is not one of letters, digits, `-` and `_`";
        return Err(CliError::new(Exit::Usage, message).next("use another --profile"));
    }
    if variable("SITECORE_AUTH_URL")?.is_some() {
        let message = "SITECORE_AUTH_URL is set, and would take the place of the profile's server";
        return Err(CliError::new(Exit::Usage, message).next(
            "unset it, and name another token endpoint by --auth-url and its APIs by --edge-url",
        ));
    }
    if args.auth_url.is_some() && args.client.endpoint.is_some() {
        return Err(conflict("--auth-url", "--endpoint"));
    }
    let auth = &args.client.auth;
    if !(args.client.param.is_empty() && auth.param_file.is_empty() && auth.param_env.is_empty()) {
        let message = "login sets up no parameters of the token request";
        return Err(CliError::new(Exit::Usage, message).next(
            "add them to the profile in an editor: edge-oauth profile path prints its file",
        ));
    }
    Ok(())
}

/// Returns the text of the configuration file without the profile. Asks before it is replaced, unless that is settled.
fn others(path: &Path, name: &str, replaces: &mut bool) -> Result<String, CliError> {
    let text = config_file::load(path, DEFAULT_TIMEOUT)?.unwrap_or_default();
    let existing = profile::parse(&text, path)?;
    if !existing.iter().any(|profile| profile.name == name) {
        return Ok(text);
    }
    let question = format!("There is a profile {name:?}. Type `yes` to replace it: ");
    *replaces = *replaces || prompt::can_ask()? && prompt::confirms(&question)?;
    if !*replaces {
        let message = format!("there is a profile {name:?} already");
        let next = "use --replace, or another name with --profile";
        return Err(CliError::new(Exit::Usage, message).next(next));
    }
    without(&text, name).ok_or_else(|| by_hand(path, name))
}

const HELP: &str = "\
Without a terminal, give the client id and one of these:
  --client-secret-file FILE        the profile names the file
  --client-secret-file -           from standard input, kept in a file that only you can read
  --client-secret-command COMMAND  the profile names the command
  SITECORE_CLIENT_SECRET           each run reads the variable
  --key-file FILE                  the profile names the file of the private key, and --key-id
  --client-assertion-file FILE     the profile names the file of the platform's assertion
  --client-assertion-env VARIABLE  the profile names its variable
  --client-assertion-command COMMAND
                                   the profile names the command that prints it
  --client-cert FILE               the profile names the certificate, and --client-key";
