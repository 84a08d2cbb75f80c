//! The two scripts of a Redis store: their arguments and their replies.

use std::time::Duration;

use edge_oauth_driver::StoreKey;
use edge_oauth_no_io::{Claim, Claimed, Finish, Found, Share, StoreError};
use redis::{RedisResult, Script, ScriptInvocation};

use crate::options::RedisOptions;

/// The reply of a script: texts and sealed bytes.
pub(crate) type Reply = Vec<Vec<u8>>;

#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) options: RedisOptions,
    claim: Script,
    finish: Script,
}

impl Scripts {
    pub(crate) fn new(options: RedisOptions) -> Self {
        Self {
            options,
            claim: Script::new(include_str!("claim.lua")),
            finish: Script::new(include_str!("finish.lua")),
        }
    }

    pub(crate) fn claim(&self, key: &StoreKey, claim: &Claim) -> ScriptInvocation<'_> {
        let mut call = self.claim.key(self.place(key));
        call.arg(claim.known.min(LARGEST))
            .arg(micros(claim.lease))
            .arg(micros(claim.max_error_age))
            .arg(micros(claim.until));
        call
    }

    pub(crate) fn finish(&self, key: &StoreKey, finish: &Finish<Vec<u8>>) -> ScriptInvocation<'_> {
        let (share, response, time) = match &finish.share {
            Share::Token { response, keep } => ("token", response.as_slice(), *keep),
            Share::ErrorResponse { response, hold } => ("error", response.as_slice(), *hold),
            Share::Nothing => ("nothing", &[][..], Duration::ZERO),
        };
        let mut call = self.finish.key(self.place(key));
        call.arg(finish.number.min(LARGEST))
            .arg(share)
            .arg(response)
            .arg(micros(time));
        call
    }

    /// The digit is the version of the format: two versions do not see each other's entries.
    fn place(&self, key: &StoreKey) -> String {
        format!("{}:1:{}", self.options.prefix, key.name())
    }
}

pub(crate) fn claimed(reply: RedisResult<Reply>) -> Result<Claimed<Vec<u8>>, StoreError> {
    let reply = reply.map_err(failed)?;
    let mut parts = reply.into_iter();
    let read = (|| {
        let now = Duration::from_micros(number(&parts.next()?)?);
        let kind = parts.next()?;
        let found = match kind.as_slice() {
            b"entry" => Found::Entry {
                number: number(&parts.next()?)?,
                response: parts.next()?,
            },
            b"lease" => Found::Lease {
                number: number(&parts.next()?)?,
            },
            b"taken" => Found::Taken {
                number: number(&parts.next()?)?,
                left: Duration::from_micros(number(&parts.next()?)?),
                error_response: parts.next(),
            },
            b"late" => Found::TooLate,
            _ => return None,
        };
        Some(Claimed { now, found })
    })();
    read.ok_or_else(nonsense)
}

/// Returns whether a token was accepted.
pub(crate) fn finished(reply: RedisResult<Reply>) -> Result<bool, StoreError> {
    let reply = reply.map_err(failed)?;
    match reply.get(1).map(Vec::as_slice) {
        Some(b"1") => Ok(true),
        Some(b"0") => Ok(false),
        _ => Err(nonsense()),
    }
}

pub(crate) fn failed(error: redis::RedisError) -> StoreError {
    if error.is_timeout() {
        return StoreError::timeout();
    }
    match (error.code(), error.detail()) {
        // The server's own words, which its documentation explains.
        (Some(code), Some(detail)) => StoreError::new(format_args!("Redis: {code} {detail}")),
        _ => StoreError::new(format_args!("Redis: {error}")),
    }
}

fn nonsense() -> StoreError {
    StoreError::new("Redis: the reply is not one of the store's scripts")
}

fn number(text: &[u8]) -> Option<u64> {
    let number = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number <= LARGEST).then_some(number)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros())
        .unwrap_or(LARGEST)
        .min(LARGEST)
}

/// A script counts in doubles, which are exact up to here.
const LARGEST: u64 = (1 << 53) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_that_a_script_cannot_count_is_no_number() {
        assert_eq!(number(b"9007199254740991"), Some((1 << 53) - 1));
        assert_eq!(number(b"9007199254740992"), None);
    }
}
