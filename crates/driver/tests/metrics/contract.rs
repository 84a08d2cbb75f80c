//! The tables of docs/guide/metrics.md.

use std::fs;
use std::path::{Path, PathBuf};

/// A row of the table of metrics.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Metric {
    pub(crate) name: String,
    pub(crate) kind: String,
    /// Beside those that all have, sorted.
    pub(crate) labels: Vec<String>,
    pub(crate) meaning: String,
}

pub(crate) fn documented() -> impl Iterator<Item = Metric> {
    let rows = rows("metric").into_iter();
    rows.map(|row| Metric {
        name: quoted(&row[0])[0].clone(),
        kind: row[1].clone(),
        labels: {
            let mut labels = quoted(&row[2]);
            labels.sort();
            labels
        },
        meaning: row[3].clone(),
    })
}

pub(crate) fn documented_values() -> impl Iterator<Item = (String, String)> {
    rows("label").into_iter().flat_map(|row| {
        let label = quoted(&row[0])[0].clone();
        quoted(&row[1])
            .into_iter()
            .map(move |value| (label.clone(), value))
    })
}

/// Returns the cells of the table whose first column has this head.
fn rows(head: &str) -> Vec<Vec<String>> {
    let text = read(&docs().join("guide/metrics.md"));
    let lines = text
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {head} |")));
    let rows = lines.skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let cells = row.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let rows: Vec<_> = rows.map(cells).collect();
    assert!(!rows.is_empty(), "there is a table of each {head}");
    rows
}

fn quoted(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
