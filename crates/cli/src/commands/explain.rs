//! `edge-oauth explain`: what the core makes of an answer.

use std::time::Duration;

use clap::{Args, ValueEnum};
use edge_oauth_no_io::{
    AccessToken, Config, ConfigError, Culprit, Limits, Quota, RetryAfter, Secret, Tenant,
    TokenError, token_response,
};
use http::{HeaderMap, StatusCode, header};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use crate::failure::{Exit, Failure};
use crate::jwt::{self, Token};
use crate::raw_http::{self, RawAnswer, Unreadable};
use crate::text::{Lines, printable, shortened};
use crate::{input, terminal, times};

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Format of what is printed
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    /// The status, where standard input has no head but the body alone
    #[arg(long, value_name = "STATUS")]
    status: Option<StatusCode>,

    /// The answer is of another server than Experience Edge: none of the hints for that
    #[arg(long)]
    generic: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
}

pub(crate) fn run(args: ExplainArgs) -> Result<(), Failure> {
    let input = input::read("a raw HTTP answer", LIMIT)?;
    let answer = raw_http::read(&input, args.status)?;
    let config = asker(args.generic)?;
    let outcome = token_response(&config, &answer.response);
    let explained = Explained {
        outcome: outcome.as_ref(),
        limits: Limits::read(answer.response.headers()),
        dated: dated(answer.response.headers()),
        now: times::now(),
        answer: &answer,
    };
    let text = match args.output {
        Format::Text => explained.text(),
        Format::Json => format!("{:#}\n", explained.json()),
    };
    Ok(terminal::answer(text)?)
}

impl From<Unreadable> for Failure {
    fn from(unreadable: Unreadable) -> Self {
        let next = match unreadable {
            Unreadable::NoStatusLine => {
                "what `curl -si` prints; for a body alone, --status with the answer's status"
            }
            Unreadable::SecondStatus => "the same without --status",
            _ => "curl -si ... | edge-oauth explain",
        };
        Self::new(
            Exit::Usage,
            format_args!("the answer cannot be read: {unreadable}"),
        )
        .next(next)
    }
}

/// Who could have asked. The secret is drawn, so that no text has it by chance and loses a part.
fn asker(generic: bool) -> Result<Config, Failure> {
    let mut random = [0; 16];
    SystemRandom::new()
        .fill(&mut random)
        .map_err(|_| Failure::new(Exit::Other, "the system gives no random numbers"))?;
    let secret = Secret::new(format!("{:032x}", u128::from_ne_bytes(random)));
    let config: Result<Config, ConfigError> = match generic {
        true => Config::new("https://server.invalid/token", "client", secret),
        false => Config::experience_edge(Tenant::New, "client", secret),
    };
    Ok(config?)
}

struct Explained<'a> {
    outcome: Result<&'a AccessToken, &'a TokenError>,
    limits: Limits,
    /// The answer's own date.
    dated: Option<Duration>,
    now: Duration,
    answer: &'a RawAnswer,
}

