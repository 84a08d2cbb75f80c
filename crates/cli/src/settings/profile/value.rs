//! The values of a profile. Error messages show no value, since it may be a misplaced secret.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use toml::{Table, Value};

use crate::client_auth::values::known;

/// An error in a value, and the advice.
pub(super) struct InvalidValue {
    pub(super) reason: &'static str,
    pub(super) next: Option<String>,
}

pub(super) fn text(value: &Value) -> Result<String, InvalidValue> {
    match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err(invalid("is not text")),
    }
}

/// Reads a list. A text is split at its spaces.
pub(super) fn texts(value: &Value) -> Result<Vec<String>, InvalidValue> {
    match value {
        Value::String(text) => Ok(text.split_whitespace().map(str::to_owned).collect()),
        Value::Array(values) => values.iter().map(text).collect(),
        _ => Err(invalid("is neither text nor a list of texts")),
    }
}

pub(super) fn table(value: &Value) -> Result<&Table, InvalidValue> {
    match value {
        Value::Table(table) => Ok(table),
        _ => Err(invalid("is not a table")),
    }
}

pub(super) fn params(value: &Value) -> Result<Vec<(String, String)>, InvalidValue> {
    let pairs = table(value)?
        .iter()
        .map(|(name, value)| Ok((name.clone(), text(value)?)));
    pairs.collect()
}

pub(super) fn one_of<T: ValueEnum>(value: &Value) -> Result<T, InvalidValue> {
    T::from_str(&text(value)?, false).map_err(|_| unknown_value(&known::<T>()))
}

pub(super) fn unknown_value(known: &str) -> InvalidValue {
    InvalidValue {
        reason: "is not a known value",
        next: Some(format!("use one of {known}")),
    }
}

pub(super) fn invalid(reason: &'static str) -> InvalidValue {
    InvalidValue { reason, next: None }
}

/// Reads a path. It is relative to the profile's file, and `~/` is the user's home.
pub(super) fn path(file: &Path, value: &Value) -> Result<PathBuf, InvalidValue> {
    let text = text(value)?;
    if let Some(rest) = text.strip_prefix("~/") {
        let home = etcetera::home_dir()
            .map_err(|_| invalid("begins with ~, and there is no home folder"))?;
        return Ok(home.join(rest));
    }
    Ok(file.parent().unwrap_or(Path::new("")).join(text))
}
