//! The sections that are measured from outside: the program, and the trees of crates.

use std::fmt::Write;

use super::progress;
use crate::{program, tree};

pub(super) fn program_section(out: &mut String, rounds: usize) {
    progress("the program");
    let _ = write!(out, "{PROGRAM}");
    let tables = match program::measure(rounds) {
        Ok(tables) => tables,
        Err(error) => {
            let _ = writeln!(out, "Not measured: {error}.\n");
            return;
        }
    };
    let _ = writeln!(out, "The program has {:.1} MB.\n", tables.size as f64 / 1e6);
    for rows in tables.tables {
        let _ = writeln!(
            out,
            "| program | ms, ratio | CPU, ratio | memory, ratio | ms, minimum | ms, median | CPU ms, minimum | CPU ms, median | peak MB |\n\
             |---|---:|---:|---:|---:|---:|---:|---:|---:|"
        );
        let first = rows[0].used.as_ref().ok();
        for row in &rows {
            let _ = match (&row.used, first) {
                (Err(error), _) => writeln!(out, "| {} | {error} |{}", row.name, " |".repeat(7)),
                (Ok(used), first) => {
                    let ratio = |of: fn(&program::Used) -> f64| {
                        first.map_or("?".to_owned(), |first| {
                            format!("{:.2}", of(used) / of(first))
                        })
                    };
                    writeln!(
                        out,
                        "| {} | {} | {} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
                        row.name,
                        ratio(|used| used.wall.median),
                        ratio(|used| used.cpu.median),
                        ratio(|used| used.peak.median),
                        used.wall.least,
                        used.wall.median,
                        used.cpu.least,
                        used.cpu.median,
                        used.peak.median,
                    )
                }
            };
        }
        out.push('\n');
    }
}

pub(super) fn tree_section(out: &mut String) {
    let _ = write!(out, "{TREE}");
    for (package, client) in tree::PACKAGES {
        let _ = match tree::count(package, client) {
            Ok((all, None)) => writeln!(out, "| {package} | {all} | | |"),
            Ok((all, Some(alone))) => {
                writeln!(out, "| {package} | {all} | {alone} | {} |", all - alone)
            }
            Err(error) => writeln!(out, "| {package} | {error} | | |"),
        };
    }
    out.push('\n');
}

const PROGRAM: &str = include_str!("../text/program.md");
const TREE: &str = include_str!("../text/tree.md");
