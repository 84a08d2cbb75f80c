//! Judges what the server and the callers of one source see. It knows nothing of how a source decides.

use std::collections::VecDeque;

use edge_oauth_ureq::Culprit;

use super::fault::Reply;
use super::time::{MILLISECOND, SECOND, Time};
use super::token::Token;

/// The facts of one source, as seen from outside.
#[derive(Default)]
pub(crate) struct Record {
    /// The generation of the secret in use.
    pub(crate) generation: u64,
    /// Its callers ask for a refresh at times, which no wait of the server holds.
    refreshes: bool,
    /// The server asked requests of a generation to wait until then.
    not_before: Option<(u64, Time)>,
    /// The newest token that a caller got.
    newest: Option<Token>,
    /// Tokens that reached a client, the latest last.
    issued: VecDeque<Token>,
    /// Tokens that were invalidated or rejected, the latest last.
    dropped: VecDeque<u64>,
    dealt: VecDeque<Dealt>,
    pub(crate) judged: Judged,
    /// Digests of assertions that were sent.
    assertions: VecDeque<u64>,
    next: u64,
}

/// How often a judgement could have objected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Judged {
    pub(crate) tokens: u64,
    pub(crate) errors: u64,
    /// Calls that began and ended while a token was known to be valid.
    pub(crate) beside_a_token: u64,
    /// Replies that asked for a wait.
    pub(crate) waits: u64,
    /// Tokens that were invalidated or rejected.
    pub(crate) dropped: u64,
}

/// A reply of the server.
struct Dealt {
    number: u64,
    generation: u64,
    begun: Time,
    /// When its last byte was written.
    done: Option<Time>,
    reply: Reply,
}

/// A call of a token source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) asked: Time,
    pub(crate) max_wait: Time,
    /// Any valid token will do.
    pub(crate) is_plain: bool,
    /// The token that was known to be valid when the call began.
    pub(crate) known: Option<Token>,
    pub(crate) generation: u64,
}

/// The end of a call: its time, and for how long the machine did not run this program meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) now: Time,
    pub(crate) stalled: Time,
}

/// The error of a call, as its caller sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) culprit: Culprit,
    pub(crate) status: Option<u16>,
    /// No request timed out: the caller's own time is over.
    pub(crate) is_bare_timeout: bool,
}

pub(crate) type Violations = Vec<String>;

impl Record {
    pub(crate) fn new(refreshes: bool) -> Self {
        Self {
            refreshes,
            ..Self::default()
        }
    }

    /// A caller comes.
    pub(crate) fn asks(&self, asked: Time, max_wait: Time, is_plain: bool) -> Call {
        let known = self.newest.filter(|token| !self.is_dropped(token.number));
        Call {
            asked,
            max_wait,
            is_plain,
            // A token of a second is not cached.
            known: known
                .filter(|token| token.lifetime > SECOND && asked + SLACK < token.valid_until()),
            generation: self.generation,
        }
    }

    /// A token request arrives, while others of its generation are in flight.
    pub(crate) fn arrives(
        &mut self,
        generation: u64,
        overlapping: usize,
        assertion: Option<u64>,
        now: Time,
    ) -> Violations {
        let mut violations = Vec::new();
        if overlapping > 0 {
            violations.push(format!("{overlapping} other requests are in flight"));
        }
        if let Some((of, until)) = self.not_before
            && of == generation
            && now < until
        {
            let early = (until - now) / MILLISECOND;
            violations.push(format!(
                "a request comes {early} ms before Retry-After is over"
            ));
        }
        if let Some(assertion) = assertion {
            if self.assertions.contains(&assertion) {
                violations.push("an assertion is sent twice".to_owned());
            }
            keep(&mut self.assertions, assertion);
        }
        violations
    }

    /// The server begins a reply. Returns its number.
    pub(crate) fn deals(&mut self, reply: Reply, generation: u64, now: Time) -> u64 {
        self.next += 1;
        let dealt = Dealt {
            number: self.next,
            generation,
            begun: now,
            done: None,
            reply,
        };
        keep(&mut self.dealt, dealt);
        self.next
    }

    /// The last byte of a reply is about to be written to a client that is there.
    pub(crate) fn dealt(&mut self, number: u64, wait: Time, now: Time) {
        let dealt = self.dealt.iter_mut().find(|dealt| dealt.number == number);
        let Some(dealt) = dealt else { return };
        dealt.done = Some(now);
        // A client that had little time left may not have read it.
        let is_in_time = now - dealt.begun < SECOND / 2;
        if wait > 0 && is_in_time && !self.refreshes {
            self.not_before = Some((dealt.generation, now + wait));
            self.judged.waits += 1;
        }
    }

    /// A token is about to reach a client that is there.
    pub(crate) fn issues(&mut self, token: Token) {
        keep(&mut self.issued, token);
    }

