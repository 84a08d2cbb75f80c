//! The scripted end of a publishing job.

/// The end of a publishing job, for [`Simulator::script_jobs`](crate::Simulator::script_jobs). A job without a script
/// publishes all of its items.
///
/// ```
/// use edge_oauth_local::{JobOutcome, LocalEdge};
///
/// let edge = LocalEdge::start()?;
/// edge.script_jobs([JobOutcome::Failed("no storage".to_owned()), JobOutcome::WithFailedItems(2)]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobOutcome {
    /// `Completed`: all items are published.
    #[default]
    Completed,
    /// `Completed`, and this many items failed, or all items if the job has fewer.
    WithFailedItems(u64),
    /// `Failed`, with this text as `system.failureReason`.
    Failed(String),
}
