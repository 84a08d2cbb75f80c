//! The values of a new profile as the configuration file has them.

use std::path::{self, Path};

use clap::ValueEnum;
use edge_oauth_no_io::Tenant;
use toml::{Table, Value};

use crate::args::ClientArgs;
use crate::client_auth::args::AuthArgs;
use crate::client_auth::values::ClientAuthArg;
use crate::commands::login::answers::{Answers, SecretAnswer};
use crate::tenant;

/// Returns the profile, with these URLs under their keys. The file of a typed secret is missing.
pub(super) fn table(
    client: &ClientArgs,
    urls: [(&'static str, &Option<String>); 2],
    answers: &Answers,
) -> Table {
    let text = String::clone;
    let tenant = answers.tenant.as_ref();
    let tenant = tenant.filter(|tenant| **tenant != Tenant::Current);
    let (secret_file, secret_command) = match &answers.secret {
        SecretAnswer::Typed(_) | SecretAnswer::Variable | SecretAnswer::None => (None, None),
        SecretAnswer::File(path) => (Some(absolute(path)), None),
        SecretAnswer::Command(line) => (None, Some(line.clone())),
    };
    let values = [
        ("client_id", Some(answers.client_id.clone())),
        ("tenant", tenant.map(tenant::text)),
        ("endpoint", answers.endpoint.clone()),
        ("audience", answers.audience.clone()),
        ("store", client.store.as_ref().map(text)),
        ("cacert", client.cacert.as_deref().map(absolute)),
        ("client_secret_file", secret_file),
        ("client_secret_command", secret_command),
    ];
    let urls = urls.into_iter().map(|(key, url)| (key, url.clone()));
    let values = values.into_iter().chain(urls).chain(of_auth(&answers.auth));
    let mut table: Table = values
        .filter_map(|(key, value)| Some((key.to_owned(), Value::String(value?))))
        .collect();
    for (key, values) in [("scope", &answers.scope), ("resource", &client.resource)] {
        if !values.is_empty() {
            let values = values.iter().cloned().map(Value::String);
            table.insert(key.to_owned(), Value::Array(values.collect()));
        }
    }
    table
}

/// Returns the values of client authentication and of the grant.
fn of_auth(auth: &AuthArgs) -> [(&'static str, Option<String>); 17] {
    let name = |value: Option<clap::builder::PossibleValue>| Some(value?.get_name().to_owned());
    let file = |path: &Option<path::PathBuf>| path.as_deref().map(absolute);
    [
        ("client_auth", auth.client_auth.map(ClientAuthArg::name)),
        ("key_file", file(&auth.key_file)),
        ("key_id", auth.key_id.clone()),
        (
            "alg",
            name(auth.alg.and_then(|alg| alg.to_possible_value())),
        ),
        ("assertion_audience", auth.assertion_audience.clone()),
        ("assertion_subject", auth.assertion_subject.clone()),
        ("client_assertion_file", file(&auth.client_assertion_file)),
        ("client_assertion_env", auth.client_assertion_env.clone()),
        (
            "client_assertion_command",
            auth.client_assertion_command.clone(),
        ),
        ("client_cert", file(&auth.client_cert)),
        ("client_key", file(&auth.client_key)),
        (
            "grant",
            auth.grant.as_ref().map(|grant| grant.text().to_owned()),
        ),
        ("grant_assertion_file", file(&auth.grant_assertion_file)),
        ("grant_assertion_env", auth.grant_assertion_env.clone()),
        ("subject_token_file", file(&auth.subject_token_file)),
        ("subject_token_env", auth.subject_token_env.clone()),
        ("subject_token_type", auth.subject_token_type.clone()),
    ]
}

/// Returns the path from the root. The profile's own form for the user's home stays.
fn absolute(path: &Path) -> String {
    if path.starts_with("~") {
        return path.display().to_string();
    }
    let whole = path::absolute(path);
    whole
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}
