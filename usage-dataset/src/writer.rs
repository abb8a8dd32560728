//! Writes days into a data set: each is replaced whole, or stays as it is.

use std::{fs::File, path::PathBuf};

use tokio::task::spawn_blocking;

use crate::{
    dataset::{self, Dataset},
    error::{Error, ErrorKind, Result},
    info::DayInfo,
    read::Unreadable,
    staging::{Staged, StagedDay, Staging, publish},
};

/// Writes days into a [`Dataset`]. In a directory, it stages days in a separate directory until they are complete. That
/// directory is removed when the writer is dropped, or by the next writer if the process is killed.
#[derive(Debug)]
pub struct Writer {
    dataset: Dataset,
    staging: Staging,
}

/// The result of [`Writer::replace`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Replaced {
    /// The data set has it now.
    Written,
    /// The data set has a response that was requested later, and keeps it.
    KeptNewer,
}

impl Dataset {
    /// A writer of this data set. Several may write at once, in several processes too.
    ///
    /// # Errors
    ///
    /// The directory cannot be written.
    pub async fn writer(&self) -> Result<Writer> {
        let staging = match self.location().as_directory() {
            Some(root) => {
                let root = root.to_owned();
                blocking(move || Staging::within(&root)).await?
            }
            None => Staging::Temporary,
        };
        Ok(Writer {
            dataset: self.clone(),
            staging,
        })
    }
}

impl Writer {
    /// The data set that it writes.
    pub fn dataset(&self) -> &Dataset {
        &self.dataset
    }

    /// A directory for temporary files, such as those of [`RowSorter`](crate::RowSorter).
    pub fn scratch(&self) -> PathBuf {
        self.staging.scratch()
    }

    /// A file to write a day to.
    ///
    /// # Errors
    ///
    /// The file cannot be created.
    pub fn stage(&self) -> Result<StagedDay> {
        self.staging.file()
    }

    /// Makes a staged day part of the data set, in place of the one that it has. Readers see the old day or the new one,
    /// never a part. Dropping the future leaves one of the two.
    ///
    /// # Errors
    ///
    /// The store or the directory fails. Or the stored day is of another
    /// [`SourceFamily`](crate::SourceFamily), of another organization, or of
    /// a newer version: it stays as it is. A stored day that is damaged is replaced.
    pub async fn replace(&self, staged: StagedDay, info: &DayInfo) -> Result<Replaced> {
        let path = dataset::object(&info.profile, info.day)?;
        match self.dataset.open_object(&path).await {
            Ok(None) => {}
            Ok(Some(stored)) => {
                self.check(stored.info(), info)?;
                if stored.info().submitted_at > info.submitted_at {
                    return Ok(Replaced::KeptNewer);
                }
            }
            Err(Unreadable::Damaged(reason)) => tracing::warn!("a damaged day is replaced: {reason}"),
            Err(reason) => return Err(self.dataset.unreadable(&path, reason)),
        }
        match (staged.0, self.dataset.location().as_directory()) {
            (Staged::Named(file), Some(root)) => {
                let target = root.join(path);
                blocking(move || publish(file, &target)).await?;
            }
            (Staged::Named(file), None) => self.put(&path, file.into_file(), info).await?,
            (Staged::Anonymous(file), _) => self.put(&path, file, info).await?,
        }
        Ok(Replaced::Written)
    }

    /// Puts a day into the store. If the response is lost, the store may have the day all the same.
    async fn put(&self, path: &str, file: File, info: &DayInfo) -> Result<()> {
        let Err(error) = self.dataset.store.put(path, file).await else {
            return Ok(());
        };
        if error.kind() == ErrorKind::Store
            && let Ok(Some(stored)) = self.dataset.open_object(path).await
            && stored.info() == info
        {
            return Ok(());
        }
        Err(error)
    }

    fn check(&self, stored: &DayInfo, info: &DayInfo) -> Result<()> {
        let (organization, day) = (&info.profile, info.day);
        let reason = if stored.profile != *organization {
            format!(
                "it has the day of the organization `{}`, because its directory does not distinguish upper and lower case; \
                 choose another name",
                stored.profile,
            )
        } else if stored.source != info.source {
            format!(
                "it has the day from {}, which count other requests than {}; use another location for them",
                stored.source, info.source,
            )
        } else {
            return Ok(());
        };
        let location = self.dataset.location();
        Err(Error::new(
            ErrorKind::Location,
            format!("organization `{organization}`, {day}: {location} is not changed: {reason}"),
        ))
    }
}

/// Runs work on files, which may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    spawn_blocking(work).await.unwrap_or_else(|error| {
        let message = format!("work on files of the data set did not end: {error}");
        Err(Error::new(ErrorKind::Disk, message))
    })
}

#[cfg(test)]
mod tests;
