//! `edge-oauth explain`: the core's reading of a response.

mod json;
mod text;

use std::time::Duration;

use clap::{Args, ValueEnum};
use edge_oauth_no_io::{
    AccessToken, Algorithm, ClientAuth, Config, JwtAssertion, Quota, RateLimits, RetryAfter,
    Secret, Tenant, TokenError, token_response,
};
use http::{HeaderMap, StatusCode, header};

use crate::client_auth::advice::{REASONS, advice, is_about_assertion, is_about_client};
use crate::client_auth::credentials::unique;
use crate::client_auth::values::ClientAuthArg;
use crate::error::{CliError, Exit};
use crate::input::stdin;
use crate::output::terminal;
use crate::output::text::harmless;
use crate::output::timestamp;
use crate::raw_http::{self, RawResponse, Unreadable};

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Output format
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output: Format,

    /// Status of the response, if standard input contains only its body
    #[arg(long, value_name = "STATUS")]
    status: Option<StatusCode>,

    /// The response is from another server than Experience Edge: show no hints for Experience Edge
    #[arg(long)]
    generic: bool,

    /// Method of client authentication in the request, for advice that fits
    #[arg(long, value_name = "METHOD")]
    client_auth: Option<ClientAuthArg>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Lines for people
    Text,
    /// One JSON object
    Json,
}

pub(crate) fn run(args: ExplainArgs) -> Result<(), CliError> {
    let input = stdin::read("a raw HTTP response", LIMIT)?;
    let raw = raw_http::read(&input, args.status)?;
    let read = |method| {
        let config = asker(args.generic, method)?;
        Ok::<_, CliError>(token_response(&config, &raw.response))
    };
    let mut method = args.client_auth;
    let mut outcome = read(method)?;
    if method.is_none() && outcome.as_ref().is_err_and(is_about_assertion) {
        method = Some(ClientAuthArg::PrivateKeyJwt);
        outcome = read(method)?;
    }
    let explained = Explained {
        outcome: outcome.as_ref(),
        limits: RateLimits::read(raw.response.headers()),
        dated: dated(raw.response.headers()),
        now: timestamp::now(),
        raw: &raw,
        method,
    };
    let text = match args.output {
        Format::Text => explained.text(),
        Format::Json => harmless(&format!("{:#}\n", explained.json())),
    };
    Ok(terminal::print(text)?)
}

impl From<Unreadable> for CliError {
    fn from(unreadable: Unreadable) -> Self {
        let next = match unreadable {
            Unreadable::NoStatusLine => {
                "pipe in the output of `curl -si`; for a body alone, use --status with the response's status"
            }
            Unreadable::SecondStatus => "omit --status",
            _ => "run curl -si ... | edge-oauth explain",
        };
        Self::new(
            Exit::Usage,
            format_args!("the response cannot be read: {unreadable}"),
        )
        .next(next)
    }
}

/// Returns a configuration that may have made the request. Its secret is random, so that no response contains it by
/// chance and is redacted.
fn asker(generic: bool, method: Option<ClientAuthArg>) -> Result<Config, CliError> {
    let secret = Secret::new(format!("{:032x}", u128::from_ne_bytes(unique())));
    let builder = match generic {
        true => Config::builder("https://server.invalid/token", "client"),
        false => Config::builder(Tenant::Current.endpoint(), "client")
            .audience(Tenant::Current.audience()),
    };
    let client_auth = match method {
        Some(ClientAuthArg::PrivateKeyJwt) => {
            ClientAuth::PrivateKeyJwt(JwtAssertion::new(Algorithm::Es256))
        }
        Some(ClientAuthArg::ClientSecretJwt) => {
            ClientAuth::ClientSecretJwt(JwtAssertion::new(Algorithm::Hs256))
        }
        _ => ClientAuth::ClientSecretPost(secret),
    };
    Ok(builder.client_auth(client_auth).build()?)
}

struct Explained<'a> {
    outcome: Result<&'a AccessToken, &'a TokenError>,
    limits: RateLimits,
    /// The `Date` header of the response.
    dated: Option<Duration>,
    now: Duration,
    raw: &'a RawResponse,
    /// The method of client authentication, if it is known.
    method: Option<ClientAuthArg>,
}

impl Explained<'_> {
    fn status(&self) -> String {
        self.raw.response.status().to_string()
    }

    fn hint(&self, error: &TokenError) -> Option<&'static str> {
        let advice = self
            .method
            .and_then(|method| advice(method.method(), error));
        advice.or_else(|| error.hint())
    }

    /// Returns the parts of an assertion that servers check, if the error is about an assertion.
    fn reasons(&self, error: &TokenError) -> &'static [(&'static str, &'static str)] {
        let by_assertion = matches!(
            self.method,
            Some(ClientAuthArg::PrivateKeyJwt | ClientAuthArg::ClientSecretJwt)
        );
        match by_assertion && (is_about_client(error) || is_about_assertion(error)) {
            true => &REASONS,
            false => &[],
        }
    }

    fn wait(&self, error: &TokenError) -> Option<Duration> {
        error.retry_after().map(|wait| self.span(wait))
    }

    /// Returns the time to wait. A date counts from the response's date, or from now if the response has none.
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
    timestamp::http_date(date)
}

/// Larger than any response of a token endpoint, heads included.
const LIMIT: usize = 1024 * 1024;
