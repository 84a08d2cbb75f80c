//! One API request over the loopback, on a kept connection.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use std::{env, io};

use bytes::Bytes;
use edge_oauth_reqwest::{BearerMiddleware, Origin, ReqwestTransport};
use edge_oauth_ureq::UreqTransport;
use http::{HeaderValue, Request};

use crate::case::{Case, Run};
use crate::cold::{on_this_thread, reqwest_client};
use crate::endpoint::Endpoint;
use crate::measure;
use crate::report::{RATIO, Report, number, or_nan, whole};
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
    case("call-ureq-raw", "ureq by hand", || ureq_raw(0)),
    case("call-ureq", "edge-oauth-ureq `source.send`", || {
        ureq_ours(0)
    }),
];

pub(crate) const REQWEST: [Case; 4] = [
    case("call-reqwest-raw", "reqwest by hand", || reqwest_raw(0)),
    case("call-reqwest", "edge-oauth-reqwest `source.send`", || {
        reqwest_ours(0)
    }),
    case("call-middleware-raw", "reqwest-middleware alone", || {
        middleware(false)
    }),
    case("call-middleware", "edge-oauth-reqwest's middleware", || {
        middleware(true)
    }),
];

/// Requests with a body of 1 MB.
pub(crate) const BODIES: [Case; 4] = [
    case("body-ureq-raw", "ureq by hand", || ureq_raw(BODY)),
    case("body-ureq", "edge-oauth-ureq `source.send`", || {
        ureq_ours(BODY)
    }),
    case("body-reqwest-raw", "reqwest by hand, `Bytes`", || {
        reqwest_raw(BODY)
    }),
    case("body-reqwest", "edge-oauth-reqwest `source.send`", || {
        reqwest_ours(BODY)
    }),
];

const BODY: usize = 1_000_000;

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/call.md"));
    for cases in [&UREQ[..], &REQWEST[..]] {
        let times = measure::time(&cases.iter().collect::<Vec<_>>());
        let rows: Vec<_> = cases
            .iter()
            .zip(times)
            .map(|(case, time)| {
                let instructions = or_nan(measure::process_instructions(case));
                (
                    case,
                    time,
                    instructions,
                    measure::allocations(case).0,
                    measure::threads(case),
                )
            })
            .collect();
        let cells: Vec<_> = rows
            .iter()
            .map(|(case, time, instructions, allocations, threads)| {
                vec![
                    case.name.to_owned(),
                    number(instructions / rows[0].2),
                    number(time.least / rows[0].1.least),
                    whole(*instructions),
                    format!("{allocations:.1}"),
                    format!("{threads:.2}"),
                    whole(time.least),
                    whole(time.median),
                ]
            })
            .collect();
        report.table(
            &[
                "client",
                RATIO,
                "time, ratio",
                "instructions of the process",
                "allocations",
                "threads started",
                "ns, minimum",
                "ns, median",
            ],
            &cells,
        );
        let most = MOST_TIMES[usize::from(cases.len() > 2)];
        let (name, why) = (cases[1].name, Some(&cases[1]));
        report.at_most(
            format!("{name}: instructions of the process to the client by hand"),
            most,
            rows[1].2 / rows[0].2,
            why,
        );
        report.at_most(
            format!("{name}: threads started for each call"),
            0.0,
            rows[1].4,
            why,
        );
        if let [_, _, alone, ours] = &rows[..] {
            let why = Some(&cases[3]);
            report.at_most(
                "middleware: instructions more than reqwest-middleware alone",
                1000.0,
                ours.2 - alone.2,
                why,
            );
            report.at_most(
                "middleware: allocations more than reqwest-middleware alone",
                3.0,
                ours.3 - alone.3,
                why,
            );
        }
    }
    let bytes: Vec<_> = BODIES
        .iter()
        .map(|case| measure::allocations(case).1 / 1e3)
        .collect();
    let cells = BODIES.iter().zip(&bytes);
    let cells: Vec<_> = cells
        .map(|(case, bytes)| vec![case.name.to_owned(), whole(*bytes)])
        .collect();
    report.table(&["a body of 1 MB", "KB allocated for each call"], &cells);
    for row in [1, 3] {
        let target = format!(
            "{}, 1 MB: KB allocated, more than by hand",
            BODIES[row].name
        );
        report.at_most(target, 100.0, bytes[row] - bytes[row - 1], None);
    }
    report.verdicts();
}

