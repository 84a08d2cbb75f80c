//! The configuration file: its place, its text, and the profile that is chosen in it.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;

use crate::error::{CliError, Exit};
use crate::input::file;
use crate::input::file_permissions;
use crate::settings::profile::{Profile, parse};

/// Returns the profile of this name, or the profile `default` if there is one. Checks the whole file.
pub(crate) fn read(
    name: Option<&str>,
    file: Option<&Path>,
    time: Duration,
) -> Result<Option<Profile>, CliError> {
    let path = match (file, default_file()) {
        (Some(file), _) => file.to_owned(),
        (None, Some(path)) => path,
        (None, None) if name.is_none() => return Ok(None),
        (None, None) => {
            let message = "no profile: this user has no home folder, and so no configuration file";
            return Err(CliError::new(Exit::Usage, message).next("use --config FILE"));
        }
    };
    let text = match load(&path, time)? {
        Some(text) => text,
        None if file.is_none() && name.is_none() => return Ok(None),
        None => {
            let message = format!("the configuration file {} does not exist", path.display());
            return Err(CliError::new(Exit::Usage, message)
                .next("create it with edge-oauth login, or use --config FILE with another one"));
        }
    };
    let mut profiles = parse(&text, &path)?;
    let wanted = name.unwrap_or("default");
    let position = profiles.iter().position(|profile| profile.name == wanted);
    match (position, name) {
        (Some(position), _) => Ok(Some(profiles.swap_remove(position))),
        (None, None) => Ok(None),
        (None, Some(name)) => Err(no_such_profile(name, &profiles, &path)),
    }
}

/// Returns the text of the configuration file, or `None` if there is none.
pub(crate) fn load(path: &Path, time: Duration) -> Result<Option<String>, CliError> {
    // Most runs have no such file, and looking for it takes no time limit. The home of a service may be `/dev/null`.
    let found = path.metadata().map_err(|error| error.kind());
    if let Err(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) = found {
        return Ok(None);
    }
    let bytes = match file::read(path, LARGEST, time, trusted) {
        Ok(bytes) => bytes,
        Err(error)
            if error.kind() == io::ErrorKind::PermissionDenied && error.get_ref().is_some() =>
        {
            let message = format!("the configuration file {} {error}", path.display());
            return Err(CliError::new(Exit::Usage, message).next(
                "check the servers in the file, then run chmod go-w; or use --config FILE with a file of your own",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let message = format!("the configuration file {}: {error}", path.display());
            return Err(
                CliError::new(Exit::Usage, message).next("use --config FILE with another file")
            );
        }
    };
    let text = file::text(&bytes).map_err(|invalid| {
        let message = format!("the configuration file {} {invalid}", path.display());
        CliError::new(Exit::Usage, message)
    })?;
    Ok(Some(text.to_owned()))
}

/// Returns the path of the configuration file without `--config`.
pub(crate) fn default_file() -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.config_dir();
    Some(folder.join("edge-oauth").join("config.toml"))
}

/// Checks that other users cannot write the file, since it names the servers that receive the secret. A pipe is
/// exempt.
fn trusted(metadata: &Metadata) -> io::Result<()> {
    match file_permissions::doubt(metadata, file_permissions::Owner::User)
        .filter(|_| metadata.is_file())
    {
        Some(doubt) => Err(io::Error::new(io::ErrorKind::PermissionDenied, doubt)),
        None => Ok(()),
    }
}

fn no_such_profile(name: &str, profiles: &[Profile], path: &Path) -> CliError {
    let names: Vec<_> = profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    let message = format!("{} has no profile {name:?}", path.display());
    CliError::new(Exit::Usage, message).next(match names.as_slice() {
        [] => format!("add a table [profiles.{name}] to it"),
        names => format!("use one of its profiles: {}", names.join(", ")),
    })
}

const LARGEST: usize = 1024 * 1024;
