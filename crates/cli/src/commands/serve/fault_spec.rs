//! The language of `serve --fault`: `503`, `2*429:retry-after=7`, `delay=2s`, `html`, `lost`, `ok`.

use std::str::FromStr;
use std::time::Duration;

use edge_oauth_local::Fault;
use http::{HeaderName, HeaderValue, StatusCode};

use edge_oauth_no_io::printable;

/// A fault, and the number of token requests that meet it.
#[derive(Clone, Debug)]
pub(crate) struct FaultSpec {
    pub(crate) times: usize,
    pub(crate) fault: Fault,
}

/// The description for `--help` and the man page.
pub(crate) const LANGUAGE: &str = "\
Faults, one for each token request, in the order of the options:
  503                      this status, and an empty body
  429:retry-after=7        this status with a header; further colons add further headers
  503:delay=2s             this status after a delay
  401:body=TEXT            this status with a body; it extends to the end, colons included
  delay=2s                 the ordinary response after a delay
  redirect=URL             307 to that URL
  html                     200 with a web page, as a captive portal responds
  lost                     a token, but the connection closes before the response
  ok                       the ordinary response
  3*503                    three times 503; every fault above can be repeated";

impl FromStr for FaultSpec {
    type Err = String;

    fn from_str(spec: &str) -> Result<Self, String> {
        let (times, response) = match spec.split_once('*') {
            Some((times, response)) => (times.parse().ok(), response),
            None => (Some(1), spec),
        };
        let times = times.filter(|times| (1..=MOST).contains(times));
        let times = times.ok_or(format!(
            "the part before `*` must be a number from 1 to {MOST}"
        ))?;
        let fault = match response.split_once('=') {
            None if response == "ok" => Fault::none(),
            None if response == "html" => page(),
            None if response == "lost" => Fault::none().lost(),
            Some(("delay", time)) => Fault::delay(delay(time)?),
            Some(("redirect", url)) => {
                let url = HeaderValue::from_str(url);
                Fault::redirect(307, url.map_err(|_| "`redirect` has a control character")?)
            }
            _ => status(response)?,
        };
        Ok(Self { times, fault })
    }
}

/// Parses a status and the parts after it.
fn status(response: &str) -> Result<Fault, String> {
    let (status, mut rest) = response.split_once(':').unwrap_or((response, ""));
    let known = StatusCode::from_str(status).ok();
    let known = known.filter(|status| !status.is_informational());
    let Some(status) = known else {
        let status = printable(status, SHOWN);
        return Err(format!(
            "`{status}` is neither a status from 200 to 999 nor `ok`, `html`, `lost`, `delay=TIME` or `redirect=URL`"
        ));
    };
    let mut fault = Fault::status(status);
    while !rest.is_empty() {
        let (name, value) = rest
            .split_once('=')
            .ok_or_else(|| format!("`{}` has no `=`", printable(rest, SHOWN)))?;
        if name == "body" {
            return Ok(fault.body(value));
        }
        let value;
        (value, rest) = cut(rest, name);
        fault = match name {
            "delay" => fault.delayed(delay(value)?),
            _ => header(fault, name, value)?,
        };
    }
    Ok(fault)
}

/// Returns the value of the first part, up to the colon before the next, and the remaining parts. A colon belongs to
/// the value unless another `NAME=` follows, so values may be dates and URLs.
fn cut<'a>(rest: &'a str, name: &str) -> (&'a str, &'a str) {
    let value = &rest[name.len() + 1..];
    for (at, _) in value.match_indices(':') {
        let next = value[at + 1..].split(['=', ':']).next().unwrap_or_default();
        let begins = value[at + 1 + next.len()..].starts_with('=');
        if begins && next.parse::<HeaderName>().is_ok() {
            return (&value[..at], &value[at + 1..]);
        }
    }
    (value, "")
}

