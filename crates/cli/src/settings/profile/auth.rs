//! The keys of client authentication and of the grant.

use std::path::Path;

use toml::Value;

use crate::client_auth::args::AuthArgs;
use crate::client_auth::values::GrantArg;
use crate::settings::profile::value::{
    InvalidValue, one_of, params, path as path_of, table, text as text_of, unknown_value,
};

/// Sets the value of a key. Returns false if the key is neither of client authentication nor of a grant.
pub(super) fn set(
    auth: &mut AuthArgs,
    profile: &Path,
    key: &str,
    value: &Value,
) -> Result<bool, InvalidValue> {
    let path = || path_of(profile, value).map(Some);
    let text = || text_of(value).map(Some);
    match key {
        "client_auth" => auth.client_auth = Some(one_of(value)?),
        "key_file" => auth.key_file = path()?,
        "key_id" => auth.key_id = text()?,
        "alg" => auth.alg = Some(one_of(value)?),
        "assertion_audience" => auth.assertion_audience = text()?,
        "assertion_subject" => auth.assertion_subject = text()?,
        "client_assertion_file" => auth.client_assertion_file = path()?,
        "client_assertion_env" => auth.client_assertion_env = text()?,
        "client_assertion_command" => auth.client_assertion_command = text()?,
        "client_cert" => auth.client_cert = path()?,
        "client_key" => auth.client_key = path()?,
        "grant" => {
            let grant = text()?.unwrap_or_default();
            auth.grant = Some(GrantArg::parse(&grant).map_err(unknown_value)?);
        }
        "grant_assertion_file" => auth.grant_assertion_file = path()?,
        "grant_assertion_env" => auth.grant_assertion_env = text()?,
        "subject_token_file" => auth.subject_token_file = path()?,
        "subject_token_env" => auth.subject_token_env = text()?,
        "subject_token_type" => auth.subject_token_type = text()?,
        "param_files" => {
            let files = table(value)?.iter();
            let files = files.map(|(name, file)| Ok((name.clone(), path_of(profile, file)?)));
            auth.param_file = files.collect::<Result<_, InvalidValue>>()?;
        }
        "param_envs" => auth.param_env = params(value)?,
        "client_assertion" | "subject_token" | "grant_assertion" => {
            return Err(InvalidValue {
                reason: "is refused: configuration files are copied, shared and committed",
                next: Some(format!(
                    "use {key}_file with the path of a file, or {key}_env with the name of a variable"
                )),
            });
        }
        _ => return Ok(false),
    }
    Ok(true)
}
