//! The outcome of an acquisition in one word, for spans and metrics.

use edge_oauth_no_io::Event;

/// A token arrived.
pub(crate) const TOKEN: &str = "token";
/// A token of another process was taken from the store.
pub(crate) const ADOPTED: &str = "adopted";
/// The same request may succeed later.
pub(crate) const TRANSIENT_ERROR: &str = "transient_error";
/// Something has to be changed on our side.
pub(crate) const PERMANENT_ERROR: &str = "permanent_error";
/// The acquisition came back without an outcome.
pub(crate) const CANCELLED: &str = "cancelled";
/// The outcome came too late, or for a configuration that was replaced.
pub(crate) const IGNORED: &str = "ignored";

/// Returns the outcome that an event reports; `None` if the event is about something else.
pub(crate) fn of_event(event: &Event) -> Option<&'static str> {
    match event {
        Event::Fetched { .. } => Some(TOKEN),
        Event::Adopted { .. } => Some(ADOPTED),
        Event::Failed { error, .. } => Some(match error.is_transient() {
            true => TRANSIENT_ERROR,
            false => PERMANENT_ERROR,
        }),
        Event::Cancelled => Some(CANCELLED),
        _ => None,
    }
}
