//! Threads, file descriptors and memory of this process, and whether they grow.

/// One look, while all callers rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Resources {
    pub(crate) threads: u64,
    pub(crate) files: u64,
    /// Resident, in KiB.
    pub(crate) memory: u64,
}

impl Resources {
    /// Looks now. `None` on a system without `/proc`.
    pub(crate) fn read() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let value = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let files = std::fs::read_dir("/proc/self/fd").ok()?.count();
        Some(Self {
            threads: value("Threads:")?,
            files: u64::try_from(files).ok()?,
            memory: value("VmRSS:")?,
        })
    }
}

/// A name, the growth that is none, and the figure of a look.
type Kind = (&'static str, u64, fn(&Resources) -> u64);

/// Compares looks after a warm-up of a fifth: what grows is above its first quarter in all of its last quarter.
pub(crate) fn growth(looks: &[Resources]) -> Vec<String> {
    let warm = &looks[looks.len() / 5..];
    let quarter = warm.len() / 4;
    if quarter == 0 {
        return Vec::new();
    }
    let (first, last) = (&warm[..quarter], &warm[warm.len() - quarter..]);
    let kinds: [Kind; 3] = [
        ("threads", 2, |look| look.threads),
        ("file descriptors", 8, |look| look.files),
        ("KiB of memory", 2048, |look| look.memory),
    ];
    let grown = kinds.into_iter().filter_map(|(name, slack, of)| {
        let before = first.iter().map(of).max()?;
        let after = last.iter().map(of).min()?;
        (after > before + slack).then(|| format!("{name} grew from {before} to {after}"))
    });
    grown.collect()
}
