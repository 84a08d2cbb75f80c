//! Variables of the environment.

use std::env;

use crate::error::{CliError, Exit};

/// Returns the value of an environment variable. An empty one counts as unset.
pub(crate) fn variable(name: &str) -> Result<Option<String>, CliError> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            let message = format!("the variable {name} is not UTF-8");
            Err(CliError::new(Exit::Usage, message))
        }
    }
}

/// Returns whether every shell accepts this as a variable's name.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let fits = |c: char| c == '_' || c.is_ascii_alphanumeric();
    !name.is_empty() && name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit())
}

pub(crate) const VARIABLE_NAME: &str =
    "a name of letters, digits and `_` that does not begin with a digit";
