//! What is wrong with JSON from outside, before it is anybody's error.

/// Names the member, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) member: &'static str,
    pub(crate) wrong: &'static str,
}

impl Wrong {
    pub(crate) fn member(member: &'static str, wrong: &'static str) -> Self {
        Self { member, wrong }
    }
}

/// What is named where it is no member that is wrong.
pub(crate) const THE_BODY: &str = "the body";