    /// A caller gets a token.
    pub(crate) fn hands_out(&mut self, call: &Call, token: Token, end: End) -> Violations {
        let mut violations = self.ends(call, end);
        self.judged.tokens += 1;
        self.judged.beside_a_token += u64::from(self.was_valid(call, end));
        if token.is_expired(call.asked) {
            let late = (call.asked - token.valid_until()) / MILLISECOND;
            violations.push(format!(
                "a token is handed out {late} ms after it was valid"
            ));
        }
        let waited = (end.now - call.asked) / MILLISECOND;
        if end.now - call.asked > MOST + 4 * end.stalled && self.was_valid(call, end) {
            violations.push(format!("a caller waited {waited} ms beside a valid token"));
        }
        if self
            .newest
            .is_none_or(|newest| token.number > newest.number)
        {
            self.newest = Some(token);
        }
        violations
    }

    /// A caller that never waits gets nothing.
    pub(crate) fn has_none(&self, call: &Call, end: End) -> Violations {
        match call.known.filter(|_| self.was_valid(call, end)) {
            Some(token) => {
                let (age, left) = (end.now - token.born, token.valid_until() - end.now);
                vec![format!(
                    "try_token has none beside token {}, which arrived {} ms ago and is valid for {} ms",
                    token.number,
                    age / MILLISECOND,
                    left / MILLISECOND
                )]
            }
            None => Vec::new(),
        }
    }

    /// A caller gets an error.
    pub(crate) fn fails(&mut self, call: &Call, failure: Failure, end: End) -> Violations {
        let mut violations = self.ends(call, end);
        self.judged.errors += 1;
        if call.is_plain && self.was_valid(call, end) {
            violations.push(format!("an error beside a valid token: {failure:?}"));
        }
        let since = call.asked.saturating_sub(REMEMBERED);
        let mut recent = self.dealt.iter().filter(|dealt| dealt.begun >= since);
        if failure.is_bare_timeout {
            let told = self.told_at(call);
            if told.is_some_and(|told| told + SLACK + 4 * end.stalled < end.now) {
                violations.push("a bare timeout after an error of the server".to_owned());
            }
        } else if !recent.any(|dealt| {
            // A token that was on its way while the machine did not run may have come too late.
            let may_be_late = end.stalled > SLACK && matches!(dealt.reply, Reply::Token(_));
            let is_timeout = failure.culprit == Culprit::Network && failure.status.is_none();
            may_be_late && is_timeout || dealt.reply.explains(failure.culprit, failure.status)
        }) {
            violations.push(format!("no reply of the server explains {failure:?}"));
        }
        violations
    }

    /// A token is used at the API, by a call that began at this time.
    pub(crate) fn uses(token: Token, asked: Time) -> Violations {
        match token.is_expired(asked) {
            true => vec!["an expired token is used".to_owned()],
            false => Vec::new(),
        }
    }

    /// A token is invalidated or rejected.
    pub(crate) fn drops(&mut self, number: u64) {
        self.judged.dropped += 1;
        keep(&mut self.dropped, number);
    }

    /// Returns when the server's first error in this call was delivered, if no token was since.
    fn told_at(&self, call: &Call) -> Option<Time> {
        let is_in_time = |dealt: &Dealt| {
            let done = dealt.done.filter(|done| *done >= call.asked)?;
            (dealt.reply.is_prompt() && done - dealt.begun < SECOND / 2).then_some(done)
        };
        let mut told = None;
        for dealt in self.dealt.iter().filter(|dealt| dealt.begun >= call.asked) {
            if dealt.generation != self.generation || call.generation != self.generation {
                return None;
            }
            told = match dealt.reply {
                Reply::Token(_) => None,
                _ => told.or_else(|| is_in_time(dealt)),
            };
        }
        told
    }

    fn ends(&self, call: &Call, end: End) -> Violations {
        let waited = end.now - call.asked;
        match waited > call.max_wait + SECOND + 4 * end.stalled {
            true => vec![format!(
                "a call took {} ms of {} ms",
                waited / MILLISECOND,
                call.max_wait / MILLISECOND
            )],
            false => Vec::new(),
        }
    }

    /// Returns whether a token was valid from the beginning of the call to its end, and known to be.
    fn was_valid(&self, call: &Call, end: End) -> bool {
        call.is_plain
            && call.known.is_some_and(|token| {
                let latest = end.now + SLACK + 4 * end.stalled;
                latest < token.valid_until()
                    && !self.is_dropped(token.number)
                    && !self.is_replaced(token, latest)
            })
    }

    /// Returns whether a newer token took its place, and is dropped or may be over by then. A caller need not have got
    /// that one: `send` uses it itself.
    fn is_replaced(&self, token: Token, latest: Time) -> bool {
        let mut newer = self.issued.iter().filter(|new| new.number > token.number);
        newer.any(|new| {
            new.lifetime > SECOND && (new.is_expired(latest) || self.is_dropped(new.number))
        })
    }

    fn is_dropped(&self, number: u64) -> bool {
        self.dropped.contains(&number)
    }
}

/// Keeps the latest ones, so that a long run needs no more memory.
fn keep<T>(all: &mut VecDeque<T>, one: T) {
    if all.len() == 64 {
        all.pop_front();
    }
    all.push_back(one);
}

/// Between the source's clocks and the judge's.
const SLACK: Time = 300 * MILLISECOND;

/// A call that finds a cached token takes microseconds.
const MOST: Time = 250 * MILLISECOND;

/// How long an error may be in force: a request, the longest backoff, and the wait that a server asks for.
const REMEMBERED: Time = 8 * SECOND;
