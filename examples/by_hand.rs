//! The core without an adapter. The HTTP client is forty lines over a `TcpStream`.
//!
//! ```sh
//! cargo run --example by_hand
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{
    BODY_LIMIT, Config, Secret, SecretBytes, Tenant, token_request, token_response,
};
use http::{Request, Response, StatusCode};

fn main() -> Result<(), Box<dyn Error>> {
    let edge = LocalEdge::start()?;
    let secret = Secret::new(edge.client_secret());
    let config = Config::experience_edge(Tenant::Current, edge.client_id(), secret)?
        .to_builder()
        .endpoint(edge.token_url())
        .build()?;

    let response = exchange(&token_request(&config).expect("a secret needs no assertion"))?;
    let token = token_response(&config, &response)?;
    println!("{} for {:?}", token.token_type(), token.expires_in());

    let settings = format!("{}/api/admin/v1/settings", edge.base_url());
    let mut request = Request::get(settings).body(SecretBytes::new(Vec::new()))?;
    println!("without the token: {}", exchange(&request)?.status());
    token.authorize(&mut request);
    println!("with the token:    {}", exchange(&request)?.status());
    Ok(())
}

/// HTTP/1.1 with one request per connection: enough for the local Edge, which speaks plain HTTP.
fn exchange(request: &Request<SecretBytes>) -> Result<Response<SecretBytes>, Box<dyn Error>> {
    let authority = request.uri().authority().ok_or("no host")?.as_str();
    let target = request
        .uri()
        .path_and_query()
        .map_or("/", |target| target.as_str());

    let mut head = format!(
        "{} {target} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n",
        request.method()
    );
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str()?));
    }
    head.push_str("\r\n");

    let mut stream = TcpStream::connect(authority)?;
    stream.write_all(head.as_bytes())?;
    stream.write_all(request.body().as_ref())?;
    let mut bytes = Vec::new();
    stream.take(2 * BODY_LIMIT as u64).read_to_end(&mut bytes)?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Result<Response<SecretBytes>, Box<dyn Error>> {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or("no end of the header")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end])?, &bytes[end + 4..]);
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .ok_or("no status")?;

    let mut response = Response::builder().status(StatusCode::from_bytes(status.as_bytes())?);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        response = response.header(name, value.trim());
    }
    Ok(response.body(SecretBytes::new(body.to_vec()))?)
}
