//! The origin of a value. Decisions compare origins, and people read their text.

use std::fmt;
use std::path::PathBuf;

/// The origin of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An option on the command line.
    Flag(&'static str),
    /// An environment variable.
    Variable(&'static str),
    /// The profile.
    Profile {
        name: String,
        file: PathBuf,
    },
    /// A file that the profile names.
    ProfileFile {
        path: PathBuf,
        profile: String,
    },
    /// A command that the profile names.
    ProfileCommand {
        profile: String,
    },
    /// A file that the command line names.
    File(PathBuf),
    Stdin,
    Terminal,
    /// The default of Experience Edge.
    Default,
    /// No value, and none is sent.
    NotSent,
    /// A placeholder for the user's value.
    Placeholder,
}

impl Origin {
    /// Returns the rank of the layer: the command line is before the environment, and the environment before all
    /// others.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 2,
            Self::Variable(_) => 1,
            _ => 0,
        }
    }

    pub(crate) fn is_profile(&self) -> bool {
        matches!(
            self,
            Self::Profile { .. } | Self::ProfileFile { .. } | Self::ProfileCommand { .. }
        )
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::Profile { name, file } => write!(f, "profile {name:?} in {}", file.display()),
            Self::ProfileFile { path, profile } => {
                write!(f, "the file {}, of {profile}", path.display())
            }
            Self::ProfileCommand { profile } => write!(f, "the command of {profile}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Stdin => f.write_str("standard input"),
            Self::Terminal => f.write_str("the terminal"),
            Self::Default => f.write_str("default of Experience Edge"),
            Self::NotSent => f.write_str("none is sent"),
            Self::Placeholder => f.write_str("a placeholder"),
        }
    }
}
