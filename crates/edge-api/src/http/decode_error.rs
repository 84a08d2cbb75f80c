//! What is wrong with JSON from outside, before it is anybody's error.

/// Names the member, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) member: &'static str,
    pub(crate) wrong: &'static str,
    /// It is no answer of the service at all.
    pub(crate) is_unreadable: bool,
}

impl Wrong {
    pub(crate) fn member(member: &'static str, wrong: &'static str) -> Self {
        Self {
            member,
            wrong,
            is_unreadable: false,
        }
    }

    /// The body is no JSON that the service would write.
    pub(crate) fn unreadable(wrong: &'static str) -> Self {
        Self {
            member: THE_BODY,
            wrong,
            is_unreadable: true,
        }
    }
}

/// What is named where it is no member that is wrong.
pub(crate) const THE_BODY: &str = "the body";
