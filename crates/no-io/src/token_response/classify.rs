//! What a refusal means, whoever the provider is: whose fault it is, and whether to try again.

use http::StatusCode;

use crate::culprit::Culprit;
use crate::token_response::error::CHECK_ENDPOINT;

pub(crate) struct Verdict {
    pub(crate) transient: bool,
    pub(crate) culprit: Culprit,
    pub(crate) hint: Option<&'static str>,
}

/// What a refusal means, whoever the provider is.
pub(crate) fn classify(status: StatusCode, code: Option<&str>) -> Verdict {
    let transient = |culprit| Verdict {
        transient: true,
        culprit,
        hint: None,
    };
    let permanent = |hint| Verdict {
        transient: false,
        culprit: Culprit::Config,
        hint,
    };
    match (status.as_u16(), code) {
        // Never a classify on the credentials, whatever the body says.
        (408 | 425 | 429 | 500..=599, _) => transient(Culprit::Server),
        (_, Some("temporarily_unavailable" | "server_error")) => transient(Culprit::Server),
        (407, _) => Verdict {
            transient: false,
            culprit: Culprit::Network,
            hint: Some(PROXY),
        },
        (404 | 405 | 410 | 415, _) => permanent(Some(CHECK_ENDPOINT)),
        (401, _) | (_, Some("invalid_client")) => permanent(Some(CREDENTIALS)),
        (_, Some("unauthorized_client" | "unsupported_grant_type")) => permanent(Some(GRANT)),
        (_, Some("invalid_scope" | "invalid_target")) => permanent(Some(TARGET)),
        (_, Some(_)) => permanent(None),
        // No OAuth code: a firewall or a proxy speaks, not the token server.
        (400 | 403, None) => transient(Culprit::Network),
        (_, None) => permanent(Some(CHECK_ENDPOINT)),
    }
}

const CREDENTIALS: &str = "the server does not accept the client id or the client secret; a few servers \
     accept them only in the body, or only as Basic";
const GRANT: &str = "the server does not let this client use the client credentials grant";
const TARGET: &str = "the server does not give this client that scope or resource";
const PROXY: &str = "a proxy on the way wants credentials of its own";
