//! Classifies an error response: whether to try again, who has to act, and what to do.

use http::StatusCode;

use crate::client_auth::method::ClientAuth;
use crate::config::parameters::BodyFormat;
use crate::culprit::Culprit;
use crate::status;
use crate::token_response::error::CHECK_ENDPOINT;
use crate::token_response::malformed::ELSEWHERE;

/// The content of an error response, apart from its status.
pub(crate) struct Said<'a> {
    pub(crate) body: Body<'a>,
    /// True if the server names a time to wait in `Retry-After`.
    pub(crate) has_retry_after: bool,
    /// The format of the request's body.
    pub(crate) body_format: BodyFormat,
    /// The client's proof of its identity.
    pub(crate) client_auth: &'a ClientAuth,
}

/// The kind of an error response's body.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Body<'a> {
    /// An object or a form with an error code.
    Code(&'a str),
    /// A JSON object without a code: the server's own words, in a shape of its own.
    Words,
    /// An empty body, or an object without a word.
    Empty { is_object: bool },
    /// A web page or plain text, as firewalls and proxies send.
    Foreign,
}

pub(crate) struct Classification {
    pub(crate) is_transient: bool,
    pub(crate) culprit: Culprit,
    pub(crate) hint: Option<&'static str>,
}

/// Classifies an error response of any provider. The first row that fits applies:
///
/// | status | body | try again | culprit | hint |
/// |---|---|---|---|---|
/// | 421, 444, 460, 499: a proxy gave up | any | yes | network | |
/// | 408, 420, 425, 429, 5xx, 600 and more | any | yes | server | |
/// | 407 | any | no | network | the proxy's credentials |
/// | any | `temporarily_unavailable`, `server_error`, `slow_down` | yes | server | |
/// | 4xx with `Retry-After` | any but a code of RFC 6749 §5.2 | yes | server | |
/// | 404, 405, 410 | any | no | config | the endpoint |
/// | 415 | any | no | config | the body format |
/// | 401, or any with `invalid_client` | any | no | config | the credentials |
/// | any | `unauthorized_client`, `unsupported_grant_type` | no | config | the grant, or the body format |
/// | any | `invalid_scope`, `invalid_target` | no | config | the scope |
/// | any | another code | no | config | the body format if it is JSON |
/// | any | words | no | config | the body format if it is JSON |
/// | 4xx | object without words | no | config | the credentials or the way they are sent |
/// | 400, 403 | empty | yes | config | the credentials or the way they are sent |
/// | 400, 403 | foreign | yes | network | a firewall or a proxy |
/// | any | empty, foreign | no | config | the endpoint |
///
/// If the request carries no secret, the hint about the credentials names the assertion or the client certificate.
///
/// A status that is not registered counts as the x00 of its class (RFC 9110 §15). The statuses of the first two rows say
/// nothing about the credentials, whatever the body says.
pub(crate) fn classify(status: StatusCode, said: &Said<'_>) -> Classification {
    let transient = |culprit, hint| Classification {
        is_transient: true,
        culprit,
        hint,
    };
    let permanent = |hint| Classification {
        is_transient: false,
        culprit: Culprit::Config,
        hint,
    };
    let is_json = said.body_format == BodyFormat::Json;
    let json_or = |hint| if is_json { Some(NO_JSON) } else { hint };
    let own = without_secret(said.client_auth);
    let no_words = Some(own.unwrap_or(NO_WORDS));
    let elsewhere = match said.client_auth {
        ClientAuth::TlsClientAuth => CERTIFICATE_PAGE,
        _ => ELSEWHERE,
    };
    if let Some(culprit) = status::transient(status) {
        return transient(culprit, None);
    }
    match (status::registered(status), said.body) {
        (407, _) => Classification {
            is_transient: false,
            culprit: Culprit::Network,
            hint: Some(PROXY),
        },
        (_, Body::Code("temporarily_unavailable" | "server_error" | "slow_down")) => {
            transient(Culprit::Server, None)
        }
        (400.., body) if said.has_retry_after && !is_verdict(body) => {
            transient(Culprit::Server, None)
        }
        (404 | 405 | 410, _) => permanent(Some(CHECK_ENDPOINT)),
        (415, _) => permanent(json_or(Some(NO_FORM))),
        (401, _) | (_, Body::Code("invalid_client")) => permanent(own.or(match is_json {
            true => Some(CREDENTIALS_JSON),
            false => Some(CREDENTIALS),
        })),
        (_, Body::Code("unauthorized_client")) => permanent(Some(GRANT)),
        (_, Body::Code("unsupported_grant_type")) => permanent(json_or(Some(GRANT))),
        (_, Body::Code("invalid_scope" | "invalid_target")) => permanent(Some(TARGET)),
        (_, Body::Code("access_denied")) => permanent(None),
        (_, Body::Code(_) | Body::Words) => permanent(json_or(None)),
        (400.., Body::Empty { is_object: true }) => permanent(no_words),
        (400 | 403, Body::Empty { .. }) => transient(Culprit::Config, no_words),
        (400 | 403, Body::Foreign) => transient(Culprit::Network, Some(elsewhere)),
        (_, Body::Empty { .. } | Body::Foreign) => permanent(Some(CHECK_ENDPOINT)),
    }
}

