//! What happens to a token, in words.

use std::time::Duration;

use edge_oauth_no_io::{Event, TokenError};

use crate::terminal;

/// Says it to who asked with `-v`.
pub(super) fn tell(event: &Event) {
    // What is below a millisecond says nothing.
    let words = |time: &Duration| {
        let whole = Duration::new(time.as_secs(), time.subsec_millis() * 1_000_000);
        humantime::format_duration(whole).to_string()
    };
    let failed = |what, error: &TokenError, pause| {
        terminal::detail(format_args!(
            "{what}: {error}; the next attempt is in {} at the earliest",
            words(pause)
        ));
    };
    match event {
        Event::Fetched {
            lifetime,
            took,
            cached,
            ..
        } => {
            let kept = if *cached {
                ""
            } else {
                ", too short to be kept"
            };
            terminal::detail(format_args!(
                "a new token after {}: it lives {}{kept}",
                words(took),
                words(lifetime)
            ));
        }
        Event::Failed { error, backoff, .. } => {
            let what = match error.is_transient() {
                true => "an attempt failed",
                false => "refused",
            };
            failed(what, error, backoff)
        }
        Event::Waiting { backoff, .. } => {
            terminal::detail(format_args!("waiting for {}", words(backoff)))
        }
        Event::Invalidated => terminal::detail("the API refused the token"),
        Event::Cancelled | Event::Lapsed => terminal::detail("an exchange was given up"),
        // Of a token that is held for long, which a run of this program does not do.
        _ => {}
    }
}
