//! The options of the command line.

use std::error::Error;

#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) processes: Option<usize>,
    pub(crate) seed: Option<u64>,
    pub(crate) minutes: Option<u64>,
    /// `endure` ends after so many token requests.
    pub(crate) requests: Option<u64>,
    /// The callers of `endure`: threads or tasks.
    pub(crate) with: Option<String>,
    only: Option<String>,
}

impl Arguments {
    /// Reads the words after the command.
    pub(crate) fn parse(words: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut arguments = Self::default();
        for pair in words.chunks(2) {
            match pair {
                [name, value] if name == "--processes" => {
                    arguments.processes = Some(value.parse()?)
                }
                [name, value] if name == "--seed" => arguments.seed = Some(value.parse()?),
                [name, value] if name == "--minutes" => arguments.minutes = Some(value.parse()?),
                [name, value] if name == "--requests" => arguments.requests = Some(value.parse()?),
                [name, value] if name == "--with" => arguments.with = Some(value.clone()),
                [name, value] if name == "--only" => arguments.only = Some(value.clone()),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(arguments)
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == name)
    }
}

pub(crate) const USAGE: &str = "usage: edge-oauth-fleet scale|holders|random|faults|load [--processes N] [--only NAME] [--seed N]\n       edge-oauth-fleet endure [--minutes N | --requests N] [--seed N] [--with threads|tasks]";
