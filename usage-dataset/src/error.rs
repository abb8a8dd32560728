//! What can go wrong with a data set.

use std::{fmt, io, path::Path, sync::Arc};

/// A result with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a data set cannot be read or written. It says what failed, at which place, and why.
#[derive(Clone, Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The location of the data set, or a name, cannot be used.
    Location,
    /// The store refuses the credentials, or a permission is missing.
    Access,
    /// The store cannot be reached, or fails.
    Store,
    /// The directory or the scratch space cannot be read or written.
    Disk,
    /// An object is not one of the data set, or is damaged.
    Corrupt,
    /// The rows of the service cannot be stored as they are.
    Rows,
    /// The rows do not have the sums that they must have.
    Mismatch,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// A file or directory that cannot be used: `action` is `write`, `read`, `create`.
    pub(crate) fn disk(action: &str, path: &Path, error: io::Error) -> Self {
        Self::of_disk(&format!("{action} {}", path.display()), error)
    }

    /// An operation of the disk that failed: `what` is `write usage.parquet`.
    pub(crate) fn of_disk(what: &str, error: io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "the disk is full; free some space, or choose another directory".to_owned()
            }
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                format!("{error}; change its permissions, or choose another directory")
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                "a part of the path is a file, not a directory; choose another directory".to_owned()
            }
            _ => error.to_string(),
        };
        Self::new(ErrorKind::Disk, format!("cannot {what}: {reason}")).with_source(error)
    }

    /// A temporary file that cannot be used.
    pub(crate) fn scratch(action: &str, directory: &Path, error: io::Error) -> Self {
        Self::disk(&format!("{action} a temporary file in"), directory, error)
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
