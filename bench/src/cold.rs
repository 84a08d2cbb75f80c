//! One token request over the loopback, on a new connection unless a row says otherwise.

use std::hint::black_box;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use edge_oauth_no_io::token_request;
use edge_oauth_reqwest::ReqwestTransport;
use edge_oauth_surf::{Hyper1Client, SurfTransport};
use edge_oauth_ureq::UreqTransport;
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, TokenResponse, TokenUrl,
};
use tokio::runtime::{Builder, Runtime};

use crate::case::{Case, Run};
use crate::endpoint::Endpoint;
use crate::report::Report;
use crate::sample;
use crate::token_response::by_hand;

const fn case(id: &'static str, name: &'static str, make: fn() -> Run) -> Case {
    Case {
        id,
        name,
        make,
        repeat: 200,
    }
}

pub(crate) const UREQ: [Case; 4] = [
    case("cold-ureq-new", "ureq by hand", || ureq_raw(0)),
    case("cold-ureq", "edge-oauth-ureq", ureq_ours),
    case("cold-ureq-raw", "ureq by hand, connection kept", || {
        ureq_raw(1)
    }),
    case(
        "cold-ureq-oauth2",
        "oauth2 over ureq, connection kept",
        ureq_oauth2,
    ),
];

pub(crate) const REQWEST: [Case; 4] = [
    case("cold-reqwest-new", "reqwest by hand", || reqwest_raw(0)),
    case("cold-reqwest", "edge-oauth-reqwest", reqwest_ours),
    case(
        "cold-reqwest-raw",
        "reqwest by hand, connection kept",
        || reqwest_raw(1),
    ),
    case(
        "cold-reqwest-oauth2",
        "oauth2 over reqwest, connection kept",
        reqwest_oauth2,
    ),
];

pub(crate) const SURF: [Case; 2] = [
    case(
        "cold-surf-raw",
        "surf by hand, over the same back end",
        surf_raw,
    ),
    case("cold-surf", "edge-oauth-surf", surf_ours),
];

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/cold.md"));
    for cases in [&UREQ[..], &REQWEST, &SURF] {
        let rows = report.compare(&cases.iter().collect::<Vec<_>>());
        let ratio = rows[1].instructions / rows[0].instructions;
        report.at_most(
            format!("{}: instructions to the client by hand", cases[1].name),
            1.05,
            ratio,
            Some(&cases[1]),
        );
        let ratio = rows[1].time.least / rows[0].time.least;
        report.at_most(
            format!("{}: time to the client by hand", cases[1].name),
            1.05,
            ratio,
            Some(&cases[1]),
        );
    }
    report.verdicts();
}

const TIMEOUT: Duration = Duration::from_secs(10);
const FORM: &str = "application/x-www-form-urlencoded";

fn endpoint() -> String {
    Endpoint::start("200 OK", sample::response().to_owned(), Duration::ZERO).url()
}

/// The request that is sent by hand, encoded once.
pub(crate) fn body() -> Vec<u8> {
    token_request(&sample::config(sample::ENDPOINT))
        .expect("a secret needs no assertion")
        .body()
        .as_ref()
        .to_vec()
}

fn ureq_ours() -> Run {
    let (transport, config) = (UreqTransport::new(), sample::config(&endpoint()));
    Arc::new(move |times| {
        for _ in 0..times {
            let token = transport
                .fetch(&config, TIMEOUT)
                .expect("the endpoint serves");
            black_box(token.authorization());
        }
    })
}

fn ureq_raw(kept: usize) -> Run {
    let (agent, url, body) = (agent(kept), endpoint(), body());
    Arc::new(move |times| {
        for _ in 0..times {
            let request = agent
                .post(&url)
                .header("accept", "application/json")
                .content_type(FORM);
            let mut response = request.send(&body).expect("the endpoint serves");
            let response = response.body_mut().read_to_vec();
            black_box(by_hand(&response.expect("the endpoint serves")));
        }
    })
}

/// Returns an agent that keeps so many connections.
fn agent(kept: usize) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_idle_connections(kept)
        .max_idle_connections_per_host(kept)
        .accept_encoding(ureq::config::AutoHeaderValue::None)
        .proxy(None);
    config.build().new_agent()
}