/// Returns whether the code is one that says no for a reason on our side.
fn is_verdict(body: Body<'_>) -> bool {
    let codes = [
        "access_denied",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    matches!(body, Body::Code(code) if codes.contains(&code))
}

/// Returns the advice about credentials for a request that carries no secret.
fn without_secret(client_auth: &ClientAuth) -> Option<&'static str> {
    match client_auth {
        ClientAuth::ClientSecretPost(_) | ClientAuth::ClientSecretBasic(..) => None,
        ClientAuth::ClientSecretJwt(_) => Some(SECRET_JWT),
        ClientAuth::PrivateKeyJwt(_) => Some(KEY_JWT),
        ClientAuth::Assertion => Some(ASSERTION),
        ClientAuth::TlsClientAuth => Some(CERTIFICATE),
        ClientAuth::None => Some(NO_PROOF),
    }
}

const SECRET_JWT: &str = "the server does not accept the signed assertion: check the client id, the client \
     secret that signs, the audience (some servers want their issuer: `JwtAssertion::audience`), and the \
     machine's clock";
const KEY_JWT: &str = "the server does not accept the signed assertion: check the client id, that the public key \
     is registered for this client with its key id and algorithm, the audience (some servers, such as those of \
     FAPI 2.0, want their issuer: `JwtAssertion::audience`), and the machine's clock";
const ASSERTION: &str = "the server does not accept the assertion: check that the server trusts its issuer, and \
     its subject, audience and expiry; some servers accept each assertion only once";
const CERTIFICATE: &str = "the server does not accept the client certificate: check the client id, that the HTTP \
     client presents a certificate, and that this certificate is registered for the client and has not expired";
const CERTIFICATE_PAGE: &str = "a web page is no response of a token endpoint: servers such as nginx send one if the \
     client certificate is missing or not accepted, so check that the HTTP client presents it; else a proxy or a \
     firewall is in between";
const NO_PROOF: &str = "the server wants client authentication, and the request has none: choose a method with \
     `Config::builder(..).client_auth(..)`";
const CREDENTIALS: &str = "the server does not accept the client id or the client secret; a few servers \
     accept them only in the body, or only as Basic";
const CREDENTIALS_JSON: &str = "the server does not accept the client id or the client secret; many servers \
     read the body as a form only: choose that body format instead of JSON";
const GRANT: &str = "the server does not let this client use the client credentials grant";
const TARGET: &str = "the server does not give this client that scope or resource";
const PROXY: &str = "a proxy on the way wants credentials of its own";
const NO_JSON: &str = "many servers read the body of a token request as a form only: choose that body \
     format instead of JSON";
const NO_FORM: &str = "the server does not read a form: check the token endpoint's URL, or choose JSON as \
     the body format";
const NO_WORDS: &str = "the server does not say why: check the client id and the client secret, and try \
     another way of client authentication (in the body, or as Basic)";
