//! The side of the tests that runs in a JavaScript engine: takes commands as JSON and returns their results as JSON.
//!
//! `.ci/wasm` builds it, and `tests/engines.rs` sends the commands to Node and to a browser.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use edge_oauth_driver::nonblocking::Transport;
use edge_oauth_fetch::http::{Request, Response};
use edge_oauth_fetch::{
    AccessToken, BasicEncoding, CallError, ClientAuth, Config, FetchTransport, Options,
    RequestLimits, Secret, SecretBytes, TokenError, TokenSource, TransportError,
};
use experience_edge_api::ExperienceEdge;
use js_sys::futures::{JsFuture, future_to_promise};
use js_sys::{Function, Promise};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static SOURCES: RefCell<HashMap<String, TokenSource>> = RefCell::default();
    static CANCEL: RefCell<HashMap<String, Function>> = RefCell::default();
}

/// Carries out a command.
#[wasm_bindgen]
pub fn run(command: String) -> Promise {
    future_to_promise(async move { Ok(JsValue::from(result_of(&command).await)) })
}

async fn result_of(command: &str) -> String {
    let command: Value = serde_json::from_str(command).unwrap_or_default();
    let cancelled = match text(&command, "cancelled_by") {
        "" => None,
        name => Some(cancelled(name)),
    };
    let result = match cancelled {
        Some(cancelled) => first(carry_out(&command), cancelled).await,
        None => carry_out(&command).await,
    };
    result.to_string()
}

async fn carry_out(command: &Value) -> Value {
    match text(command, "do") {
        "source" => {
            let source = source(command);
            let debug = format!("{source:?}");
            SOURCES.with_borrow_mut(|sources| {
                sources.insert(text(command, "source").to_owned(), source)
            });
            json!({ "debug": debug })
        }
        "fetch" => token(
            FetchTransport::new()
                .fetch(&config(command), time(command))
                .await,
        ),
        "token" => token(known(command).token().await),
        "refresh" => token(known(command).refresh().await),
        "try" => {
            json!({ "token": known(command).try_token().map(|token| token.expose().to_owned()) })
        }
        "settle" => json!({ "settled": known(command).settle(time(command)).await }),
        "send" => response(known(command).send(&request(command)).await),
        "settings" => {
            let source = known(command);
            match ExperienceEdge::at(text(command, "url")) {
                Ok(api) => match source.call(&api.settings()).await {
                    Ok(settings) => json!({ "settings": settings.content_cache_ttl().is_some() }),
                    Err(error) => call_failed(&error),
                },
                Err(error) => json!({ "error": error.to_string() }),
            }
        }
        "exchange" => {
            let max_body = command["max_body"].as_u64().unwrap_or(1024) as usize;
            let limits = RequestLimits::new(time(command), max_body);
            let request = request(command).map(SecretBytes::new);
            response(
                FetchTransport::new()
                    .send(request, limits)
                    .await
                    .map_err(CallError::from),
            )
        }
        "cancel" => {
            let resolve = CANCEL.with_borrow_mut(|all| all.remove(text(command, "name")));
            let resolve = resolve.expect("the command to cancel was sent before");
            drop(resolve.call0(&JsValue::UNDEFINED));
            json!({})
        }
        other => json!({ "error": format!("no command is named {other}") }),
    }
}

fn source(command: &Value) -> TokenSource {
    let options = Options::default().max_wait(time(command));
    TokenSource::builder(config(command))
        .options(options)
        .build(FetchTransport::new())
}

fn config(command: &Value) -> Config {
    let secret = Secret::new(text(command, "client_secret"));
    let auth = match command["basic"].as_bool() {
        Some(true) => ClientAuth::ClientSecretBasic(secret, BasicEncoding::default()),
        _ => ClientAuth::ClientSecretPost(secret),
    };
    Config::builder(text(command, "token_url"), text(command, "client_id"))
        .client_auth(auth)
        .audience(text(command, "audience"))
        .build()
        .expect("the test has a valid configuration")
}

fn known(command: &Value) -> TokenSource {
    let source = SOURCES.with_borrow(|sources| sources.get(text(command, "source")).cloned());
    source.expect("the source was made before")
}

fn request(command: &Value) -> Request<Vec<u8>> {
    let method = match text(command, "method") {
        "" => "GET",
        method => method,
    };
    let mut request = Request::builder().method(method).uri(text(command, "url"));
    for (name, value) in command["headers"].as_object().into_iter().flatten() {
        request = request.header(name, value.as_str().unwrap_or_default());
    }
    let body = text(command, "body").as_bytes().to_vec();
    request.body(body).expect("the test has a valid request")
}

fn token(result: Result<AccessToken, TokenError>) -> Value {
    match result {
        Ok(token) => json!({ "token": token.expose(), "debug": format!("{token:?}") }),
        Err(error) => token_failed(&error),
    }
}

fn response(result: Result<Response<SecretBytes>, CallError>) -> Value {
    match result {
        Ok(response) => {
            let headers = response.headers().iter().map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.to_string(), json!(value))
            });
            json!({
                "status": response.status().as_u16(),
                "headers": headers.collect::<serde_json::Map<_, _>>(),
                "body": String::from_utf8_lossy(response.body().as_ref()),
                "debug": format!("{response:?}"),
            })
        }
        Err(error) => call_failed(&error),
    }
}

fn call_failed(error: &CallError) -> Value {
    match error {
        CallError::Token(error) => token_failed(error),
        CallError::Transport(error) => failed(error, Some(error), error.is_transient()),
        error => failed(error, None, false),
    }
}

fn token_failed(error: &TokenError) -> Value {
    let transport = match error {
        TokenError::Transport(error) => Some(error),
        _ => None,
    };
    let mut result = failed(error, transport, error.is_transient());
    result["status"] = json!(error.status().map(|status| status.as_u16()));
    result["culprit"] = json!(format!("{:?}", error.culprit()));
    result["hint"] = json!(error.hint());
    result
}

fn failed(
    error: &(impl Display + Debug),
    transport: Option<&TransportError>,
    is_transient: bool,
) -> Value {
    json!({
        "error": error.to_string(),
        "debug": format!("{error:?}"),
        "kind": transport.map(|error| format!("{:?}", error.kind())),
        "transient": is_transient,
    })
}

fn text<'a>(command: &'a Value, name: &str) -> &'a str {
    command[name].as_str().unwrap_or_default()
}

fn time(command: &Value) -> Duration {
    Duration::from_millis(command["milliseconds"].as_u64().unwrap_or(30_000))
}

/// Waits for the command `cancel` of this name.
fn cancelled(name: &str) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, _| {
        CANCEL.with_borrow_mut(|all| all.insert(name.to_owned(), resolve));
    }))
}

/// Drops the command if it is cancelled first.
async fn first(command: impl Future<Output = Value>, cancelled: impl Future) -> Value {
    let (mut command, mut cancelled) = (pin!(command), pin!(cancelled));
    poll_fn(|cx| match command.as_mut().poll(cx) {
        Poll::Ready(result) => Poll::Ready(result),
        Poll::Pending => cancelled
            .as_mut()
            .poll(cx)
            .map(|_| json!({ "cancelled": true })),
    })
    .await
}
