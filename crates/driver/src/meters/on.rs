//! Records the events of one source by the `metrics` facade.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use edge_oauth_no_io::{Config, Event};
use metrics::{Gauge, gauge};

use crate::meters::series::Series;
use crate::meters::table::{WAITING, describe};

/// The metrics of one source.
pub(crate) struct Meters {
    series: Mutex<Arc<Series>>,
    waiting: Arc<AtomicUsize>,
}

/// A caller that waits; dropped, it waits no more.
pub(crate) struct Waiting {
    count: Arc<AtomicUsize>,
    gauge: Option<Gauge>,
}

impl Meters {
    pub(crate) fn new(config: &Config) -> Self {
        let series = Series::new(config);
        quietly(|| {
            describe();
            series.start();
        });
        Self {
            series: Mutex::new(Arc::new(series)),
            waiting: Arc::default(),
        }
    }

    pub(crate) fn record(&self, config: &Config, event: &Event) {
        quietly(|| {
            let mut series = self.series();
            if series.key != *config.cache_key() {
                series.end();
                series = Arc::new(Series::new(config));
                series.start();
                *self.lock() = Arc::clone(&series);
            }
            series.record(event);
        });
    }

    /// Counts a caller that begins to wait.
    pub(crate) fn waiting(&self) -> Waiting {
        let waiting = Waiting {
            gauge: quietly(|| gauge!(WAITING, self.series().labels.clone())),
            count: Arc::clone(&self.waiting),
        };
        waiting.count.fetch_add(1, Ordering::SeqCst);
        waiting.show();
        waiting
    }

    /// Returns the series without its lock: the recorder is somebody else's code, and may call the source.
    fn series(&self) -> Arc<Series> {
        Arc::clone(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Series>> {
        self.series.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Meters {
    /// No alert is about the token of a source that is gone.
    fn drop(&mut self) {
        quietly(|| self.series().end());
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
        self.show();
    }
}

impl Waiting {
    /// Sets the gauge: in OpenTelemetry a gauge cannot be incremented.
    fn show(&self) {
        let Some(gauge) = &self.gauge else { return };
        quietly(|| {
            loop {
                let count = self.count.load(Ordering::SeqCst);
                gauge.set(count as f64);
                // Another thread may have set the gauge to a later count, just before.
                if count == self.count.load(Ordering::SeqCst) {
                    return;
                }
            }
        });
    }
}

/// Runs code of the recorder. A recorder that panics must not take a caller or an acquisition with it.
fn quietly<R>(record: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(record)).ok()
}
