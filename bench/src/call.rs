//! One API request over the loopback, on a kept connection.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{env, io};

use edge_oauth_reqwest::ReqwestTransport;
use edge_oauth_ureq::UreqTransport;
use http::{HeaderValue, Request};

use crate::case::{Case, Run};
use crate::cold::{on_this_thread, reqwest_client};
use crate::endpoint::Endpoint;
use crate::sample;

const fn case(id: &'static str, name: &'static str, make: fn() -> Run) -> Case {
    Case {
        id,
        name,
        make,
        repeat: 200,
    }
}

pub(crate) const UREQ: [Case; 2] = [
    case("call-ureq-raw", "ureq by hand", ureq_raw),
    case("call-ureq", "edge-oauth-ureq `source.send`", ureq_ours),
];

pub(crate) const REQWEST: [Case; 2] = [
    case("call-reqwest-raw", "reqwest by hand", reqwest_raw),
    case(
        "call-reqwest",
        "edge-oauth-reqwest `source.send`",
        reqwest_ours,
    ),
];

/// An API in a process of its own, so that the work of the server is not counted.
struct Api {
    url: String,
    process: Child,
    /// The process ends when this is closed.
    _input: ChildStdin,
}

impl Api {
    fn start() -> io::Result<Self> {
        let mut process = Command::new(env::current_exe()?)
            .arg("endpoint")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let (input, output) = input.zip(output).ok_or(io::ErrorKind::BrokenPipe)?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        Ok(Self {
            url: url.trim_end().to_owned(),
            process,
            _input: input,
        })
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Serves an API until standard input is closed.
#[allow(clippy::print_stdout, reason = "the other process reads the URL there")]
pub(crate) fn serve() -> io::Result<()> {
    let api = Endpoint::start("200 OK", r#"{"ok":true}"#.to_owned(), Duration::ZERO);
    println!("{}", api.url());
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}

fn api() -> Api {
    Api::start().expect("this program starts itself")
}

fn token_endpoint() -> String {
    Endpoint::start("200 OK", sample::response().to_owned(), Duration::ZERO).url()
}

fn request(api: &Api) -> Request<Vec<u8>> {
    let request = Request::get(&api.url).header("accept", "application/json");
    request.body(Vec::new()).expect("the URL is valid")
}

fn authorization() -> HeaderValue {
    let value = format!("Bearer {}", sample::token());
    HeaderValue::from_str(&value).expect("a token is a header value")
}

fn ureq_raw() -> Run {
    let (agent, api, value) = (ureq::agent(), api(), authorization());
    Arc::new(move |times| {
        for _ in 0..times {
            let request = agent.get(&api.url).header("accept", "application/json");
            let request = request.header("authorization", value.clone());
            let mut response = request.call().expect("the API serves");
            black_box(response.body_mut().read_to_vec().expect("the API serves"));
        }
    })
}

fn ureq_ours() -> Run {
    let (api, config) = (api(), sample::config(&token_endpoint()));
    let source = edge_oauth_ureq::TokenSource::new(UreqTransport::new(), config);
    let request = request(&api);
    Arc::new(move |times| {
        let _api = &api;
        for _ in 0..times {
            black_box(source.send(&request).expect("the API serves"));
        }
    })
}

fn reqwest_raw() -> Run {
    let (runtime, client) = (on_this_thread(), reqwest_client());
    let (api, value) = (api(), authorization());
    Arc::new(move |times| {
        let runtime = runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            for _ in 0..times {
                let request = client.get(&api.url).header("accept", "application/json");
                let request = request.header("authorization", value.clone());
                let response = request.send().await.expect("the API serves");
                black_box(response.bytes().await.expect("the API serves"));
            }
        });
    })
}

fn reqwest_ours() -> Run {
    let runtime: Mutex<_> = on_this_thread();
    let (api, config) = (api(), sample::config(&token_endpoint()));
    let transport = ReqwestTransport::new().expect("the settings are taken");
    let source = edge_oauth_reqwest::TokenSource::new(transport, config);
    let request = request(&api);
    Arc::new(move |times| {
        let _api = &api;
        let runtime = runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            for _ in 0..times {
                black_box(source.send(&request).await.expect("the API serves"));
            }
        });
    })
}
