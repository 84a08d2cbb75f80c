//! Registers a webhook that revalidates a site when something is published, however often it is run:
//! the webhook of that label is updated where it is there, and created where it is not.
//!
//! At the real service it leaves a webhook with the label `edge-oauth example`.
//!
//! ```sh
//! cargo run --example revalidate_webhook    # at a local Experience Edge, or the one of the environment
//! ```
#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

mod service;

use std::env;
use std::error::Error;

use edge_oauth_ureq::TokenSource;
use experience_edge_api::{ExperienceEdge, Webhook, WebhookEdit};
use service::Service;

fn main() -> Result<(), Box<dyn Error>> {
    let Service { edge, source, .. } = &Service::of_environment()?;
    // The site wants to know that it is Experience Edge who calls; nothing but a header tells it.
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
            // Ten failures in a row turned it off, maybe.
            .disabled(false)
    };
    let webhooks = source.call(&edge.webhooks())?;
    Ok(match webhooks.iter().find(|it| it.label() == LABEL) {
        Some(webhook) => {
            // The change begins with what is there, so it keeps what it does not name.
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
