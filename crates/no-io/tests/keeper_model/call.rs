//! The calls of a keeper and of its clocks.

/// A call of a keeper, or a change of its clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Call {
    Poll,
    /// Milliseconds pass by both clocks.
    Pass(u64),
    /// Seconds pass by both clocks, up to the ends of the clocks.
    PassLong(u64),
    /// Seconds pass by the wall clock: the machine sleeps, or the clock is set forward.
    Sleep(u64),
    /// The wall clock is set back by seconds.
    SetBack(u64),
    /// The monotonic clock runs back by milliseconds, which it never should (fault: monotonic-clock-set-back).
    RunBack(u64),
    /// Time passes until `poll_timeout`.
    PassToTimeout,
    /// The acquisition in flight gets a token with a lifetime in seconds.
    Token(u64),
    /// The acquisition in flight gets a token without a lifetime.
    TokenWithoutLifetime,
    /// The acquisition in flight fails with one of several transport errors.
    Fail(u64),
    /// The acquisition in flight gets an error response with this status and `Retry-After`.
    ErrorResponse(u64, Option<u64>),
    Cancel,
    /// The acquisition in flight lapses.
    Lapse,
    /// The oldest acquisition that lapsed or has an earlier configuration gets a token.
    LateToken(u64),
    LateFail,
    LateCancel,
    /// The token with this age, counted in tokens, is rejected; 0 is the newest.
    Invalidate(u64),
    /// The configuration is replaced: see `setup::config`.
    Replace(u64),
    /// A stored token is restored, of this age and lifetime in seconds.
    Restore(u64, u64),
    /// The program restarts with the stored token.
    Restart,
}

impl Call {
    /// Reads the call of a letter, with its numbers from the start of `rest`.
    // Only the fuzz target reads calls.
    #[allow(dead_code, reason = "proptest makes calls and does not read them")]
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
            b'T' => Self::TokenWithoutLifetime,
            b'f' => Self::Fail(number(rest)),
            b'r' => Self::ErrorResponse(number(rest), second(rest)),
            b'c' => Self::Cancel,
            b'x' => Self::Lapse,
            b'l' => Self::LateToken(number(rest)),
            b'L' => Self::LateFail,
            b'C' => Self::LateCancel,
            b'j' => Self::Invalidate(number(rest)),
            b'g' => Self::Replace(number(rest)),
            b'o' => Self::Restore(number(rest), second(rest).unwrap_or_default()),
            b'O' => Self::Restart,
            _ => return None,
        })
    }
}

/// Reads the digits at the start of `rest`; 0 if there are none.
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

/// Reads a second number, after a comma.
fn second(rest: &mut &[u8]) -> Option<u64> {
    *rest = rest.strip_prefix(b",")?;
    Some(number(rest))
}
