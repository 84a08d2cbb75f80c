//! Checks that other users cannot write a file.

use std::fs::Metadata;

/// The permitted owners of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// This user, or root.
    User,
    /// Every user, if this user is root: in a container, root reads files mounted for another user.
    Anyone,
}

/// Returns the reason not to trust a file, or `None` if only the user or the system can change it.
#[cfg(unix)]
pub(crate) fn doubt(metadata: &Metadata, may_own: Owner) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    if is_overridden() {
        return None;
    }
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o777);
    let is_root = rustix::process::geteuid().is_root();
    if owner != 0 && !is_own(metadata) && !(is_root && may_own == Owner::Anyone) {
        return Some(format!(
            "belongs to another user (id {owner}), who could change it"
        ));
    }
    let group = if is_private_group(metadata) { 0 } else { 0o020 };
    (mode & (0o002 | group) != 0)
        .then(|| format!("can be written by others (mode {mode:04o}), who could change it"))
}

/// Returns `None`: access control lists say more than a mode, and by default only the user can write to their folder.
#[cfg(not(unix))]
pub(crate) fn doubt(_: &Metadata, _: Owner) -> Option<String> {
    None
}

#[cfg(unix)]
pub(crate) fn is_own(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Returns whether the owner is the only member of the file's group, as on systems with umask 002. Reads the system's
/// files: a group of a directory service is not in them and counts as shared.
#[cfg(unix)]
pub(crate) fn is_private_group(metadata: &Metadata) -> bool {
    use std::fs::read_to_string;
    use std::os::unix::fs::MetadataExt;

    let (Ok(users), Ok(groups)) = (read_to_string("/etc/passwd"), read_to_string("/etc/group"))
    else {
        return false;
    };
    is_private(&users, &groups, metadata.uid(), metadata.gid())
}

#[cfg(unix)]
fn is_private(users: &str, groups: &str, owner: u32, group: u32) -> bool {
    let (owner, group) = (owner.to_string(), group.to_string());
    let mut name = None;
    for user in users.lines() {
        let fields: Vec<_> = user.split(':').collect();
        match fields.as_slice() {
            [user, _, id, primary, ..] if *id == owner && *primary == group => name = Some(*user),
            [_, _, _, primary, ..] if *primary == group => return false,
            _ => {}
        }
    }
    let Some(name) = name else {
        return false;
    };
    let mut found = false;
    for line in groups.lines() {
        if let [_, _, id, members] = line.split(':').collect::<Vec<_>>().as_slice()
            && *id == group
        {
            found = true;
            if members
                .split(',')
                .any(|member| !member.is_empty() && member != name)
            {
                return false;
            }
        }
    }
    found
}

/// Returns whether the user turned the checks off, since another system protects the files, such as a mount.
#[cfg(unix)]
pub(crate) fn is_overridden() -> bool {
    std::env::var_os(OVERRIDE).is_some_and(|value| value == "1")
}

pub(crate) const OVERRIDE: &str = "EDGE_OAUTH_TRUST_FILES";

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    // fault: private-group-refused
    #[test]
    fn group_of_its_owner_alone_is_private() {
        let users =
            "root:x:0:0::/:\nann:x:1000:1000::/:\nbob:x:1001:1001::/:\neve:x:1002:100::/:\n";
        let groups = "root:x:0:\nann:x:1000:\nbob:x:1001:bob\nusers:x:100:\n";
        assert!(is_private(users, groups, 1000, 1000));
        assert!(is_private(users, groups, 1001, 1001));
        assert!(is_private(users, groups, 1002, 100), "nobody else is in it");
        assert!(!is_private(users, groups, 1000, 1001), "another's");
        assert!(!is_private(users, groups, 7, 7), "unknown");
        let shared = groups.replace("ann:x:1000:", "ann:x:1000:bob");
        assert!(!is_private(users, &shared, 1000, 1000));
        let primary = format!("{users}mal:x:1003:1000::/:\n");
        assert!(!is_private(&primary, groups, 1000, 1000));
        assert!(!is_private("", "", 1000, 1000));
    }
}
