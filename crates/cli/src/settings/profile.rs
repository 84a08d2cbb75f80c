//! A profile in the configuration file: the values that a user does not want to repeat.

mod auth;
mod value;

use std::path::{Path, PathBuf};
use std::time::Duration;

use edge_oauth_no_io::Tenant;
use toml::{Table, Value};

use crate::args::{BodyArg, time_limit};
use crate::client_auth::args::AuthArgs;
use crate::error::{CliError, Exit};
use crate::origin::Origin;
use crate::settings::profile::value::{
    InvalidValue, invalid, one_of, params, path, text, texts, unknown_value,
};
use crate::tenant;

/// One table `[profiles.NAME]`. Its paths are absolute, or relative to the working directory.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret_file: Option<PathBuf>,
    /// A command that prints the client secret.
    pub(crate) client_secret_command: Option<String>,
    pub(crate) tenant: Option<Tenant>,
    pub(crate) endpoint: Option<String>,
    /// Another token endpoint of Experience Edge.
    pub(crate) auth_url: Option<String>,
    pub(crate) edge_url: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) resource: Vec<String>,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) body: Option<BodyArg>,
    pub(crate) cacert: Option<PathBuf>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) auth: AuthArgs,
    /// A shared store of the cached tokens.
    pub(crate) store: Option<String>,
}

/// Parses all profiles of a file. Error messages show no value of the file, since it may be a misplaced secret.
pub(crate) fn parse(text: &str, path: &Path) -> Result<Vec<Profile>, CliError> {
    let refuse = |reason: String| {
        let message = format!("the configuration file {}: {reason}", path.display());
        CliError::new(Exit::Usage, message)
    };
    let file: Table = text.parse().map_err(|error: toml::de::Error| {
        let start = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = text.as_bytes()[..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        refuse(format!("line {line} is not TOML"))
    })?;
    let mut profiles = Vec::new();
    for (key, value) in file {
        let Value::Table(tables) = value else {
            return Err(refuse(format!("unknown key {key}")).next("use a table [profiles.NAME]"));
        };
        if key != "profiles" {
            return Err(refuse(format!("unknown table {key}")).next("use a table [profiles.NAME]"));
        }
        for (name, value) in tables {
            let Value::Table(table) = value else {
                return Err(refuse(format!("profiles.{name} is not a table")));
            };
            let mut profile = Profile {
                name,
                file: path.to_owned(),
                ..Profile::default()
            };
            for (key, value) in &table {
                let set = profile.set(key, value);
                set.map_err(|invalid| {
                    let failure = refuse(format!(
                        "profiles.{}.{key} {}",
                        profile.name, invalid.reason
                    ));
                    match invalid.next {
                        Some(next) => failure.next(next),
                        None => failure,
                    }
                })?;
            }
            if profile.endpoint.is_some() && profile.auth_url.is_some() {
                let message = format!("profiles.{} has both endpoint and auth_url", profile.name);
                return Err(refuse(message)
                    .next("use auth_url for Experience Edge, or endpoint for any other server"));
            }
            if profile.endpoint.is_some() && profile.tenant.is_some() {
                let message = format!("profiles.{} has both endpoint and tenant", profile.name);
                return Err(refuse(message)
                    .next("use tenant for Experience Edge, or endpoint for any other server"));
            }
            if profile.client_secret_file.is_some() && profile.client_secret_command.is_some() {
                let message = format!(
                    "profiles.{} has two places of the client secret",
                    profile.name
                );
                return Err(refuse(message).next("use client_secret_file or client_secret_command"));
            }
            profiles.push(profile);
        }
    }
    Ok(profiles)
}

impl Profile {
    /// Returns the profile as an origin.
    pub(crate) fn origin(&self) -> Origin {
        Origin::Profile {
            name: self.name.clone(),
            file: self.file.clone(),
        }
    }

    /// Returns whether the profile names a credential of its own.
    pub(crate) fn has_credential(&self) -> bool {
        let files = [
            &self.client_secret_file,
            &self.auth.key_file,
            &self.auth.client_assertion_file,
            &self.auth.client_cert,
            &self.auth.grant_assertion_file,
            &self.auth.subject_token_file,
        ];
        let variables = [
            &self.auth.client_assertion_env,
            &self.auth.client_assertion_command,
            &self.auth.grant_assertion_env,
            &self.auth.subject_token_env,
        ];
        self.client_secret_command.is_some()
            || files.iter().any(|file| file.is_some())
            || variables.iter().any(|name| name.is_some())
    }

    fn set(&mut self, key: &str, value: &Value) -> Result<(), InvalidValue> {
        match key {
            "client_id" => self.client_id = Some(text(value)?),
            "client_secret_file" => self.client_secret_file = Some(path(&self.file, value)?),
            "client_secret_command" => self.client_secret_command = Some(text(value)?),
            "tenant" => {
                let tenant = tenant::parse(&text(value)?);
                self.tenant = Some(tenant.map_err(unknown_value)?);
            }
            "client_secret" => {
                return Err(InvalidValue {
                    reason: "is refused: configuration files are copied, shared and committed",
                    next: Some(
                        "use client_secret_file with the path of a file that only you can read, or client_secret_command"
                            .into(),
                    ),
                });
            }
            "endpoint" => self.endpoint = Some(text(value)?),
            "auth_url" => self.auth_url = Some(text(value)?),
            "edge_url" => self.edge_url = Some(text(value)?),
            "audience" => self.audience = Some(text(value)?),
            "scope" => self.scope = texts(value)?,
            "resource" => self.resource = texts(value)?,
            "params" => self.params = params(value)?,
            "body" => self.body = Some(one_of(value)?),
            "cacert" => self.cacert = Some(path(&self.file, value)?),
            "store" => self.store = Some(text(value)?),
            "timeout" => {
                let time = text(value).ok().and_then(|text| time_limit(&text).ok());
                self.timeout = Some(time.ok_or(invalid("is not a time such as \"10s\""))?);
            }
            key if auth::set(&mut self.auth, &self.file, key, value)? => {}
            _ => {
                return Err(InvalidValue {
                    reason: "is not a known key",
                    next: Some(format!("use one of {KEYS}")),
                });
            }
        }
        Ok(())
    }
}

const KEYS: &str = "client_id, client_secret_file, client_secret_command, tenant, endpoint, auth_url, edge_url, audience, scope, resource, \
     params, client_auth, body, cacert, timeout, store, key_file, key_id, alg, assertion_audience, assertion_subject, \
     client_assertion_file, client_assertion_env, client_assertion_command, client_cert, client_key, grant, grant_assertion_file, \
     grant_assertion_env, subject_token_file, subject_token_env, subject_token_type, param_files, param_envs";