fn header(fault: Fault, name: &str, value: &str) -> Result<Fault, String> {
    let shown = printable(name, SHOWN);
    let name: HeaderName = name
        .parse()
        .map_err(|_| format!("`{shown}` is not a header's name"))?;
    let value = HeaderValue::from_str(value)
        .map_err(|_| format!("the value of `{shown}` has a control character"))?;
    if [
        http::header::CONTENT_LENGTH,
        http::header::TRANSFER_ENCODING,
    ]
    .contains(&name)
    {
        return Err(format!(
            "`{shown}` follows from the body, and cannot be set"
        ));
    }
    Ok(fault.header(name, value))
}

fn delay(time: &str) -> Result<Duration, String> {
    humantime::parse_duration(time)
        .map_err(|error| format!("`delay={}`: {error}", printable(time, SHOWN)))
}

fn page() -> Fault {
    Fault::status(StatusCode::OK)
        .header("content-type", "text/html")
        .body("<!doctype html><title>Sign in to this network</title>")
}

/// Each is held in memory until its request arrives.
const MOST: usize = 1000;
const SHOWN: usize = 64;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use edge_oauth_local::{Options, SimulatedResponse, Simulator};
    use http::{Request, Response};

    use super::*;

    #[test]
    fn every_form_is_played() {
        assert_eq!(played("503").status(), 503);
        assert_eq!(played("3*503").status(), 503);

        let late = played("429:retry-after=Wed, 21 Oct 2026 07:28:00 GMT:x-a=1:delay=2s");
        assert_eq!(late.status(), 429);
        assert_eq!(
            late.headers()["retry-after"],
            "Wed, 21 Oct 2026 07:28:00 GMT"
        );
        assert_eq!(late.headers()["x-a"], "1");

        let body = played("401:content-type=application/json:body={\"error\":\"a\",\"b=\":1}");
        assert_eq!(body.body(), b"{\"error\":\"a\",\"b=\":1}");
        assert_eq!(body.headers()["content-type"], "application/json");

        let quota = played("429:auth0-client-quota-limit=b=per_hour;q=10;r=0;t=9");
        assert_eq!(
            quota.headers()["auth0-client-quota-limit"],
            "b=per_hour;q=10;r=0;t=9"
        );

        let redirect = played("redirect=https://elsewhere.invalid:8/a?b=c");
        assert_eq!(redirect.status(), 307);
        assert_eq!(
            redirect.headers()["location"],
            "https://elsewhere.invalid:8/a?b=c"
        );

        assert_eq!(played("html").status(), 200);
        assert!(simulated("lost").is_lost);
        assert_eq!(
            played("ok").status(),
            400,
            "an empty request, served as ever"
        );
        assert_eq!("7*ok".parse::<FaultSpec>().unwrap().times, 7);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = [
            ("", "`` is neither a status"),
            ("teapot", "`teapot` is neither a status"),
            ("42", "`42` is neither a status"),
            ("100", "`100` is neither a status"),
            ("0*503", "before `*`"),
            ("1001*503", "before `*`"),
            ("x*503", "before `*`"),
            ("delay=soon", "`delay=soon`"),
            ("503:delay=", "`delay=`"),
            ("503:retry-after", "`retry-after` has no `=`"),
            ("503:a b=1", "`a b` is not a header's name"),
            ("503:a=\u{7f}", "the value of `a`"),
            ("503:content-length=1", "`content-length` follows"),
            ("redirect=\n", "`redirect` has a control"),
        ];
        for (spec, says) in wrong {
            let error = spec.parse::<FaultSpec>().unwrap_err();
            assert!(error.contains(says), "{spec}: {error}");
        }
    }

    fn played(spec: &str) -> Response<Vec<u8>> {
        simulated(spec).response
    }

    fn simulated(spec: &str) -> SimulatedResponse {
        let mut simulator = Simulator::new(Options::default(), "http://127.0.0.1:1");
        let spec: FaultSpec = spec.parse().unwrap();
        simulator.script([spec.fault]).unwrap();
        let request = Request::post("/oauth/token").body("").unwrap();
        simulator.respond(&request, Duration::ZERO)
    }
}
