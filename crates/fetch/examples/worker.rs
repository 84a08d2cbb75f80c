//! A Worker, as Cloudflare runs them: responds with the settings of the tenant. Its requests take over the token of the
//! last one.
//!
//! Each request has a source of its own. In a Worker, what one request waits for must not come from another: the runtime
//! ends a request whose work goes on in the context of another request.
//!
//! `worker.mjs` is its script. `.ci/wasm` builds it, measures it and runs it in workerd against a local Edge.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

use std::cell::RefCell;
use std::time::Duration;

use edge_oauth_fetch::http::Request;
use edge_oauth_fetch::{
    Config, ConfigError, FetchTransport, Secret, StoredToken, Tenant, TokenSource,
};
use js_sys::futures::future_to_promise;
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static LAST: RefCell<Option<StoredToken>> = const { RefCell::new(None) };
}

/// Returns the settings, as the bytes of a JSON document. `wait_until` keeps the request for a refresh in the background.
#[wasm_bindgen]
pub fn settings(
    edge_url: String,
    token_url: String,
    client_id: String,
    secret: String,
    wait_until: Function,
) -> Promise {
    future_to_promise(async move {
        let source = source(&token_url, &client_id, &secret).map_err(text)?;
        let request = Request::get(format!("{edge_url}/api/admin/v1/settings"));
        let request = request.body(Vec::new()).map_err(text)?;
        let response = source.send(&request).await;
        let settled = future_to_promise(async move {
            source.settle(Duration::from_secs(20)).await;
            LAST.set(source.export());
            Ok(JsValue::UNDEFINED)
        });
        wait_until.call1(&JsValue::UNDEFINED, &settled)?;
        let response = response.map_err(text)?;
        match response.status().is_success() {
            true => Ok(Uint8Array::from(response.body().as_ref()).into()),
            false => Err(text(format_args!(
                "the API responds with {}",
                response.status()
            ))),
        }
    })
}

fn source(token_url: &str, client_id: &str, secret: &str) -> Result<TokenSource, ConfigError> {
    let config = Config::experience_edge(Tenant::Current, client_id, Secret::new(secret))?
        .to_builder()
        .endpoint(token_url)
        .build()?;
    let source = TokenSource::new(FetchTransport::new(), config);
    LAST.with_borrow(|last| last.as_ref().map(|token| source.restore(token)));
    Ok(source)
}

/// No error of this library contains a secret or a token.
fn text(error: impl std::fmt::Display) -> JsValue {
    error.to_string().into()
}
