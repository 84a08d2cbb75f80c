//! Whether somebody else could have written a file that is relied upon.

use std::fs::Metadata;

/// What others can do to the file, in words; `None` where it is the user's alone to change, or the system's.
#[cfg(unix)]
pub(crate) fn doubt(metadata: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o777);
    if owner != 0 && owner != rustix::process::geteuid().as_raw() {
        return Some(format!(
            "belongs to another user (id {owner}), who could change it"
        ));
    }
    (mode & 0o022 != 0)
        .then(|| format!("can be written by others (mode {mode:04o}), who could change it"))
}

/// Access control lists say more than a mode could, and the user's folder is the user's by default.
#[cfg(not(unix))]
pub(crate) fn doubt(_: &Metadata) -> Option<String> {
    None
}
