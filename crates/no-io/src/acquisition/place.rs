//! The place of an acquisition.

/// The place that an acquisition has to run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In line: the caller that got it runs it.
    Here,
    /// In a thread or task of its own, so that no caller's cancellation ends it.
    Background,
}
