//! Advice about a job that goes on after its watch.

use edge_oauth_no_io::printable;

use crate::error::{CliError, Exit};

/// Returns the advice on a job that goes on.
pub(super) fn goes_on(id: &str) -> String {
    let id = printable(id, SHOWN);
    format!(
        "edge-oauth publish status {id} --wait watches it again, and edge-oauth publish cancel {id} cancels it"
    )
}

/// Returns the error of a watch that a signal ended, without the exit status for the signal.
pub(super) fn interrupted(id: &str) -> CliError {
    CliError::new(Exit::Other, "interrupted: the job goes on").next(goes_on(id))
}

const SHOWN: usize = 256;
