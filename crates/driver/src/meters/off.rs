//! No metrics.

use edge_oauth_no_io::{Config, Event};

pub(crate) struct Meters;

pub(crate) struct Waiting;

impl Meters {
    pub(crate) fn new(_: &Config) -> Self {
        Self
    }

    pub(crate) fn record(&self, _: &Config, _: &Event) {}

    pub(crate) fn waiting(&self) -> Waiting {
        Waiting
    }
}
