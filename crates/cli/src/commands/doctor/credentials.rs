//! The checks of the client's own credentials, which need no network.

use std::path::Path;
use std::time::Duration;

use edge_oauth_no_io::{Secret, printable};

use crate::client_auth::certificate::{Pair, is_about_certificate};
use crate::client_auth::credentials::Read;
use crate::client_auth::layers::Place;
use crate::client_auth::load::{read_key, text_of};
use crate::client_auth::plan::{
    CLIENT_ASSERTION, CLIENT_CERTIFICATE, CLIENT_SECRET, Client, GrantPlan, KEY_FILE, KeyPlan,
    Plan, SecretUse,
};
use crate::commands::doctor::assertion::{Expected, examine as examine_assertion, examine_expiry};
use crate::commands::doctor::finding::{Finding, Outcome};
use crate::commands::doctor::subject::Subject;
use crate::error::{CliError, Exit};
use crate::output::timestamp;

/// Checks the credentials of the client and of the grant, one finding for each that can fail by itself.
pub(super) fn examine(subject: &mut Subject) -> Vec<Finding> {
    let unready = subject.unready.take();
    let settings = &subject.settings;
    let plan = &settings.plan;
    let found = Found {
        read: unready.is_none().then(|| settings.credentials.read()),
        time: settings.timeout,
    };
    let mut findings = Vec::new();
    match (&plan.client, &unready) {
        (Client::Secret(..), None) => {
            let origin = settings.sources.origin(CLIENT_SECRET);
            let origin = origin.map_or("there is one".to_owned(), ToString::to_string);
            findings.push(Finding::new(CLIENT_SECRET, Outcome::Ok, origin));
        }
        (Client::None, _) => {
            let says = "none: the request contains only the client id";
            findings.push(Finding::new("client authentication", Outcome::Ok, says));
        }
        (Client::Assertion(place), _) => {
            match found.text(CLIENT_ASSERTION, place, |read| {
                read.client_assertion.clone()
            }) {
                Some(Ok(text)) => {
                    findings.extend(examine_assertion(text.expose(), &expected(subject)));
                }
                Some(Err(failure)) => findings.push(Finding::failed(CLIENT_ASSERTION, failure)),
                None => {}
            }
        }
        (Client::Certificate { certificate, key }, _) => {
            findings.extend(found.certificate(certificate, key));
        }
        (Client::Secret(..) | Client::Key, _) => {}
    }
    findings.extend(plan.key.as_ref().and_then(|key| found.key(key)));
    if is_signed(plan) {
        findings.extend(of_signed(subject));
    }
    findings.extend(match &plan.grant {
        GrantPlan::JwtBearer(place) => found.expiry("grant assertion", place),
        GrantPlan::TokenExchange { subject, .. } => found.expiry("subject token", subject),
        _ => None,
    });
    let failed = |finding: &Finding| matches!(finding.outcome, Outcome::Fail(_));
    match unready {
        // No other finding gives the reason.
        Some(failure) if !findings.iter().any(failed) => {
            findings.insert(0, Finding::failed(plan.credential_name(), failure));
        }
        _ => {}
    }
    findings
}

/// The credentials as read. If one of them failed, each is read again for its own finding, except for a pipe.
struct Found<'a> {
    read: Option<&'a Read>,
    time: Duration,
}

impl Found<'_> {
    fn key(&self, plan: &KeyPlan) -> Option<Finding> {
        let key = match self.read {
            Some(read) => Ok(read.key.clone()?),
            None if can_be_read_again(&plan.file) => read_key(plan, self.time).map(|(key, _)| key),
            None => return None,
        };
        Some(match key {
            Ok(key) => {
                let id = printable(key.key_id(), SHOWN);
                let says = format!("signs {} as the key {id:?}", key.algorithm().as_str());
                Finding::new(KEY_FILE, Outcome::Ok, says)
            }
            Err(failure) => Finding::failed(KEY_FILE, failure),
        })
    }

    fn text(
        &self,
        kind: &str,
        place: &Place,
        of: impl FnOnce(&Read) -> Option<Secret>,
    ) -> Option<Result<Secret, CliError>> {
        match (self.read, place) {
            (Some(read), _) => of(read).map(Ok),
            (None, Place::File(path)) if !can_be_read_again(path) => None,
            (None, place) => Some(text_of(kind, place, self.time)),
        }
    }

    fn expiry(&self, kind: &'static str, place: &Place) -> Option<Finding> {
        let text = self.text(kind, place, |read| read.grant_assertion.clone())?;
        Some(match text {
            Ok(text) => examine_expiry(kind, text.expose(), timestamp::now()),
            Err(failure) => Finding::failed(kind, failure),
        })
    }

    fn certificate(&self, certificate: &Path, key: &Path) -> Vec<Finding> {
        if let Some(pair) = self.read.and_then(|read| read.pair.as_ref()) {
            return examine_certificate(pair);
        }
        if ![certificate, key].into_iter().all(can_be_read_again) {
            return Vec::new();
        }
        match Pair::read(certificate, key, self.time) {
            Ok(pair) => examine_certificate(&pair),
            Err(failure) => vec![Finding::failed(CLIENT_CERTIFICATE, failure)],
        }
    }
}