/// The targets of `send`, as a multiple of the client by hand, over ureq and over reqwest.
const MOST_TIMES: [f64; 2] = [1.10, 1.06];

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

/// A `GET`, or a `POST` with a body of this size.
fn request(api: &Api, body: usize) -> Request<Bytes> {
    let request = Request::builder().method(if body == 0 { "GET" } else { "POST" });
    let request = request.uri(&api.url).header("accept", "application/json");
    request
        .body(Bytes::from(vec![0; body]))
        .expect("the URL is valid")
}

fn authorization() -> HeaderValue {
    let value = format!("Bearer {}", sample::token());
    HeaderValue::from_str(&value).expect("a token is a header value")
}

fn ureq_raw(body: usize) -> Run {
    let (agent, api, value) = (ureq::agent(), api(), authorization());
    let body = vec![0; body];
    Arc::new(move |times| {
        for _ in 0..times {
            let mut response = if body.is_empty() {
                let request = agent.get(&api.url).header("accept", "application/json");
                request.header("authorization", value.clone()).call()
            } else {
                let request = agent.post(&api.url).header("accept", "application/json");
                request.header("authorization", value.clone()).send(&body)
            }
            .expect("the API serves");
            black_box(response.body_mut().read_to_vec().expect("the API serves"));
        }
    })
}

fn ureq_ours(body: usize) -> Run {
    let (api, config) = (api(), sample::config(&token_endpoint()));
    let source = edge_oauth_ureq::TokenSource::new(UreqTransport::new(), config);
    let request = request(&api, body);
    Arc::new(move |times| {
        let _api = &api;
        for _ in 0..times {
            black_box(source.send(&request).expect("the API serves"));
        }
    })
}

/// Repeats a future on a runtime of this thread.
fn reqwest_run<F: Future<Output = ()>>(
    api: Api,
    call: impl Fn() -> F + Send + Sync + 'static,
) -> Run {
    let runtime = on_this_thread();
    Arc::new(move |times| {
        let _api = &api;
        let runtime = runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            for _ in 0..times {
                call().await;
            }
        });
    })
}

fn reqwest_raw(body: usize) -> Run {
    let (client, api, value) = (reqwest_client(1), api(), authorization());
    let (url, request) = (api.url.clone(), request(&api, body));
    reqwest_run(api, move || {
        let call = client.request(request.method().clone(), &url);
        let call = call
            .header("accept", "application/json")
            .header("authorization", value.clone());
        let call = match request.body().is_empty() {
            true => call,
            false => call.body(request.body().clone()),
        };
        async {
            let response = call.send().await.expect("the API serves");
            black_box(response.bytes().await.expect("the API serves"));
        }
    })
}

fn reqwest_source() -> edge_oauth_reqwest::TokenSource {
    let transport = ReqwestTransport::new().expect("the settings are taken");
    edge_oauth_reqwest::TokenSource::new(transport, sample::config(&token_endpoint()))
}

fn reqwest_ours(body: usize) -> Run {
    let (api, source) = (api(), reqwest_source());
    let request = Arc::new(request(&api, body));
    reqwest_run(api, move || {
        let (source, request) = (source.clone(), Arc::clone(&request));
        async move {
            black_box(source.send(&request).await.expect("the API serves"));
        }
    })
}

/// The same client with our middleware, or with none.
fn middleware(ours: bool) -> Run {
    let (api, value) = (api(), authorization());
    let url = api.url.clone();
    let mut client = reqwest_middleware::ClientBuilder::new(reqwest_client(1));
    if ours {
        let origin = Origin::from_url(&url).expect("the loopback");
        client = client.with(BearerMiddleware::new(reqwest_source(), origin));
    }
    let client = client.build();
    reqwest_run(api, move || {
        let mut call = client.get(&url).header("accept", "application/json");
        if !ours {
            call = call.header("authorization", value.clone());
        }
        async {
            let response = call.send().await.expect("the API serves");
            black_box(response.bytes().await.expect("the API serves"));
        }
    })
}
