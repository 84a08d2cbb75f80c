//! The explanation as text, for people.

use std::time::Duration;

use edge_oauth_no_io::{AccessToken, Culprit, TokenError, printable};

use crate::commands::explain::Explained;
use crate::jwt::{self, Token};
use crate::output::text::{Lines, shortened};
use crate::output::timestamp;
use crate::raw_http::RawResponse;

impl Explained<'_> {
    pub(super) fn text(&self) -> String {
        let mut lines = Lines::default();
        match self.outcome {
            Ok(token) => self.token(token, &mut lines),
            Err(error) => self.error(error, &mut lines),
        }
        self.limits(&mut lines);
        self.passed_over(&mut lines);
        lines.finish()
    }

    fn token(&self, token: &AccessToken, lines: &mut Lines) {
        lines.heading("A token.");
        lines.line("status", self.status());
        lines.line("token", shortened(token.expose()));
        lines.line("type", token.token_type());
        lines.line("lifetime", self.lifetime(token.expires_in()));
        lines.line(
            "scope",
            match token.scope() {
                Some(scope) => printable(scope, LONG),
                None => "not in the response, so it is the requested one".to_owned(),
            },
        );
        match Token::read(token.expose()) {
            Token::Jwt { claims, .. } => {
                lines.heading("Its claims, not verified:");
                jwt::show(&claims, self.now, lines);
            }
            Token::Jwe { .. } => lines.line("claims", "encrypted"),
            Token::Opaque => lines.line("claims", "none: the token is opaque"),
        }
    }

    fn lifetime(&self, life: Option<Duration>) -> String {
        let Some(life) = life else {
            return "not in the response: the server may end it at any time".to_owned();
        };
        let text = format!("{} ({} s)", timestamp::span(life), life.as_secs());
        let until = self.dated.and_then(|dated| timestamp::utc(dated + life));
        match until {
            Some(until) => format!("{text}, until {until}"),
            None => text,
        }
    }

    fn error(&self, error: &TokenError, lines: &mut Lines) {
        lines.heading(&format!("No token: {error}."));
        lines.line("status", self.status());
        if let Some(code) = error.code() {
            lines.line("code", code);
        }
        if let Some(description) = error.description() {
            lines.line("description", description);
        }
        lines.line("fault", fault(error.culprit()));
        lines.line(
            "trying again",
            match (error.is_transient(), self.wait(error)) {
                (true, Some(wait)) => format!("can help, after {}", timestamp::span(wait)),
                (true, None) => "can help; the server does not say when".to_owned(),
                (false, _) => "cannot help until something is changed".to_owned(),
            },
        );
        if let Some(hint) = self.hint(error) {
            lines.line("hint", hint);
        }
        self.assertion(error, lines);
    }

    fn assertion(&self, error: &TokenError, lines: &mut Lines) {
        let reasons = self.reasons(error);
        if reasons.is_empty() {
            return;
        }
        lines.heading("What a server checks in an assertion:");
        for (check, says) in reasons {
            lines.line(*check, *says);
            if let ("clock", Some(dated)) = (*check, self.dated) {
                let dated = timestamp::readable(dated, self.now);
                lines.line(
                    "",
                    format!("the server dated its response {dated} by this machine's clock"),
                );
            }
        }
    }

    fn limits(&self, lines: &mut Lines) {
        let mut said = Vec::new();
        if let Some(retry_after) = self.limits.retry_after {
            let wait = timestamp::span(self.span(retry_after));
            said.push(("retry-after".to_owned(), wait));
        }
        if let Some(rate) = self.limits.rate {
            let reset = rate.reset.map(|reset| self.span(reset));
            said.push(("rate".to_owned(), left(rate.remaining, rate.limit, reset)));
        }
        for (of, quota) in self.quotas() {
            let says = left(quota.remaining, quota.quota, quota.reset);
            said.push((format!("{of}, {}", quota.bucket), says));
        }
        if !said.is_empty() {
            lines.heading("The server's limits:");
        }
        for (name, says) in said {
            lines.line(name, says);
        }
    }

    fn passed_over(&self, lines: &mut Lines) {
        let RawResponse {
            before,
            skipped,
            more_skipped,
            ..
        } = self.raw;
        if before.is_empty() && skipped.is_empty() {
            return;
        }
        lines.heading("Passed over:");
        for status_line in before {
            lines.line("before it", status_line);
        }
        for skipped in skipped {
            let line = format!("line {}", skipped.line);
            lines.line(line, format!("no header: it {}", skipped.wrong));
        }
        if *more_skipped > 0 {
            lines.line(
                "",
                format!("and {more_skipped} more lines that are no header"),
            );
        }
    }
}

fn fault(culprit: Culprit) -> &'static str {
    match culprit {
        Culprit::Config => "ours: the id, the secret, the audience, the scope or the endpoint",
        Culprit::Server => "the token server's",
        _ => "neither side's: a proxy or gateway between them responded, or changed the response",
    }
}

fn left(remaining: Option<u64>, limit: Option<u64>, reset: Option<Duration>) -> String {
    let number = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
    let mut text = format!("{} of {} left", number(remaining), number(limit));
    if let Some(reset) = reset {
        text += &format!(", anew in {}", timestamp::span(reset));
    }
    text
}

const LONG: usize = 1024;
