//! Tokens whose text says when they were issued, and for how long.

use super::time::{SECOND, Time};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) source: usize,
    pub(crate) number: u64,
    /// When the request for it arrived.
    pub(crate) born: Time,
    pub(crate) lifetime: Time,
}

impl Token {
    pub(crate) fn text(&self) -> String {
        let Self {
            source,
            number,
            born,
            lifetime,
        } = self;
        format!("t-{source}-{number}-{born}-{lifetime}")
    }

    /// Returns the body of the token response.
    pub(crate) fn body(&self) -> String {
        let (text, lifetime) = (self.text(), self.lifetime / SECOND);
        format!(r#"{{"access_token":"{text}","token_type":"Bearer","expires_in":{lifetime}}}"#)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("t-")?.split('-');
        let mut number = || parts.next()?.parse().ok();
        Some(Self {
            source: usize::try_from(number()?).ok()?,
            number: number()?,
            born: number()?,
            lifetime: number()?,
        })
    }

    /// Returns when its safety margin begins, a tenth of its lifetime. A token of a second is not cached and has none.
    pub(crate) fn valid_until(&self) -> Time {
        match self.lifetime > SECOND {
            true => self.born + self.lifetime / 10 * 9,
            false => self.born + self.lifetime,
        }
    }

    pub(crate) fn is_expired(&self, at: Time) -> bool {
        at >= self.valid_until()
    }
}
