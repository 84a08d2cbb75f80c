//! Why an operation is not made.

use std::fmt;

/// Input that the service would refuse, or that could not be sent. Names the field, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// A field that must have a value has none.
    Empty {
        /// The field.
        field: &'static str,
    },
    /// A URL that has to be `https`: what is sent there would cross the network in clear.
    Insecure {
        /// The field.
        field: &'static str,
    },
    /// A field that the webhook's execution mode does not have.
    Misplaced {
        /// The field.
        field: &'static str,
        /// The mode that has it.
        belongs_to: &'static str,
    },
    /// A value that is not one for this field.
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        wrong: &'static str,
    },
}

impl InputError {
    /// The field that is wrong, as the service names it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Empty { field }
            | Self::Insecure { field }
            | Self::Misplaced { field, .. }
            | Self::Invalid { field, .. } => field,
        }
    }

    pub(crate) fn invalid(field: &'static str, wrong: &'static str) -> Self {
        Self::Invalid { field, wrong }
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { field } => write!(f, "{field} is empty"),
            Self::Insecure { field } => write!(f, "{field} is not https"),
            Self::Misplaced { field, belongs_to } => {
                write!(f, "{field} is for the execution mode {belongs_to} only")
            }
            Self::Invalid { field, wrong } => write!(f, "{field} {wrong}"),
        }
    }
}

impl std::error::Error for InputError {}

/// A text that is more than white space.
pub(crate) fn filled(field: &'static str, text: &str) -> Result<(), InputError> {
    match text.trim().is_empty() {
        true => Err(InputError::Empty { field }),
        false => Ok(()),
    }
}
