//! The numbers of a publishing job.

use serde_json::Value;

use crate::http::json_object::{JsonObject, as_count};

/// The numbers of a publishing job, so far. A number that the service leaves out is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobStatistics {
    /// `itemsSent`: items that were sent to be published.
    pub items_sent: Option<u64>,
    /// `itemsProcessed`: items that are done. Older responses name it `processedCount`.
    pub items_processed: Option<u64>,
    /// `itemsFailed`: items that were not published.
    pub items_failed: Option<u64>,
    /// `totalCount`: all items of the job. Only in older responses.
    pub total_count: Option<u64>,
    /// `xmc.additionalItemsSent`: items that were sent on top, such as related items.
    pub additional_items_sent: Option<u64>,
    /// `xmc.itemsAcknowledged`: items that Edge has received.
    pub items_acknowledged: Option<u64>,
    /// `xmc.itemsDeleted`: items that were removed from Edge.
    pub items_deleted: Option<u64>,
    /// `xmc.itemsSkipped`: items without a change.
    pub items_skipped: Option<u64>,
}

impl JobStatistics {
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let statistics = JsonObject(json.as_object()?.clone());
        let count = |name: &str| statistics.get(name).and_then(as_count);
        let xmc = statistics.object("xmc").unwrap_or_default();
        let xmc_count = |name: &str| xmc.get(name).and_then(as_count);
        Some(Self {
            items_sent: count("itemsSent"),
            items_processed: count("itemsProcessed").or_else(|| count("processedCount")),
            items_failed: count("itemsFailed"),
            total_count: count("totalCount"),
            additional_items_sent: xmc_count("additionalItemsSent"),
            items_acknowledged: xmc_count("itemsAcknowledged"),
            items_deleted: xmc_count("itemsDeleted"),
            items_skipped: xmc_count("itemsSkipped"),
        })
    }
}
