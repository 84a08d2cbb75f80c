//! The replies of a token server, most of which are faults, and the errors that callers may see of each.

use edge_oauth_ureq::Culprit;

use super::time::{MILLISECOND, Random, Time};

/// The reaction of the server to one token request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reply {
    Token(Pace),
    Status(Status),
    /// The request's secret or key is retired.
    Retired,
    Redirect(u16),
    /// The connection is reset.
    Reset,
    /// The connection is closed without a byte.
    Close,
    /// The head ends in the middle.
    CutHead,
    /// The body is shorter than its length.
    CutBody,
    /// The server sends no more, and the connection stays.
    HalfOpen,
    /// The server is silent.
    Hang,
    WrongJson(&'static str),
    TooLarge,
    Garbage,
}

/// How a token response is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    AtOnce,
    /// After this many milliseconds.
    Late(u64),
    /// A few bytes at a time.
    Slow,
    /// After an interim response.
    Interim,
    /// In chunks.
    Chunked,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Status {
    pub(crate) code: u16,
    pub(crate) body: Body,
    pub(crate) wait: Wait,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Body {
    Empty,
    Page,
    /// This `error` in JSON.
    Error(&'static str),
}

/// How the server says when to come back, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wait {
    No,
    Seconds(u64),
    Date(u64),
    Quota(u64),
    Rate(u64),
    /// An absurd value, which counts as none.
    Years,
}

impl Wait {
    /// In whole seconds.
    pub(crate) fn seconds(self) -> u64 {
        match self {
            Self::Seconds(wait) | Self::Date(wait) | Self::Quota(wait) | Self::Rate(wait) => wait,
            Self::No | Self::Years => 0,
        }
    }
}

impl Reply {
    /// Draws the next reply. About half are tokens.
    pub(crate) fn draw(random: &mut Random) -> Self {
        let pace = random.between(0, 100);
        match pace {
            0..30 => return Self::Token(Pace::AtOnce),
            30..40 => return Self::Token(Pace::Late(random.between(1, 700))),
            40..44 => return Self::Token(Pace::Slow),
            44..47 => return Self::Token(Pace::Interim),
            47..50 => return Self::Token(Pace::Chunked),
            50..70 => return Self::Status(draw_status(random)),
            _ => {}
        }
        match random.between(0, 10) {
            0 => Self::Redirect(random.pick(&[301, 302, 303, 307, 308])),
            1 => Self::Reset,
            2 => Self::Close,
            3 => Self::CutHead,
            4 => Self::CutBody,
            5 => Self::HalfOpen,
            6 => Self::Hang,
            7 => Self::WrongJson(random.pick(WRONG_JSON)),
            8 => Self::TooLarge,
            _ => Self::Garbage,
        }
    }

    /// Returns whether callers may have this error after the reply: a culprit, and the status of a response.
    pub(crate) fn explains(self, culprit: Culprit, status: Option<u16>) -> bool {
        match self {
            // A client has 1.5 s.
            Self::Token(Pace::Late(_) | Pace::Slow) => {
                culprit == Culprit::Network && status.is_none()
            }
            Self::Token(_) => false,
            Self::Status(reply) => {
                let is_ours = matches!(reply.code, 400..=407 | 409..=420) && reply.wait == Wait::No;
                let is_page = reply.body == Body::Page;
                let culprits: &[Culprit] = match (is_ours, is_page) {
                    (true, false) => &[Culprit::Config],
                    (true, true) => &[Culprit::Config, Culprit::Network],
                    (false, _) => &[Culprit::Server],
                };
                status == Some(reply.code) && culprits.contains(&culprit)
            }
            Self::Retired => (culprit, status) == (Culprit::Config, Some(401)),
            Self::Redirect(code) => culprit == Culprit::Config && status == Some(code),
            Self::WrongJson(_) => culprit == Culprit::Server && status == Some(200),
            Self::Reset
            | Self::Close
            | Self::CutHead
            | Self::CutBody
            | Self::HalfOpen
            | Self::Hang
            | Self::TooLarge
            | Self::Garbage => culprit == Culprit::Network && status.is_none(),
        }
    }

    /// Returns whether the reply is written at once, so that its client has it soon after.
    pub(crate) fn is_prompt(self) -> bool {
        !matches!(
            self,
            Self::Token(Pace::Late(_) | Pace::Slow) | Self::Hang | Self::HalfOpen | Self::CutBody
        )
    }
}

fn draw_status(random: &mut Random) -> Status {
    let seconds = random.between(1, 3);
    let wait = match random.between(0, 10) {
        0 | 1 => Wait::Seconds(seconds),
        2 => Wait::Date(seconds),
        3 => Wait::Quota(seconds),
        4 => Wait::Rate(seconds),
        5 => Wait::Years,
        _ => Wait::No,
    };
    if wait != Wait::No {
        let code = random.pick(&[429, 429, 503]);
        let body = Body::Empty;
        return Status { code, body, wait };
    }
    let (code, body) = random.pick(&[
        (400, Body::Error("invalid_request")),
        (400, Body::Error("invalid_scope")),
        (401, Body::Error("invalid_client")),
        (403, Body::Empty),
        (403, Body::Error("access_denied")),
        (404, Body::Page),
        (408, Body::Empty),
        (429, Body::Empty),
        (500, Body::Error("server_error")),
        (502, Body::Page),
        (503, Body::Error("temporarily_unavailable")),
        (504, Body::Page),
        (599, Body::Empty),
    ]);
    Status { code, body, wait }
}

const WRONG_JSON: &[&str] = &[
    r#"{"access_token":"abc"#,
    r#"["access_token"]"#,
    r#"{"token_type":"Bearer","expires_in":60}"#,
    r#"{"access_token":7,"expires_in":60}"#,
    r#"{"access_token":"abc","token_type":"mac","expires_in":60}"#,
    "<html>welcome</html>",
];

/// The lifetimes of tokens, in seconds.
pub(crate) const LIFETIMES: &[u64] = &[1, 2, 2, 3, 3, 5, 8, 15];

/// The time that a client gives a token request.
pub(crate) const TIMEOUT: Time = 1_500 * MILLISECOND;
