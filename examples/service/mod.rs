//! The service that the examples of the APIs call: a local Experience Edge, or the real service if
//! `SITECORE_CLIENT_ID` and `SITECORE_CLIENT_SECRET` are set. `SITECORE_AUTH_URL`, `SITECORE_AUDIENCE` and
//! `SITECORE_EDGE_URL` name another one; `edge-oauth serve` prints them all.

use std::env;
use std::error::Error;

use edge_oauth_local::LocalEdge;
use edge_oauth_no_io::{Config, Secret, Tenant};
use edge_oauth_ureq::{TokenSource, UreqTransport};
use experience_edge_api::ExperienceEdge;

/// The APIs, and a source of tokens for them.
pub(crate) struct Service {
    pub(crate) edge: ExperienceEdge,
    pub(crate) source: TokenSource,
    /// Runs as long as the examples call it.
    _local: Option<LocalEdge>,
}

impl Service {
    pub(crate) fn from_environment() -> Result<Self, Box<dyn Error>> {
        let Ok(id) = env::var("SITECORE_CLIENT_ID") else {
            return Self::local(LocalEdge::start()?);
        };
        let secret = Secret::new(env::var("SITECORE_CLIENT_SECRET")?);
        let mut config = Config::experience_edge(Tenant::Current, id, secret)?;
        if let Ok(audience) = env::var("SITECORE_AUDIENCE") {
            config = config.to_builder().audience(audience).build()?;
        }
        let edge = match (env::var("SITECORE_AUTH_URL"), env::var("SITECORE_EDGE_URL")) {
            (Ok(endpoint), Ok(url)) => {
                config = config.to_builder().endpoint(&endpoint).build()?;
                ExperienceEdge::at(&url)?
            }
            (Err(_), Err(_)) => ExperienceEdge::new(),
            _ => return Err("set both SITECORE_AUTH_URL and SITECORE_EDGE_URL, or neither".into()),
        };
        Ok(Self {
            edge,
            source: TokenSource::new(UreqTransport::new(), config),
            _local: None,
        })
    }

    fn local(local: LocalEdge) -> Result<Self, Box<dyn Error>> {
        let secret = Secret::new(local.client_secret());
        let config = Config::experience_edge(Tenant::Current, local.client_id(), secret)?
            .to_builder()
            .endpoint(local.token_url())
            .build()?;
        Ok(Self {
            edge: ExperienceEdge::at(local.base_url())?,
            source: TokenSource::new(UreqTransport::new(), config),
            _local: Some(local),
        })
    }
}
