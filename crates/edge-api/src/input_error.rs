//! Errors of input, found before anything is sent.

use std::fmt;

/// An error of the input of an operation: the service would reject it, or HTTP cannot carry it.
///
/// It names the field and never contains the field's value, so it is safe to print.
///
/// ```
/// use experience_edge_api::{ExperienceEdge, InputError, WebhookEdit};
///
/// let webhook = WebhookEdit::new("Revalidate", "http://www.example.com/");
/// let error = ExperienceEdge::new().create_webhook(&webhook).unwrap_err();
/// assert_eq!(error, InputError::Insecure { field: "uri" });
/// assert_eq!(error.to_string(), "uri is not https");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InputError {
    /// A required field is empty.
    Empty {
        /// The field.
        field: &'static str,
    },
    /// A URL is not `https`, so its request would cross the network in clear.
    Insecure {
        /// The field.
        field: &'static str,
    },
    /// A field does not belong to the webhook's execution mode.
    Misplaced {
        /// The field.
        field: &'static str,
        /// The execution mode that the field belongs to.
        belongs_to: &'static str,
    },
    /// A field has an invalid value.
    Invalid {
        /// The field.
        field: &'static str,
        /// The fault, such as `is too long`.
        reason: &'static str,
    },
}

impl InputError {
    /// Returns the name of the field, as the service spells it.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Empty { field }
            | Self::Insecure { field }
            | Self::Misplaced { field, .. }
            | Self::Invalid { field, .. } => field,
        }
    }

    pub(crate) fn invalid(field: &'static str, reason: &'static str) -> Self {
        Self::Invalid { field, reason }
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
            Self::Invalid { field, reason } => write!(f, "{field} {reason}"),
        }
    }
}

impl std::error::Error for InputError {}

/// Checks that a text has more than white space.
pub(crate) fn require_text(field: &'static str, text: &str) -> Result<(), InputError> {
    match text.trim().is_empty() {
        true => Err(InputError::Empty { field }),
        false => Ok(()),
    }
}

/// Checks that a text has at most this many characters.
pub(crate) fn require_length(
    field: &'static str,
    text: &str,
    characters: usize,
) -> Result<(), InputError> {
    match text.chars().nth(characters).is_some() {
        true => Err(InputError::invalid(field, "is too long")),
        false => Ok(()),
    }
}
