//! The number of crates in the tree of each package, and of its HTTP client alone.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The packages, each with its HTTP client.
pub(crate) const PACKAGES: [(&str, Option<&str>); 3] = [
    ("edge-oauth-no-io", None),
    ("edge-oauth-ureq", Some("ureq")),
    ("edge-oauth-reqwest", Some("reqwest")),
];

/// Returns the number of crates in a package's tree, itself included, and in the client's part of it. It is one tree, so
/// the client has the same features in both counts.
pub(crate) fn count(package: &str, client: Option<&str>) -> Result<(usize, Option<usize>), String> {
    let output = Command::new("cargo")
        .args(["tree", "--locked", "--edges=normal", "--prefix=depth"])
        .args(["--no-dedupe", "--package", package])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
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