macro_rules! client {
    () => {
        BasicClient::new(ClientId::new(sample::ID.to_owned()))
            .set_client_secret(ClientSecret::new(sample::SECRET.to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::new(endpoint()).expect("the sample is valid"))
    };
}

fn ureq_oauth2() -> Run {
    let (agent, client) = (agent(1), client!());
    Arc::new(move |times| {
        let send = |request: HttpRequest| -> Result<HttpResponse, ureq::Error> {
            let (parts, mut body) = agent.run(request)?.into_parts();
            Ok(HttpResponse::from_parts(parts, body.read_to_vec()?))
        };
        for _ in 0..times {
            let request = client.exchange_client_credentials();
            let response = request
                .add_extra_param("audience", sample::AUDIENCE)
                .request(&send);
            let token = response.expect("the endpoint serves");
            black_box(format!("Bearer {}", token.access_token().secret()));
        }
    })
}

/// A runtime of one thread, so that the measured thread does the client's work.
pub(crate) fn on_this_thread() -> Mutex<Runtime> {
    let runtime = Builder::new_current_thread().enable_all().build();
    Mutex::new(runtime.expect("a runtime without threads"))
}

fn reqwest_ours() -> Run {
    let runtime = on_this_thread();
    let transport = ReqwestTransport::new().expect("the settings are taken");
    let config = sample::config(&endpoint());
    Arc::new(move |times| {
        let runtime = runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            for _ in 0..times {
                let token = transport
                    .fetch(&config, TIMEOUT)
                    .await
                    .expect("the endpoint serves");
                black_box(token.authorization());
            }
        });
    })
}

/// Returns a client that keeps so many connections.
pub(crate) fn reqwest_client(kept: usize) -> reqwest::Client {
    let client = reqwest::Client::builder()
        .http1_only()
        .no_proxy()
        .pool_max_idle_per_host(kept)
        .timeout(TIMEOUT);
    let client = client.redirect(reqwest::redirect::Policy::none());
    client.build().expect("the settings are taken")
}

fn reqwest_raw(kept: usize) -> Run {
    let (runtime, client) = (on_this_thread(), reqwest_client(kept));
    let (url, body) = (endpoint(), bytes::Bytes::from(body()));
    Arc::new(move |times| {
        let runtime = runtime.lock().unwrap_or_else(PoisonError::into_inner);
        runtime.block_on(async {
            for _ in 0..times {
                let request = client.post(&url).header("accept", "application/json");
                let request = request.header("content-type", FORM).body(body.clone());
                let response = request.send().await.expect("the endpoint serves");
                black_box(by_hand(
                    &response.bytes().await.expect("the endpoint serves"),
                ));
            }
        });
    })
}

fn reqwest_oauth2() -> Run {
    let (runtime, http, client) = (on_this_thread(), reqwest_client(1), client!());
    Arc::new(move |times| {
        let runtime = runtime.lock().unwrap_or_else(PoisonError::into_inner);
        let send = async |request: HttpRequest| -> Result<HttpResponse, reqwest::Error> {
            let mut received = http.execute(request.try_into()?).await?;
            let (status, headers) = (received.status(), std::mem::take(received.headers_mut()));
            let mut response = HttpResponse::new(received.bytes().await?.to_vec());
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        };
        let send = |request| send(request);
        runtime.block_on(async {
            for _ in 0..times {
                let request = client.exchange_client_credentials();
                let request = request.add_extra_param("audience", sample::AUDIENCE);
                let token = request
                    .request_async(&send)
                    .await
                    .expect("the endpoint serves");
                black_box(format!("Bearer {}", token.access_token().secret()));
            }
        });
    })
}

fn surf_ours() -> Run {
    let (transport, config) = (SurfTransport::new(), sample::config(&endpoint()));
    Arc::new(move |times| {
        async_std::task::block_on(async {
            for _ in 0..times {
                let token = transport
                    .fetch(&config, TIMEOUT)
                    .await
                    .expect("the endpoint serves");
                black_box(token.authorization());
            }
        });
    })
}

fn surf_raw() -> Run {
    let client = surf::Client::with_http_client(Hyper1Client::new());
    let (url, body) = (endpoint(), body());
    Arc::new(move |times| {
        async_std::task::block_on(async {
            for _ in 0..times {
                let request = client.post(&url).header("accept", "application/json");
                let request = request.content_type(FORM).body_bytes(&body);
                let mut response = request.await.expect("the endpoint serves");
                let response = response.body_bytes().await;
                black_box(by_hand(&response.expect("the endpoint serves")));
            }
        });
    })
}
