//! Recorders of the tests.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata,
    SharedString, Unit,
};

use crate::contract::Metric;

/// Keeps every value of the process.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    descriptions: BTreeMap<String, (&'static str, String)>,
    /// The samples of a histogram; one value for the others.
    values: BTreeMap<Series, (&'static str, Vec<f64>)>,
}

type Series = (String, BTreeMap<String, String>);

struct Value(Recorder, Series);

impl Recorder {
    /// Returns the recorder of the process.
    pub(crate) fn install() -> Self {
        static RECORDER: OnceLock<Recorder> = OnceLock::new();
        let recorder = RECORDER.get_or_init(|| {
            let recorder = Self::default();
            metrics::set_global_recorder(recorder.clone()).unwrap();
            recorder
        });
        recorder.clone()
    }

    /// Returns each metric that was recorded, without the labels that all have.
    pub(crate) fn metrics(&self) -> impl Iterator<Item = Metric> {
        let state = self.0.lock().unwrap();
        let metric = |((name, labels), (kind, _)): (&Series, &(&'static str, _))| {
            let (described, meaning) = state.descriptions[name].clone();
            assert_eq!(described, *kind, "{name}");
            let mut labels: Vec<_> = labels.keys().cloned().collect();
            for common in ["host", "client_id", "cache_key"] {
                let at = labels.iter().position(|label| label == common);
                labels.remove(at.unwrap());
            }
            Metric {
                name: name.clone(),
                kind: (*kind).to_owned(),
                labels,
                meaning,
            }
        };
        let metrics: Vec<_> = state.values.iter().map(metric).collect();
        assert_eq!(
            state.descriptions.len(),
            metrics
                .iter()
                .map(|metric| &metric.name)
                .collect::<std::collections::BTreeSet<_>>()
                .len(),
            "each is described and recorded"
        );
        metrics.into_iter()
    }

    pub(crate) fn labels(&self) -> impl Iterator<Item = (String, String)> {
        let state = self.0.lock().unwrap();
        let labels: Vec<_> = state
            .values
            .keys()
            .flat_map(|(_, labels)| labels.clone())
            .collect();
        labels.into_iter()
    }

    /// Returns the sum of the series of a client that have these labels.
    pub(crate) fn sum(&self, name: &str, client_id: &str, labels: &[(&str, &str)]) -> f64 {
        let state = self.0.lock().unwrap();
        let series = state.values.iter().filter(|((its_name, its_labels), _)| {
            let has = |(label, value): &(&str, &str)| {
                its_labels
                    .get(*label)
                    .is_some_and(|its_value| its_value == value)
            };
            its_name == name && has(&("client_id", client_id)) && labels.iter().all(has)
        });
        series
            .map(|(_, (_, values))| values.iter().sum::<f64>())
            .sum()
    }

    pub(crate) fn samples(&self, name: &str, client_id: &str) -> Vec<f64> {
        let state = self.0.lock().unwrap();
        let series = state.values.iter();
        let of_client = series
            .filter(|((its_name, labels), _)| its_name == name && labels["client_id"] == client_id);
        of_client
            .flat_map(|(_, (_, values))| values.clone())
            .collect()
    }

    /// Returns the number of series of a client.
    pub(crate) fn series(&self, client_id: &str) -> usize {
        let state = self.0.lock().unwrap();
        let of_client = |labels: &BTreeMap<String, String>| labels["client_id"] == client_id;
        state
            .values
            .keys()
            .filter(|(_, labels)| of_client(labels))
            .count()
    }

    /// Returns all names, descriptions and labels.
    pub(crate) fn everything(&self) -> String {
        let state = self.0.lock().unwrap();
        format!("{:?} {:?}", state.descriptions, state.values)
    }

    fn describe(&self, kind: &'static str, name: &KeyName, description: &SharedString) {
        let description = (kind, description.to_string());
        let mut state = self.0.lock().unwrap();
        state
            .descriptions
            .insert(name.as_str().to_owned(), description);
    }

    fn value(&self, kind: &'static str, key: &Key) -> Arc<Value> {
        let labels = key
            .labels()
            .map(|label| (label.key().to_owned(), label.value().to_owned()));
        let series = (key.name().to_owned(), labels.collect());
        let initial = match kind {
            "histogram" => vec![],
            _ => vec![0.0],
        };
        let mut state = self.0.lock().unwrap();
        let value = state
            .values
            .entry(series.clone())
            .or_insert((kind, initial));
        assert_eq!(value.0, kind, "{series:?}");
        Arc::new(Value(self.clone(), series))
    }
}

impl Value {
    fn change(&self, change: impl FnOnce(&mut Vec<f64>)) {
        let mut state = self.0.0.lock().unwrap();
        change(&mut state.values.get_mut(&self.1).unwrap().1);
    }
}

impl CounterFn for Value {
    fn increment(&self, by: u64) {
        self.change(|values| values[0] += by as f64);
    }

    fn absolute(&self, _: u64) {
        panic!("no counter is set");
    }
}

impl GaugeFn for Value {
    fn increment(&self, by: f64) {
        self.change(|values| values[0] += by);
    }

    fn decrement(&self, by: f64) {
        self.change(|values| values[0] -= by);
    }

    fn set(&self, to: f64) {
        self.change(|values| values[0] = to);
    }
}

impl HistogramFn for Value {
    fn record(&self, value: f64) {
        self.change(|values| values.push(value));
    }
}

impl metrics::Recorder for Recorder {
    fn describe_counter(&self, name: KeyName, _: Option<Unit>, text: SharedString) {
        self.describe("counter", &name, &text);
    }

    fn describe_gauge(&self, name: KeyName, _: Option<Unit>, text: SharedString) {
        self.describe("gauge", &name, &text);
    }

    fn describe_histogram(&self, name: KeyName, _: Option<Unit>, text: SharedString) {
        self.describe("histogram", &name, &text);
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.value("counter", key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.value("gauge", key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.value("histogram", key))
    }
}

/// Counts its calls.
#[derive(Default)]
pub(crate) struct Counting(Arc<Calls>);

#[derive(Default)]
struct Calls(AtomicU64);

impl Counting {
    pub(crate) fn calls(&self) -> u64 {
        self.0.0.load(Ordering::SeqCst)
    }
}

impl Calls {
    fn count(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl CounterFn for Calls {
    fn increment(&self, _: u64) {
        self.count();
    }

    fn absolute(&self, _: u64) {
        self.count();
    }
}

impl GaugeFn for Calls {
    fn increment(&self, _: f64) {
        self.count();
    }

    fn decrement(&self, _: f64) {
        self.count();
    }

    fn set(&self, _: f64) {
        self.count();
    }
}

impl HistogramFn for Calls {
    fn record(&self, _: f64) {
        self.count();
    }
}

impl metrics::Recorder for Counting {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.count();
    }

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.count();
    }

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        self.0.count();
    }

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        self.0.count();
        Counter::from_arc(Arc::clone(&self.0))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        self.0.count();
        Gauge::from_arc(Arc::clone(&self.0))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        self.0.count();
        Histogram::from_arc(Arc::clone(&self.0))
    }
}

/// Panics at each call.
pub(crate) struct Panicking;

impl metrics::Recorder for Panicking {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        panic!("as scripted");
    }

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        panic!("as scripted");
    }

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {
        panic!("as scripted");
    }

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        panic!("as scripted");
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("as scripted");
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("as scripted");
    }
}
