//! Requests a JWT and calls a protected API with it.
//!
//! It runs offline, against a local Experience Edge. If `SITECORE_CLIENT_ID` and `SITECORE_CLIENT_SECRET` are
//! set, it uses the real service; `SITECORE_AUTH_URL`, `SITECORE_AUDIENCE` and `SITECORE_EDGE_URL` override the
//! endpoint, the audience and the URL of the API, such as with those that `edge-oauth serve` prints.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::env;
use std::error::Error;
use std::time::Duration;

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{
    AccessToken, Config, Operation, Secret, SecretBytes, Tenant, token_request,
};
use edge_oauth_ureq::UreqTransport;
use experience_edge_api::ExperienceEdge;
use http::Request;

fn main() -> Result<(), Box<dyn Error>> {
    match (
        env::var("SITECORE_CLIENT_ID"),
        env::var("SITECORE_CLIENT_SECRET"),
    ) {
        (Ok(id), Ok(secret)) => real(id, Secret::new(secret)),
        (Err(_), Err(_)) => offline(),
        _ => Err("set both SITECORE_CLIENT_ID and SITECORE_CLIENT_SECRET, or neither".into()),
    }
}

fn offline() -> Result<(), Box<dyn Error>> {
    let edge = LocalEdge::start()?;
    println!("A local Experience Edge listens on {}\n", edge.base_url());

    let config = Config::experience_edge(
        Tenant::Current,
        edge.client_id(),
        Secret::new(edge.client_secret()),
    )?
    .to_builder()
    .endpoint(edge.token_url())
    .build()?;
    let token = fetch(&config)?;

    println!("Calling a protected API:");
    call(
        &format!("{}/api/admin/v1/settings", edge.base_url()),
        &token,
    )
}

fn real(id: String, secret: Secret) -> Result<(), Box<dyn Error>> {
    let mut config = Config::experience_edge(Tenant::Current, id, secret)?;
    let elsewhere = env::var("SITECORE_AUTH_URL");
    if let Ok(endpoint) = &elsewhere {
        config = config.to_builder().endpoint(endpoint).build()?;
    }
    if let Ok(audience) = env::var("SITECORE_AUDIENCE") {
        config = config.to_builder().audience(audience).build()?;
    }
    let token = fetch(&config)?;

    let edge = match (elsewhere, env::var("SITECORE_EDGE_URL")) {
        (Ok(_), Ok(url)) => ExperienceEdge::at(&url)?,
        (Err(_), Err(_)) => ExperienceEdge::new(),
        (Ok(_), Err(_)) => {
            println!("No API is called: the token of SITECORE_AUTH_URL is not for the real one.");
            println!("Set SITECORE_EDGE_URL to the URL of its API.");
            return Ok(());
        }
        (Err(_), Ok(_)) => {
            return Err("set SITECORE_AUTH_URL too, or unset SITECORE_EDGE_URL".into());
        }
    };
    println!("Calling a protected API:");
    call(&edge.settings().request().uri().to_string(), &token)
}

fn fetch(config: &Config) -> Result<AccessToken, Box<dyn Error>> {
    println!("The request, made by the core:");
    show_request(&token_request(config).expect("a secret needs no assertion"))?;

    let token = UreqTransport::new()
        .fetch(config, Duration::from_secs(30))
        .inspect_err(|error| {
            println!("No token: {error}");
            println!("  {}\n", error.hint().unwrap_or("no hint for this one"));
        })?;

    println!("The token response, read by the core:");
    show_token(&token);
    Ok(token)
}

/// Calls the API without a token, which it rejects, and with one.
fn call(url: &str, token: &AccessToken) -> Result<(), Box<dyn Error>> {
    let mut config = ureq::Agent::config_builder().http_status_as_error(false);
    if url.starts_with("http:") {
        // A proxy of the environment cannot reach the local Edge.
        config = config.proxy(None);
    }
    let agent = config.build().new_agent();

    let bare = Request::get(url).body(())?;
    println!("  without the token: {}", agent.run(bare)?.status());

    let mut authorized = Request::get(url).body(())?;
    token.authorize(&mut authorized);
    let mut response = agent.run(authorized)?;
    println!("  with the token:    {}", response.status());
    println!("  {}", response.body_mut().read_to_string()?.trim());
    Ok(())
}

fn show_request(request: &Request<SecretBytes>) -> Result<(), Box<dyn Error>> {
    println!("  {} {}", request.method(), request.uri());
    for (name, value) in request.headers() {
        println!(
            "  {name}: {}",
            if value.is_sensitive() {
                "[redacted]"
            } else {
                value.to_str()?
            }
        );
    }
    for (name, value) in form_urlencoded::parse(request.body().as_ref()) {
        let shown = if name == "client_secret" {
            "[redacted]"
        } else {
            &value
        };
        println!("    {name} = {shown}");
    }
    println!();
    Ok(())
}

fn show_token(token: &AccessToken) {
    let jwt = token.expose();
    println!("  token_type: {}", token.token_type());
    match token.expires_in() {
        Some(life) => println!("  expires_in: {} s", life.as_secs()),
        None => println!("  expires_in: the server did not say"),
    }
    println!("  scope: {}", token.scope().unwrap_or("as asked for"));
    println!(
        "  access_token: {}... ({} bytes)",
        &jwt[..jwt.len().min(12)],
        jwt.len()
    );
    for (name, value) in token.claims().iter().flat_map(|claims| claims.iter()) {
        println!("    {name} = {value}");
    }
    println!();
}
