//! The error of a JSON body that does not have the expected form.

/// The error of a JSON body that does not have the expected form: the member and the fault, never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DecodeError {
    pub(crate) member: &'static str,
    pub(crate) reason: &'static str,
    /// True if the body is no response of the service at all, such as a web page.
    pub(crate) is_unreadable: bool,
}

impl DecodeError {
    /// Returns the error of one member, or of [`THE_BODY`] as a whole.
    pub(crate) fn member(member: &'static str, reason: &'static str) -> Self {
        Self {
            member,
            reason,
            is_unreadable: false,
        }
    }

    /// Returns the error of a body that the service would not write.
    pub(crate) fn unreadable(reason: &'static str) -> Self {
        Self {
            member: THE_BODY,
            reason,
            is_unreadable: true,
        }
    }
}

/// Takes the place of a member's name if the whole body is wrong.
pub(crate) const THE_BODY: &str = "the body";