fn can_be_read_again(path: &Path) -> bool {
    path.metadata().map_or(true, |metadata| metadata.is_file())
}

fn expected(subject: &Subject) -> Expected<'_> {
    Expected {
        endpoint: &subject.endpoint,
        client_id: &subject.settings.client_id,
        now: timestamp::now(),
    }
}

fn is_signed(plan: &Plan) -> bool {
    plan.key.is_some() || matches!(plan.client, Client::Secret(SecretUse::Jwt { .. }, _))
}

/// Returns the findings for an assertion that the program signs. Its claims are as configured, but a server may
/// expect others.
fn of_signed(subject: &Subject) -> [Finding; 3] {
    let plan = &subject.settings.plan;
    let id = printable(&subject.settings.client_id, SHOWN);
    let audience = match &plan.audience {
        Some(audience) => printable(audience, SHOWN),
        None => "the token endpoint; --assertion-audience names another".to_owned(),
    };
    let subject = match &plan.subject {
        Some(subject) => format!("{id:?}, and the subject is {:?}", printable(subject, SHOWN)),
        None => format!("{id:?}, the client id, and so is the subject"),
    };
    let ok = |check, says: String| Finding::new(check, Outcome::Ok, says);
    [
        ok(
            "assertion exp",
            "a minute after each request, by this machine's clock".to_owned(),
        ),
        ok("assertion aud", audience),
        ok("assertion iss", subject),
    ]
}

fn examine_certificate(pair: &Pair) -> Vec<Finding> {
    let matches = match pair.check() {
        Err(error) if is_about_certificate(error) => {
            return vec![Finding::failed(CLIENT_CERTIFICATE, pair.failure(error))];
        }
        Err(error) => Finding::failed(CERTIFICATE_KEY, pair.failure(error)),
        Ok(_) => Finding::new(CERTIFICATE_KEY, Outcome::Ok, "the key is the certificate's"),
    };
    vec![dates(pair.validity(), timestamp::now()), matches]
}

fn dates(validity: Option<(Duration, Duration)>, now: Duration) -> Finding {
    let fail = Outcome::Fail(Exit::Credentials as u8);
    let (outcome, says, next) = match validity {
        None => (Outcome::Warn, "its dates cannot be read".to_owned(), RENEW),
        Some((from, _)) if now < from => (
            fail,
            format!("it is valid from {}", timestamp::readable(from, now)),
            SET_CLOCK,
        ),
        Some((_, until)) if until <= now => (
            fail,
            format!("it expired {}", timestamp::readable(until, now)),
            RENEW,
        ),
        Some((_, until)) => {
            let says = format!("it is valid until {}", timestamp::readable(until, now));
            if until - now > SOON {
                return Finding::new(CLIENT_CERTIFICATE, Outcome::Ok, says);
            }
            (Outcome::Warn, says, RENEW)
        }
    };
    Finding::new(CLIENT_CERTIFICATE, outcome, says).next(Some(next))
}

const CERTIFICATE_KEY: &str = "key of the certificate";
const RENEW: &str = "request a new certificate from the authority that the server trusts";
const SET_CLOCK: &str = "check this machine's clock, or wait";
/// Early enough for a person to act.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);
const SHOWN: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_warns_before_it_expires_and_fails_outside_of_its_dates() {
        let day = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
        let at = |now| {
            let finding = dates(Some((day(100), day(200))), day(now));
            match finding.outcome {
                Outcome::Ok => "ok",
                Outcome::Warn => "warn",
                Outcome::Fail(_) => "fail",
                Outcome::Skip => "skip",
            }
        };
        let outcomes = [99, 100, 185, 186, 199, 200].map(at);
        assert_eq!(outcomes, ["fail", "ok", "ok", "warn", "warn", "fail"]);
        assert!(matches!(dates(None, day(1)).outcome, Outcome::Warn));
    }
}