impl Explained<'_> {
    fn text(&self) -> String {
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
                None => "not said, which means the one asked for".to_owned(),
            },
        );
        match Token::read(token.expose()) {
            Token::Jwt { claims, .. } => {
                lines.heading("Its claims, which nobody has verified here:");
                jwt::show(&claims, self.now, lines);
            }
            Token::Jwe { .. } => lines.line("claims", "encrypted"),
            Token::Opaque => lines.line("claims", "none: the token is opaque"),
        }
    }

    fn lifetime(&self, life: Option<Duration>) -> String {
        let Some(life) = life else {
            return "not said: the server may end it at any time".to_owned();
        };
        let text = format!("{} ({} s)", times::span(life), life.as_secs());
        let until = self.dated.and_then(|dated| times::utc(dated + life));
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
                (true, Some(wait)) => format!("can help, after {}", times::span(wait)),
                (true, None) => "can help; the server does not say when".to_owned(),
                (false, _) => "does not help before something is changed".to_owned(),
            },
        );
        if let Some(hint) = error.hint() {
            lines.line("hint", hint);
        }
    }

    fn limits(&self, lines: &mut Lines) {
        let mut said = Vec::new();
        if let Some(retry_after) = self.limits.retry_after {
            let wait = times::span(self.span(retry_after));
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
        let RawAnswer {
            before,
            skipped,
            more_skipped,
            ..
        } = self.answer;
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

    fn json(&self) -> Value {
        let mut json = json!({
            "result": if self.outcome.is_ok() { "token" } else { "error" },
            "status": self.answer.response.status().as_u16(),
            "limits": {
                "retry_after": self.limits.retry_after.map(|wait| self.span(wait).as_secs()),
                "rate": self.limits.rate.map(|rate| json!({
                    "limit": rate.limit,
                    "remaining": rate.remaining,
                    "reset": rate.reset.map(|reset| self.span(reset).as_secs()),
                })),
                "quotas": self.quotas().map(|(of, quota)| json!({
                    "of": of,
                    "bucket": quota.bucket,
                    "quota": quota.quota,
                    "remaining": quota.remaining,
                    "reset": quota.reset.map(|reset| reset.as_secs()),
                })).collect::<Vec<_>>(),
            },
            "before": self.answer.before,
            "skipped": self.answer.skipped.iter().map(|skipped| json!({
                "line": skipped.line,
                "wrong": skipped.wrong,
            })).collect::<Vec<_>>(),
        });
        match self.outcome {
            Ok(token) => json["token"] = self.token_json(token),
            Err(error) => json["error"] = self.error_json(error),
        }
        json
    }

    fn token_json(&self, token: &AccessToken) -> Value {
        let life = token.expires_in();
        let until = life.zip(self.dated).map(|(life, dated)| dated + life);
        json!({
            "shortened": shortened(token.expose()),
            "length": token.expose().len(),
            "token_type": token.token_type(),
            "expires_in": life.map(|life| life.as_secs()),
            "expires_at": until.and_then(times::utc),
            "scope": token.scope(),
            "claims": match Token::read(token.expose()) {
                Token::Jwt { claims, .. } => Value::Object(claims),
                Token::Jwe { .. } | Token::Opaque => Value::Null,
            },
        })
    }

    fn error_json(&self, error: &TokenError) -> Value {
        json!({
            "message": error.to_string(),
            "code": error.code(),
            "description": error.description(),
            "culprit": match error.culprit() {
                Culprit::Config => "config",
                Culprit::Server => "server",
                _ => "wire",
            },
            "transient": error.is_transient(),
            "retry_after": self.wait(error).map(|wait| wait.as_secs()),
            "hint": error.hint(),
        })
    }

    fn status(&self) -> String {
        self.answer.response.status().to_string()
    }

    fn wait(&self, error: &TokenError) -> Option<Duration> {
        error.retry_after().map(|wait| self.span(wait))
    }

    /// Of a date, the time until then: from the answer's date on, and without that from now on.
    fn span(&self, wait: RetryAfter) -> Duration {
        wait.wait(self.now)
    }

    fn quotas(&self) -> impl Iterator<Item = (&'static str, &Quota)> {
        let of_client = self
            .limits
            .client_quotas
            .iter()
            .map(|quota| ("client", quota));
        let organization = self.limits.organization_quotas.iter();
        of_client.chain(organization.map(|quota| ("organization", quota)))
    }
}

fn dated(headers: &HeaderMap) -> Option<Duration> {
    let date = headers.get(header::DATE)?.to_str().ok()?;
    times::http_date(date)
}

fn fault(culprit: Culprit) -> &'static str {
    match culprit {
        Culprit::Config => "ours: the id, the secret, the audience, the scope or the endpoint",
        Culprit::Server => "the token server's",
        _ => "of neither side: something between them answered, or changed the answer",
    }
}

fn left(remaining: Option<u64>, limit: Option<u64>, reset: Option<Duration>) -> String {
    let number = |number: Option<u64>| number.map_or("?".to_owned(), |number| number.to_string());
    let mut text = format!("{} of {} left", number(remaining), number(limit));
    if let Some(reset) = reset {
        text += &format!(", anew in {}", times::span(reset));
    }
    text
}

/// More than any answer of a token endpoint has, heads and all.
const LIMIT: usize = 1024 * 1024;
const LONG: usize = 1024;
