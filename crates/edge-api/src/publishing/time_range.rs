//! A range of time, for the filter of a list of jobs.

use crate::input_error::InputError;

/// A range of time. Its bounds are dates as the service writes them (RFC 3339), or days such as `2026-11-01`.
///
/// ```
/// use edge_oauth_no_io::Operation;
/// use experience_edge_api::{Publishing, TimeRange};
///
/// let november = TimeRange::after("2026-11-01").and_before("2026-12-01");
/// let request = Publishing::new().job_summary(Some(&november))?.request();
/// assert_eq!(
///     request.uri().query().unwrap(),
///     "system.queuedTime=%3E2026-11-01&system.queuedTime=%3C2026-12-01",
/// );
/// # Ok::<_, experience_edge_api::InputError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeRange {
    /// Each bound with its operator. The operators for a bound that belongs to the range are not documented.
    bounds: Vec<String>,
}

impl TimeRange {
    /// Returns the time after a date.
    pub fn after(date: &str) -> Self {
        Self {
            bounds: vec![format!(">{date}")],
        }
    }

    /// Returns the time before a date.
    pub fn before(date: &str) -> Self {
        Self {
            bounds: vec![format!("<{date}")],
        }
    }

    /// Adds an end.
    #[must_use]
    pub fn and_before(mut self, date: &str) -> Self {
        self.bounds.push(format!("<{date}"));
        self
    }

    /// Returns the values of the parameter, or an error if a bound is no date.
    pub(crate) fn values(&self, field: &'static str) -> Result<&[String], InputError> {
        let is_date = |bound: &String| {
            let date = &bound[1..];
            date.starts_with(|c: char| c.is_ascii_digit())
                && date.bytes().all(|byte| {
                    byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'+' | b'T' | b'Z')
                })
                && date.len() <= MAX_LENGTH
        };
        match self.bounds.iter().all(is_date) {
            true => Ok(&self.bounds),
            false => Err(InputError::invalid(
                field,
                "is not a date such as 2026-11-01",
            )),
        }
    }
}

const MAX_LENGTH: usize = 40;
