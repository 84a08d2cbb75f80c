//! The tables of docs/guide.
#![allow(dead_code, reason = "each file of tests reads some of them")]

use std::collections::BTreeSet;
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
    let rows = rows("metrics.md", "metric").into_iter();
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
    rows("metrics.md", "label").into_iter().flat_map(|row| {
        let label = quoted(&row[0])[0].clone();
        quoted(&row[1])
            .into_iter()
            .map(move |value| (label.clone(), value))
    })
}

/// Returns the metrics that these files of docs/metrics name.
pub(crate) fn names_in(files: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files {
        let text = read(&docs().join("metrics").join(file));
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let words = text.split(|c| !is_part(c));
        for word in words.filter(|word| word.starts_with("edge_oauth_")) {
            let suffixes = ["_bucket", "_sum", "_count"];
            let name = suffixes.iter().find_map(|suffix| word.strip_suffix(suffix));
            names.insert(name.unwrap_or(word).to_owned());
        }
    }
    names
}

/// A line of the log.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) level: String,
    pub(crate) message: String,
    /// Beside those that all have, in order.
    pub(crate) fields: Vec<String>,
}

pub(crate) fn documented_lines() -> impl Iterator<Item = Line> {
    let rows = rows("logs-and-metrics.md", "level").into_iter();
    rows.map(|row| Line {
        level: quoted(&row[0])[0].to_uppercase(),
        message: row[1].clone(),
        fields: quoted(&row[2]),
    })
}

/// Returns the fields of the span, and the values of its outcome.
pub(crate) fn documented_span() -> (Vec<String>, Vec<String>) {
    let rows = rows("logs-and-metrics.md", "field");
    let fields = rows.iter().flat_map(|row| quoted(&row[0])).collect();
    let outcome = rows.iter().find(|row| quoted(&row[0]) == ["outcome"]);
    (fields, quoted(&outcome.unwrap()[1]))
}

/// Returns the cells of the table whose first column has this head.
fn rows(page: &str, head: &str) -> Vec<Vec<String>> {
    let text = read(&docs().join("guide").join(page));
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
