//! The origins of the values of a run.

use crate::origin::Origin;

/// The origin of each value, in the order of output.
#[derive(Debug, Default)]
pub(crate) struct Sources(Vec<Source>);

#[derive(Debug)]
struct Source {
    name: &'static str,
    origin: Origin,
    remark: &'static str,
}

impl Sources {
    /// Returns the name of each value, and its origin as text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&'static str, String)> {
        let text = |source: &Source| format!("{}{}", source.origin, source.remark);
        self.0.iter().map(move |source| (source.name, text(source)))
    }

    /// Returns the origin of a value.
    pub(crate) fn origin(&self, name: &str) -> Option<&Origin> {
        let mut sources = self.0.iter();
        sources
            .find(|source| source.name == name)
            .map(|source| &source.origin)
    }

    pub(super) fn add(&mut self, name: &'static str, origin: Origin) {
        self.0.push(Source {
            name,
            origin,
            remark: "",
        });
    }

    /// Adds a remark to a value, if it has this origin.
    pub(super) fn remark(&mut self, name: &str, origin: &Origin, remark: &'static str) {
        let mut sources = self.0.iter_mut();
        if let Some(source) = sources.find(|source| source.name == name && source.origin == *origin)
        {
            source.remark = remark;
        }
    }
}
