//! What can be done to a keeper.

/// What can be done to a keeper, and to its clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    Poll,
    /// Milliseconds by both clocks.
    Pass(u64),
    /// Seconds by both clocks, up to their ends.
    PassLong(u64),
    /// Seconds by the wall clock: the machine sleeps, or the clock is set forward.
    Sleep(u64),
    /// Seconds that the wall clock is set back.
    SetBack(u64),
    /// Milliseconds that the monotonic clock runs back, which it never should (T4).
    RunBack(u64),
    /// To the time that `poll_timeout` names.
    PassToTimeout,
    /// The exchange under way brings a token of so many seconds.
    Token(u64),
    /// A token whose life is not said.
    TokenWithoutLife,
    /// It brings no answer, for one of the reasons there are.
    Fault(u64),
    /// It brings this status, with or without this `Retry-After`.
    Refuse(u64, Option<u64>),
    Cancel,
    /// Nobody reports it until it has lapsed.
    Forget,
    /// The oldest ticket that a poll found lapsed, or of an earlier configuration, brings a token.
    LateToken(u64),
    LateFault,
    LateCancel,
    /// The newest token but so many is refused.
    Reject(u64),
    /// Another configuration: the lowest bit is in the secret, the next in the audience.
    Replace(u64),
    /// A token that was stored so many seconds ago, and lives so many.
    Restore(u64, u64),
    /// The program begins anew, with what was stored.
    Restart,
}

impl Call {
    pub(crate) fn read(letter: u8, rest: &mut &[u8]) -> Option<Self> {
        Some(match letter {
            b'P' => Self::Poll,
            b'+' => Self::Pass(number(rest)),
            b'*' => Self::PassLong(number(rest)),
            b'>' => Self::Sleep(number(rest)),
            b'<' => Self::SetBack(number(rest)),
            b'-' => Self::RunBack(number(rest)),
            b'=' => Self::PassToTimeout,
            b't' => Self::Token(number(rest)),
            b'T' => Self::TokenWithoutLife,
            b'f' => Self::Fault(number(rest)),
            b'r' => Self::Refuse(number(rest), second(rest)),
            b'c' => Self::Cancel,
            b'x' => Self::Forget,
            b'l' => Self::LateToken(number(rest)),
            b'L' => Self::LateFault,
            b'C' => Self::LateCancel,
            b'j' => Self::Reject(number(rest)),
            b'g' => Self::Replace(number(rest)),
            b'o' => Self::Restore(number(rest), second(rest).unwrap_or_default()),
            b'O' => Self::Restart,
            _ => return None,
        })
    }
}

/// The digits at the start of `rest`; none are 0.
pub(crate) fn number(rest: &mut &[u8]) -> u64 {
    let mut number = 0_u64;
    while let Some((digit @ b'0'..=b'9', after)) = rest.split_first() {
        number = number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'));
        *rest = after;
    }
    number
}

/// A second number, after a comma.
fn second(rest: &mut &[u8]) -> Option<u64> {
    *rest = rest.strip_prefix(b",")?;
    Some(number(rest))
}
