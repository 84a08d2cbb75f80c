//! Changes of the configuration file. Comments and other profiles stay as they are.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{mem, thread};

use edge_oauth_driver::system_time;
use toml::{Table, Value};

use crate::error::{CliError, Exit};
use crate::output::terminal;

/// Returns the text with a profile in addition.
pub(crate) fn with(text: &str, name: &str, profile: &Table) -> String {
    let gap = match text.is_empty() || text.ends_with("\n\n") {
        true => "",
        false if text.ends_with('\n') => "\n",
        false => "\n\n",
    };
    format!("{text}{gap}[profiles.{name}]\n{profile}")
}

/// Returns the text without a profile, or `None` if the profile cannot be removed alone, such as one that is written in
/// braces.
pub(crate) fn without(text: &str, name: &str) -> Option<String> {
    let mut rest = String::new();
    let mut is_of_profile = false;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with('[')
            && let Ok(header) = line.parse::<Table>()
        {
            let profiles = header.get("profiles").and_then(Value::as_table);
            is_of_profile = profiles.is_some_and(|profiles| profiles.contains_key(name));
        }
        if !is_of_profile {
            rest += line;
        }
    }
    let mut expected: Table = text.parse().ok()?;
    if let Some(Value::Table(profiles)) = expected.get_mut("profiles") {
        profiles.remove(name);
        if profiles.is_empty() {
            expected.remove("profiles");
        }
    }
    let found: Table = rest.parse().ok()?;
    (found == expected).then_some(rest)
}

/// Creates the folder of a file, for this user alone. Fails in a folder of another user, such as for root with the home of
/// a user.
pub(crate) fn create_folder_of(path: &Path) -> Result<(), CliError> {
    let folder = folder_of(path);
    if folder.is_dir() {
        return Ok(());
    }
    let refuse = |why: &dyn std::fmt::Display| {
        let message = format!("the folder {}: {why}", folder.display());
        CliError::new(Exit::Usage, message).next("use a home folder of your own: HOME names it")
    };
    let above = folder.ancestors().find(|folder| folder.exists());
    if !above.is_some_and(is_own) {
        return Err(refuse(
            &"is not created: the folder above belongs to another user",
        ));
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| refuse(&error))
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn is_own(folder: &Path) -> bool {
    use crate::input::file_permissions;

    fs::metadata(folder).is_ok_and(|metadata| file_permissions::is_own(&metadata))
}

#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    true
}

/// Locks the configuration file for a change, until the result is dropped, if the file system has locks. The system ends
/// the lock of a process that dies.
pub(crate) fn lock(path: &Path, time: Duration) -> Result<Option<File>, CliError> {
    let place = lock_place(&resolved(path));
    // Elsewhere a folder has no lock.
    let file = match cfg!(unix) {
        true => File::open(&place),
        false => File::create(&place),
    };
    let Ok(file) = file else {
        return Ok(None);
    };
    let end = system_time().after(time).monotonic;
    let mut has_waited = false;
    // The standard library's waiting lock has no timeout.
    while let Err(TryLockError::WouldBlock) = file.try_lock() {
        if system_time().monotonic >= end {
            let message = format!("another run is changing {}", path.display());
            return Err(CliError::new(Exit::Other, message).next("try again when it has ended"));
        }
        if !mem::replace(&mut has_waited, true) {
            let place = place.display();
            terminal::note(format_args!(
                "waiting for the lock of {place}, which another process has"
            ));
        }
        thread::sleep(SLICE);
    }
    Ok(Some(file))
}

/// Returns the folder, so that the lock leaves no file behind.
#[cfg(unix)]
fn lock_place(path: &Path) -> PathBuf {
    folder_of(path).to_owned()
}

#[cfg(not(unix))]
fn lock_place(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

/// Returns the path of the file to which a link leads.
fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file that replaces another one when it is complete. It is removed if it does not. Only the holder of the lock may
/// have one, since its name is always the same.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    target: PathBuf,
    is_in_place: bool,
}

impl NewFile {
    /// Writes the text beside its target, for this user alone. A target that is a link stays one.
    pub(crate) fn write(target: &Path, text: &[u8]) -> Result<Self, CliError> {
        let target = resolved(target);
        // Such as a device, which no file may replace, or a link that leads nowhere.
        if fs::symlink_metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
            let message = format!("{} is not a file", target.display());
            return Err(CliError::new(Exit::Usage, message).next(OTHER_FILE));
        }
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let file = Self {
            path: target.with_file_name(name),
            target,
            is_in_place: false,
        };
        file.fill(text).map_err(|error| file.refuse(&error))?;
        Ok(file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Names the target in an error, since this file is gone when a person reads it.
    pub(crate) fn named(&self, error: CliError) -> CliError {
        let [new, target] = [&self.path, &self.target].map(|path| path.display().to_string());
        error.replacing(&new, &target)
    }

    /// Replaces the target.
    pub(crate) fn into_place(mut self) -> Result<(), CliError> {
        fs::rename(&self.path, &self.target).map_err(|error| self.refuse(&error))?;
        self.is_in_place = true;
        Ok(())
    }

    fn fill(&self, text: &[u8]) -> io::Result<()> {
        // A run that was killed may have left one.
        let _ = fs::remove_file(&self.path);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)?.write_all(text)
    }

    fn refuse(&self, error: &io::Error) -> CliError {
        let message = format!("the file {}: {error}", self.target.display());
        CliError::new(Exit::Other, message).next(OTHER_FILE)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.is_in_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

const OTHER_FILE: &str = "use --config with another file, in a folder that you can write";

/// The time after which the end of another run is seen.
const SLICE: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# mine\n[profiles.a]\nclient_id = \"1\" # one\n\n[profiles.a.params]\nx = \"y\"\n\n[ profiles . \"b\" ]\nclient_id = \"2\"\n";

    // fault: configuration-file-that-is-no-file
    #[cfg(unix)]
    #[test]
    fn place_that_is_no_file_is_not_replaced() {
        let folder = std::env::temp_dir().join(format!("edge-oauth-place-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let socket = folder.join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.join("link");
        std::os::unix::fs::symlink("missing", &link).unwrap();
        for place in [&socket, &link, &folder] {
            let error = NewFile::write(place, b"").unwrap_err();
            assert!(error.to_string().contains("is not a file"), "{error}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn profile_is_removed_with_its_tables_alone() {
        let rest = without(FILE, "a").unwrap();
        assert_eq!(rest, "# mine\n[ profiles . \"b\" ]\nclient_id = \"2\"\n");
        let rest = without(FILE, "b").unwrap();
        assert!(rest.ends_with("x = \"y\"\n\n"), "{rest}");
        assert_eq!(without(FILE, "c").unwrap(), FILE);
        assert_eq!(
            without("[profiles]\na = { client_id = \"1\" }\n", "a"),
            None
        );
        assert_eq!(
            without("[profiles.a]\nb = \"\"\"\n[profiles.c]\n\"\"\"\n", "a"),
            None
        );
    }

    #[test]
    fn profile_is_added_after_the_others() {
        let mut profile = Table::new();
        profile.insert("client_id".to_owned(), Value::String("a\"b".to_owned()));
        let text = with("[profiles.b]\nx = 1", "a", &profile);
        let expected = "[profiles.b]\nx = 1\n\n[profiles.a]\nclient_id = 'a\"b'\n";
        assert_eq!(text, expected);
        assert_eq!(without(&text, "a").unwrap(), "[profiles.b]\nx = 1\n\n");
    }
}
