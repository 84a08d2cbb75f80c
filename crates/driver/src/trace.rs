//! What happens to a token, as log lines.

use edge_oauth_no_io::Event;
use tracing::{debug, info, warn};

pub(crate) fn log(event: &Event) {
    match event {
        Event::Fetched {
            lifetime,
            took,
            kept,
        } => info!(?lifetime, ?took, kept, "token fetched"),
        Event::Failed {
            error,
            pause,
            serving,
        } => warn!(%error, ?pause, serving, "token request failed"),
        Event::Refused {
            error,
            pause,
            serving,
        } => {
            let hint = error.hint().unwrap_or_default();
            warn!(%error, hint, ?pause, serving, "token request refused");
        }
        Event::Waiting { pause } => debug!(?pause, "callers wait for a token"),
        Event::ServedWhileRefreshing => debug!("token served while it is refreshed"),
        Event::Rejected => info!("token refused by a resource server"),
        Event::Cancelled => debug!("token request given up"),
        Event::Lapsed => warn!("token request not reported in time"),
        Event::Replaced => info!("configuration replaced"),
        other => debug!(?other, "token event"),
    }
}
