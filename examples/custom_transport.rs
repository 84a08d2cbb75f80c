//! A custom transport for a `TokenSource`. This one needs no network: it passes each request to a local Edge
//! in the same process, which makes fast tests.
//!
//! ```sh
//! cargo run --example custom_transport
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;
use std::sync::{Mutex, PoisonError};

use edge_oauth_driver::blocking::{TokenSource, Transport};
use edge_oauth_driver::system_time;
use edge_oauth_local::{DEFAULT_CLIENT_ID, DEFAULT_CLIENT_SECRET, Options, Simulator};
use edge_oauth_no_io::{
    Config, LimitedBody, RequestLimits, Secret, SecretBytes, Tenant, TransportError,
};
use http::{Request, Response};

struct InProcess(Mutex<Simulator>);

impl Transport for InProcess {
    /// A transport over a network also obeys `limits.timeout`, from the name's resolution to the last byte,
    /// and follows no redirect.
    fn send(
        &self,
        request: Request<SecretBytes>,
        limits: RequestLimits,
    ) -> Result<Response<SecretBytes>, TransportError> {
        let mut simulator = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (parts, response) = simulator
            .respond(&request, system_time().wall)
            .response
            .into_parts();

        let mut body = LimitedBody::new(limits, Some(response.len() as u64));
        body.push(&response)?;
        Ok(Response::from_parts(parts, body.finish()?))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let base = "http://127.0.0.1:1";
    let transport = InProcess(Mutex::new(Simulator::new(Options::default(), base)));
    let config = Config::experience_edge(
        Tenant::Current,
        DEFAULT_CLIENT_ID,
        Secret::new(DEFAULT_CLIENT_SECRET),
    )?
    .to_builder()
    .endpoint(format!("{base}/oauth/token"))
    .build()?;
    let source = TokenSource::new(transport, config);

    let request = Request::get(format!("{base}/api/admin/v1/settings")).body(Vec::new())?;
    println!("settings: {}", source.send(&request)?.status());
    println!("the token lives for {:?}", source.token()?.expires_in());
    Ok(())
}
