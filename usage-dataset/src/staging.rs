//! Where days are written before they become part of the data set.

use std::{
    env,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::{NamedTempFile, TempDir};

use crate::error::{Error, Result};

/// The directory with the staged files, next to the table: engines would read them within it.
const NAME: &str = "_gc_usage_staging";
/// A file in the staging directory, and in the directory of each run.
const LOCK: &str = "lock";

/// Where a run stages its days.
#[derive(Debug)]
pub(crate) enum Staging {
    /// In the root of the data set, so that a rename can replace a day. Dropped in this order: the lock first.
    Directory { _lock: File, run: TempDir },
    /// In the system's temporary directory.
    Temporary,
}

impl Staging {
    /// Stages in the root of a data set, and removes what runs left that were killed.
    pub(crate) fn within(root: &Path) -> Result<Self> {
        let directory = root.join(NAME);
        make_directory(&directory).map_err(|error| Error::disk("create", &directory, error))?;
        let failed = |error| Error::disk("write", &directory, error);
        let everybody = File::create(directory.join(LOCK)).map_err(failed)?;
        // Held while directories are made and removed, so that none is removed before it is locked. Some file systems
        // have no locks. There, no directory can be known to be left over.
        match everybody.lock() {
            Ok(()) => remove_dead(&directory),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(error) => return Err(failed(error)),
        }
        let run = TempDir::with_prefix_in("run-", &directory).map_err(failed)?;
        let lock = File::create(run.path().join(LOCK)).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(error) => return Err(failed(error.into())),
        }
        Ok(Self::Directory { _lock: lock, run })
    }

    /// Where other temporary files belong.
    pub(crate) fn scratch(&self) -> PathBuf {
        match self {
            Self::Directory { run, .. } => run.path().to_owned(),
            Self::Temporary => env::temp_dir(),
        }
    }

    pub(crate) fn file(&self) -> Result<StagedDay> {
        let failed = |error| Error::disk("write", &self.scratch(), error);
        let file = match self {
            Self::Directory { run, .. } => Staged::Named(readable_by_others(run.path()).map_err(failed)?),
            Self::Temporary => Staged::Anonymous(tempfile::tempfile().map_err(failed)?),
        };
        Ok(StagedDay(file))
    }
}

/// A day that is being written. It is not part of the data set until [`Writer::replace`](crate::Writer::replace), and is
/// removed when it is dropped.
#[derive(Debug)]
pub struct StagedDay(pub(crate) Staged);

#[derive(Debug)]
pub(crate) enum Staged {
    Named(NamedTempFile),
    Anonymous(File),
}

impl StagedDay {
    /// How many bytes were written.
    ///
    /// # Errors
    ///
    /// The file cannot be examined.
    pub fn size(&self) -> Result<u64> {
        let (file, path) = match &self.0 {
            Staged::Named(file) => (file.as_file(), file.path().to_owned()),
            Staged::Anonymous(file) => (file, env::temp_dir()),
        };
        let metadata = file.metadata();
        Ok(metadata
            .map_err(|error| Error::disk("examine", &path, error))?
            .len())
    }
}

impl Write for StagedDay {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Staged::Named(file) => file.as_file_mut().write(bytes),
            Staged::Anonymous(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Renames a staged file to its place. After a crash, the old file or the new one is there, and complete.
pub(crate) fn publish(staged: NamedTempFile, target: &Path) -> Result<()> {
    let failed = |error| Error::disk("write", target, error);
    staged.as_file().sync_all().map_err(failed)?;
    let Some(directory) = target.parent() else {
        return Err(failed(io::ErrorKind::InvalidFilename.into()));
    };
    make_directory(directory).map_err(|error| Error::disk("create", directory, error))?;
    staged.persist(target).map_err(|error| failed(error.error))?;
    sync_directory(directory).map_err(failed)
}

/// Removes the directories of runs that no longer live. They are only in the way, so failures do not matter.
fn remove_dead(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for run in entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
    {
        let is_dead = match File::open(run.join(LOCK)) {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if is_dead && let Err(error) = fs::remove_dir_all(&run) {
            tracing::debug!("cannot remove {}: {error}", run.display());
        }
    }
}

/// A file with the permissions of all new files. Those of temporary files keep other users out.
fn readable_by_others(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(directory)
}

/// Makes a directory with its parents, so that they survive a crash.
fn make_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let Some(parent) = directory.parent() else {
        return fs::create_dir(directory);
    };
    make_directory(parent)?;
    match fs::create_dir(directory) {
        // Another run may have made it in the meantime.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !directory.is_dir() => {
            return Err(error);
        }
        _ => {}
    }
    sync_directory(parent)
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> io::Result<()> {
    match File::open(directory)?.sync_all() {
        // Some network file systems cannot do it.
        Err(error) if [io::ErrorKind::InvalidInput, io::ErrorKind::Unsupported].contains(&error.kind()) => {
            Ok(())
        }
        outcome => outcome,
    }
}

/// Only Unix opens directories.
#[cfg(not(unix))]
fn sync_directory(_: &Path) -> io::Result<()> {
    Ok(())
}
