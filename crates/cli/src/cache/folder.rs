//! The folder of the kept tokens: the user's alone, and no link is followed in it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::cache::Problem;

/// `edge-oauth` in the user's cache folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes it, where it is missing, and refuses one that others could have a hand in.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Problem> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let folder = Self { path };
        match fs::symlink_metadata(&folder.path) {
            Ok(_) => {}
            Err(_) => {
                folder.check_home()?;
                builder
                    .create(&folder.path)
                    .map_err(|error| folder.problem(&error))?;
            }
        }
        folder.check()?;
        Ok(folder)
    }

    /// Where the user's is, or would be.
    pub(crate) fn path() -> Result<PathBuf, Problem> {
        let strategy = etcetera::choose_base_strategy();
        let strategy = strategy.map_err(|_| Problem::new("this user has no home folder"))?;
        Ok(strategy.cache_dir().join("edge-oauth"))
    }

    /// The user's, where there is one that others have no hand in.
    pub(crate) fn existing() -> Result<Option<Self>, Problem> {
        let folder = Self {
            path: Self::path()?,
        };
        match fs::symlink_metadata(&folder.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => folder.check().map(|()| Some(folder)),
        }
    }

    /// The names of the files of this kind that a run of this program may have made.
    pub(crate) fn list(&self, kind: &str) -> Result<Vec<String>, Problem> {
        let entries = fs::read_dir(&self.path).map_err(|error| self.problem(&error))?;
        let mut names = Vec::new();
        for entry in entries {
            let name = entry.map_err(|error| self.problem(&error))?.file_name();
            let parts = name.to_str().and_then(|name| name.split_once('.'));
            if let Some((id, _)) = parts.filter(|(id, end)| is_id(id) && *end == kind) {
                names.push(format!("{id}.{kind}"));
            }
        }
        names.sort();
        Ok(names)
    }

    /// Removes a file, or a link that stands in its place. Returns whether there was one.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, Problem> {
        match fs::remove_file(self.path.join(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Problem::new(format_args!(
                "{} is not removed: {error}",
                self.path.join(name).display()
            ))),
        }
    }

    /// A file's bytes; `None` where there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        match read_file(&self.path.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Problem::new(format_args!("{name}: {error}"))),
        }
    }

    pub(super) fn lock_file(&self, name: &str) -> Result<File, Problem> {
        let mut options = private();
        options.create(true).write(true);
        let file = options.open(self.path.join(name));
        file.map_err(|error| Problem::new(format_args!("{name}: {error}")))
    }

    /// Whoever reads sees the old file or the new one, never a part. `beside` is where the new one is
    /// written first; a run that was ended in the middle may have left one there.
    pub(super) fn replace(&self, name: &str, beside: &str, bytes: &[u8]) -> Result<(), Problem> {
        let beside = self.path.join(beside);
        let written =
            write_new(&beside, bytes).and_then(|()| fs::rename(&beside, self.path.join(name)));
        written.map_err(|error| {
            let _ = fs::remove_file(&beside);
            Problem::new(format_args!("{name}: {error}"))
        })
    }

    /// Writes a file and removes it.
    pub(super) fn probe(&self, name: &str) -> Result<(), Problem> {
        let written = write_new(&self.path.join(name), &[0; 1024]);
        let removed = self.remove(name);
        written.map_err(|error| Problem::new(format_args!("{name}: {error}")))?;
        removed.map(drop)
    }

    /// A home that was left to root, as by `sudo`, would get a folder that its user cannot write to.
    #[cfg(unix)]
    fn check_home(&self) -> Result<(), Problem> {
        use std::os::unix::fs::MetadataExt;

        let mut above = self.path.ancestors().skip(1);
        let nearest = above.find_map(|folder| fs::metadata(folder).ok());
        let user = rustix::process::geteuid().as_raw();
        match nearest {
            Some(nearest) if ![0, user].contains(&nearest.uid()) => Err(self.problem(
                &"is not made: the folder above belongs to another user. HOME or XDG_CACHE_HOME names it",
            )),
            _ => Ok(()),
        }
    }

    #[cfg(not(unix))]
    fn check_home(&self) -> Result<(), Problem> {
        Ok(())
    }

    #[cfg(unix)]
    fn check(&self) -> Result<(), Problem> {
        use std::os::unix::fs::MetadataExt;

        let metadata = fs::symlink_metadata(&self.path).map_err(|error| self.problem(&error))?;
        let mode = metadata.mode() & 0o777;
        if !metadata.is_dir() {
            Err(self.problem(&"is not a folder, or a link to one"))
        } else if metadata.uid() != rustix::process::geteuid().as_raw() {
            Err(self.problem(&"belongs to somebody else"))
        } else if mode & 0o022 != 0 {
            Err(self.problem(&format_args!(
                "can be written by others (mode {mode:04o}): chmod 700 keeps it yours"
            )))
        } else {
            Ok(())
        }
    }

    /// The user's folder is the user's by default; what others could do to it, they could do to more.
    #[cfg(not(unix))]
    fn check(&self) -> Result<(), Problem> {
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(self.problem(&"is not a folder, or a link to one")),
            Err(error) => Err(self.problem(&error)),
        }
    }

    fn problem(&self, what: &dyn std::fmt::Display) -> Problem {
        Problem::new(format_args!("{}: {what}", self.path.display()))
    }
}

/// Whether it is the digest of a configuration: 64 hex digits.
fn is_id(text: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    text.len() == 64 && text.bytes().all(hex)
}

/// The bytes of a regular file of a sensible size, whatever else may stand there.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut options = private();
    let file = options.read(true).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("is not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("is larger than any kept token"));
    }
    Ok(bytes)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private().create_new(true).write(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Born for the user alone; no link is followed, and no pipe waited for.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let mut options = OpenOptions::new();
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    options.mode(0o600).custom_flags(flags.cast_signed());
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

const LARGEST: u64 = 128 * 1024;
