//! Registers a webhook that revalidates a site after each publishing job. A second run updates the webhook
//! of that label, so it can run in each deployment.
//!
//! At the real service it leaves a webhook with the label `edge-oauth example`.
//!
//! ```sh
//! cargo run --example revalidate_webhook    # at a local Experience Edge, or at the service that the environment names
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

mod service;

use std::env;
use std::error::Error;

use edge_oauth_ureq::TokenSource;
use experience_edge_api::{ExperienceEdge, Webhook, WebhookEdit};
use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let Service { edge, source, .. } = &Service::from_environment()?;
    // A header is the only sign by which the site can tell that Experience Edge calls.
    let secret = env::var("REVALIDATE_SECRET").unwrap_or_else(|_| "s3cret".to_owned());
    for _ in 0..2 {
        println!("{}", register(source, edge, &secret)?);
    }
    for webhook in source.call(&edge.webhooks())? {
        println!("{webhook:?}"); // shows neither the header's value nor the path
    }
    Ok(())
}

fn register(
    source: &TokenSource,
    edge: &ExperienceEdge,
    secret: &str,
) -> Result<String, Box<dyn Error>> {
    let wanted = |edit: WebhookEdit| {
        edit.uri("https://www.example.com/api/revalidate")
            .header("x-revalidate", secret)
            // The service disables a webhook after ten failures in a row.
            .disabled(false)
    };
    let webhooks = source.call(&edge.webhooks())?;
    Ok(match webhooks.iter().find(|it| it.label() == LABEL) {
        Some(webhook) => {
            // The edit starts from the existing webhook, so it keeps every other setting.
            let edit = wanted(webhook.edit());
            source.call(&edge.update_webhook(webhook.id(), &edit)?)?;
            format!("updated {}", webhook.id())
        }
        None => {
            let new = WebhookEdit::new(LABEL, "").created_by("revalidate_webhook");
            let webhook = source.call(&edge.create_webhook(&wanted(new))?)?;
            let id = webhook.as_ref().map_or("it", Webhook::id);
            format!("created {id}")
        }
    })
}

const LABEL: &str = "edge-oauth example";
