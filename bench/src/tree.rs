//! The number of crates in the tree of each package, and of its HTTP client alone.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::report::Report;

/// The packages, each with its HTTP client.
const PACKAGES: [(&str, Option<&str>); 3] = [
    ("edge-oauth-no-io", None),
    ("edge-oauth-ureq", Some("ureq")),
    ("edge-oauth-reqwest", Some("reqwest")),
];

pub(crate) fn section(report: &mut Report) {
    report.text(include_str!("text/tree.md"));
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut rows = Vec::new();
    for (package, client) in PACKAGES {
        let (all, alone) = match count(&workspace, package, client) {
            Ok(counts) => counts,
            Err(error) => {
                report.text(&format!("{package} was not counted: {error}."));
                continue;
            }
        };
        let (of_client, more) = alone.map_or_else(Default::default, |alone| {
            (alone.to_string(), (all - alone).to_string())
        });
        rows.push(vec![package.to_owned(), all.to_string(), of_client, more]);
        match alone {
            None => report.at_most(format!("{package}: crates"), 20.0, all as f64, None),
            Some(alone) => report.at_most(
                format!("{package}: crates more than its client's"),
                12.0,
                (all - alone) as f64,
                None,
            ),
        }
    }
    report.table(&["crate", "crates", "its client alone", "more"], &rows);
    report.verdicts();
}

/// Returns the number of crates in a package's tree, itself included, and in the client's part of it. It is one tree, so
/// the client has the same features in both counts.
pub(crate) fn count(
    workspace: &Path,
    package: &str,
    client: Option<&str>,
) -> Result<(usize, Option<usize>), String> {
    let output = Command::new("cargo")
        .args(["tree", "--edges=normal", "--prefix=depth"])
        .args(["--no-dedupe", "--package", package])
        .current_dir(workspace)
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !output.status.success() {
        return Err("cargo tree failed".to_owned());
    }
    let (mut all, mut below) = (BTreeSet::new(), BTreeSet::new());
    let mut within = None;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let name = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let depth: usize = line[..line.len() - name.len()].parse().unwrap_or_default();
        let name = name.trim_end_matches(" (proc-macro)").to_owned();
        if within.is_some_and(|top| depth <= top) {
            within = None;
        }
        if within.is_none() && client.is_some() && name.split(' ').next() == client {
            within = Some(depth);
        }
        if within.is_some() {
            below.insert(name.clone());
        }
        all.insert(name);
    }
    Ok((all.len(), client.map(|_| below.len())))
}
