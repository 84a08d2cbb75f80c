//! An error of the input of an operation, by the option that a user typed.

use experience_edge_api::InputError;

use crate::error::{CliError, Exit};

/// The message names the option, since the names of the service's fields differ.
impl From<InputError> for CliError {
    fn from(error: InputError) -> Self {
        let text = error.to_string();
        let named = OPTIONS.iter().find(|(field, _)| *field == error.field());
        let rest = text.strip_prefix(error.field());
        let failure = match (named, rest) {
            (Some((_, option)), Some(rest)) => {
                CliError::new(Exit::Usage, format_args!("{option}{rest}"))
            }
            _ => CliError::new(Exit::Usage, text),
        };
        match (error, named) {
            (InputError::Insecure { .. }, Some(_)) => failure.next(HTTPS),
            _ => failure,
        }
    }
}

/// The options for fields of the APIs, or other names for people.
const OPTIONS: [(&str, &str); 13] = [
    ("body", "--body"),
    ("bodyInclude", "--body-include"),
    ("createdBy", "--created-by"),
    ("description", "--description"),
    ("headers", "--header"),
    ("items.id", "the id of an item"),
    ("items.locale", "the locale of an item"),
    ("label", "--label"),
    ("name", "--name"),
    ("scopes", "--scope"),
    ("source", "--source"),
    ("uri", "--uri"),
    ("url", "the URL of the APIs"),
];
const HTTPS: &str = "use a URL that begins with https://";
