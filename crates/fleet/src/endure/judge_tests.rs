//! Each judgement can fail: it gets one bad record of its kind.

use edge_oauth_ureq::Culprit;

use super::fault::{Body, Reply, Status, Wait};
use super::growth::{Resources, growth};
use super::judge::{Call, End, Failure, Record};
use super::time::{MILLISECOND, SECOND, Time};
use super::token::Token;

const TOKEN: Token = Token {
    source: 1,
    number: 5,
    born: 10 * SECOND,
    lifetime: 10 * SECOND,
};

fn at(now: Time) -> End {
    End { now, stalled: 0 }
}

/// A source with a token whose callers know of it.
fn with_a_token() -> Record {
    let mut record = Record::new(false);
    let call = record.asks(TOKEN.born, 3 * SECOND, true);
    let violations = record.hands_out(&call, TOKEN, at(TOKEN.born + MILLISECOND));
    assert_eq!(violations, Vec::<String>::new());
    record
}

fn plain(record: &Record, asked: Time) -> Call {
    record.asks(asked, 3 * SECOND, true)
}

const REFUSED: Failure = Failure {
    culprit: Culprit::Config,
    status: Some(401),
    is_bare_timeout: false,
};

#[test]
fn request_beside_another_is_a_violation() {
    assert_eq!(Record::new(false).arrives(0, 1, None, SECOND).len(), 1);
    assert_eq!(Record::new(false).arrives(0, 0, None, SECOND).len(), 0);
}

#[test]
fn request_before_retry_after_is_over_is_a_violation_of_its_generation_alone() {
    let mut record = Record::new(false);
    let status = Status {
        code: 429,
        body: Body::Empty,
        wait: Wait::Seconds(2),
    };
    let number = record.deals(Reply::Status(status), 4, SECOND);
    record.dealt(number, 2 * SECOND, SECOND);
    assert_eq!(record.arrives(4, 0, None, 3 * SECOND - 1).len(), 1);
    assert_eq!(record.arrives(5, 0, None, 3 * SECOND - 1).len(), 0);
    assert_eq!(record.arrives(4, 0, None, 3 * SECOND).len(), 0);
}

#[test]
fn assertion_that_is_sent_twice_is_a_violation() {
    let mut record = Record::new(false);
    assert_eq!(record.arrives(0, 0, Some(7), SECOND).len(), 0);
    assert_eq!(record.arrives(0, 0, Some(7), SECOND).len(), 1);
}

#[test]
fn token_within_its_margin_is_a_violation_if_it_is_handed_out_or_used() {
    let margin = TOKEN.born + 9 * SECOND;
    let mut record = Record::new(false);
    for (asked, expected) in [(margin - 1, 0), (margin, 1)] {
        let call = plain(&record, asked);
        let violations = record.hands_out(&call, TOKEN, at(asked + 1));
        assert_eq!(violations.len(), expected, "{violations:?}");
        assert_eq!(Record::uses(TOKEN, asked).len(), expected);
    }
}

#[test]
fn wait_error_or_nothing_beside_a_valid_token_is_a_violation() {
    let mut record = with_a_token();
    let asked = TOKEN.born + SECOND;
    let call = plain(&record, asked);
    let end = at(asked + SECOND);
    let newer = Token {
        number: 6,
        born: asked + SECOND / 2,
        ..TOKEN
    };
    record.deals(Reply::Retired, 0, asked);
    assert_eq!(record.fails(&call, REFUSED, end).len(), 1);
    assert_eq!(record.has_none(&call, end).len(), 1);
    assert_eq!(record.hands_out(&call, newer, end).len(), 1);
    let stalled = End {
        stalled: SECOND / 4,
        ..end
    };
    assert_eq!(record.hands_out(&call, newer, stalled).len(), 0);

    record.drops(TOKEN.number);
    assert_eq!(record.fails(&call, REFUSED, end).len(), 0);
    assert_eq!(record.has_none(&call, end).len(), 0);
}

#[test]
fn token_whose_successor_is_over_or_dropped_is_no_longer_valid() {
    let asked = TOKEN.born + 5 * SECOND;
    for (lifetime, beside, after_its_drop) in [
        // Is not cached.
        (SECOND, 1, 1),
        (2 * SECOND, 0, 0),
        (10 * SECOND, 1, 0),
    ] {
        let mut record = with_a_token();
        let newer = Token {
            number: 6,
            born: TOKEN.born + 3 * SECOND,
            lifetime,
            ..TOKEN
        };
        record.issues(newer);
        let call = plain(&record, asked);
        assert_eq!(record.has_none(&call, at(asked)).len(), beside);
        record.drops(newer.number);
        assert_eq!(record.has_none(&call, at(asked)).len(), after_its_drop);
    }
}

#[test]
fn error_that_no_reply_explains_is_a_violation() {
    let mut record = Record::new(false);
    record.deals(Reply::Reset, 0, SECOND);
    let call = plain(&record, SECOND);
    assert_eq!(record.fails(&call, REFUSED, at(2 * SECOND)).len(), 1);
    record.deals(Reply::Retired, 0, SECOND);
    assert_eq!(record.fails(&call, REFUSED, at(2 * SECOND)).len(), 0);
    for wrong in [
        Failure {
            status: None,
            ..REFUSED
        },
        Failure {
            culprit: Culprit::Server,
            ..REFUSED
        },
    ] {
        assert_eq!(record.fails(&call, wrong, at(2 * SECOND)).len(), 1);
    }
}

#[test]
fn bare_timeout_after_an_error_is_a_violation() {
    let mut record = Record::new(false);
    let call = plain(&record, SECOND);
    let timeout = Failure {
        culprit: Culprit::Network,
        status: None,
        is_bare_timeout: true,
    };
    assert_eq!(record.fails(&call, timeout, at(3 * SECOND)).len(), 0);
    let number = record.deals(Reply::Retired, 0, SECOND + 1);
    record.dealt(number, 0, SECOND + 2);
    assert_eq!(record.fails(&call, timeout, at(3 * SECOND)).len(), 1);
}

#[test]
fn call_that_takes_longer_than_its_time_is_a_violation() {
    let mut record = Record::new(false);
    let call = record.asks(10 * SECOND, SECOND, true);
    assert_eq!(record.hands_out(&call, TOKEN, at(12 * SECOND + 1)).len(), 1);
}

#[test]
fn resource_that_grows_after_the_warm_up_is_a_violation() {
    let look = |number: u64, step: u64| Resources {
        threads: 100 + number * step,
        files: 100 + number * step * 3,
        memory: 20_000 + number * step * 1000,
    };
    let steady: Vec<_> = (0..40).map(|number| look(number % 3, 1)).collect();
    assert_eq!(growth(&steady), Vec::<String>::new());
    // A warm-up may grow.
    let warming: Vec<_> = (0..40).map(|number| look(number.min(7), 1)).collect();
    assert_eq!(growth(&warming), Vec::<String>::new());
    let growing: Vec<_> = (0..40).map(|number| look(number, 1)).collect();
    assert_eq!(growth(&growing).len(), 3);
}
