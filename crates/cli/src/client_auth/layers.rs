//! One option in three layers: the command line comes before the environment, and that before the profile.

use std::path::{Path, PathBuf};

use crate::client_auth::args::AuthArgs;
use crate::client_auth::names::Name;
use crate::env::{VARIABLE_NAME, is_variable_name};
use crate::error::{CliError, Exit};
use crate::origin::Origin;

/// The three places of an option's value.
pub(crate) struct Layers<'a> {
    pub(crate) flags: &'a AuthArgs,
    pub(crate) environment: AuthArgs,
    pub(crate) profile: Option<(&'a AuthArgs, Origin)>,
}

/// A value, and its place.
#[derive(Clone, Debug)]
pub(crate) struct Given<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
    /// The option's name in a profile.
    pub(crate) key: &'static str,
}

/// The place of an assertion or a token that another program creates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    File(PathBuf),
    Variable(String),
    /// A line for the shell.
    Command(String),
}

impl Layers<'_> {
    /// Returns the value of the first layer that has it.
    pub(super) fn get<T: Clone>(
        &self,
        name: Name,
        of: fn(&AuthArgs) -> &Option<T>,
    ) -> Option<Given<T>> {
        let given = |args: &AuthArgs, origin| {
            let value = of(args).clone()?;
            let key = name.key;
            Some(Given { value, origin, key })
        };
        given(self.flags, Origin::Flag(name.flag))
            .or_else(|| given(&self.environment, Origin::Variable(name.variable)))
            .or_else(|| {
                let (args, origin) = self.profile.clone()?;
                given(args, origin)
            })
    }

    /// Returns the place that one of two options names. Fails if both are in one layer.
    pub(super) fn place(
        &self,
        (file_name, file): (Name, fn(&AuthArgs) -> &Option<PathBuf>),
        (variable_name, variable): (Name, fn(&AuthArgs) -> &Option<String>),
    ) -> Result<Option<Given<Place>>, CliError> {
        let file = self.get(file_name, file).map(|file| file.map(Place::File));
        let variable = self.get(variable_name, variable);
        let variable = variable.map(|variable| variable.map(Place::Variable));
        first(file, variable)
    }
}

/// Returns the place of the higher layer. Fails if both are in one layer, or if one is an assertion itself.
pub(super) fn first(
    one: Option<Given<Place>>,
    other: Option<Given<Place>>,
) -> Result<Option<Given<Place>>, CliError> {
    for given in one.iter().chain(&other) {
        given.check()?;
    }
    match (one, other) {
        (Some(one), Some(other)) if one.rank() == other.rank() => {
            Err(conflict(&one.named(), &other.named()))
        }
        (Some(one), Some(other)) if one.rank() > other.rank() => Ok(Some(one)),
        (one, other) => Ok(other.or(one)),
    }
}

impl<T> Given<T> {
    pub(super) fn rank(&self) -> u8 {
        self.origin.rank()
    }

    /// Returns the option as the user has written it.
    pub(crate) fn named(&self) -> String {
        match &self.origin {
            Origin::Profile { .. } => format!("{} of {}", self.key, self.origin),
            origin => origin.to_string(),
        }
    }

    pub(super) fn map<U>(self, change: impl FnOnce(T) -> U) -> Given<U> {
        Given {
            value: change(self.value),
            origin: self.origin,
            key: self.key,
        }
    }
}

impl Given<Place> {
    /// Refuses an assertion in place of a file, a variable name or a command: an error message, or the shell's, would repeat
    /// it.
    fn check(&self) -> Result<(), CliError> {
        let next = match &self.value {
            Place::File(path) if is_credential(path) => {
                "give the path of a file with the assertion"
            }
            Place::Variable(name) if !is_variable_name(name) => VARIABLE_NAME,
            Place::Command(line) if is_jwt(line) => "give the command that prints the assertion",
            _ => return Ok(()),
        };
        let message = format!("{} has no usable value", self.named());
        Err(CliError::new(Exit::Usage, message)
            .next(format!("{next}; replace an assertion that was given here")))
    }
}

/// Returns whether a path is in fact a key or an assertion.
pub(super) fn is_credential(path: &Path) -> bool {
    let text = path.to_string_lossy();
    is_jwt(&text) || text.trim_start().starts_with('{') || text.contains("PRIVATE KEY")
}

fn is_jwt(text: &str) -> bool {
    text.starts_with("eyJ") && text.matches('.').count() >= 2
}

/// Returns the error for two options that contradict each other.
pub(crate) fn conflict(one: &str, other: &str) -> CliError {
    let message = format!("{one} and {other} contradict each other");
    CliError::new(Exit::Usage, message).next("use one of the two")
}
