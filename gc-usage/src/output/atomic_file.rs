//! A file that is written completely or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tempfile::NamedTempFile;

use super::write_back::WriteBack;
use crate::error::CliError;

/// Larger than that of a stream, because nobody waits for the next piece of a file.
const BUFFER: usize = 256 * 1024;

/// The path of the hidden file, while there is one that must be removed at the end.
static HIDDEN: Mutex<Option<PathBuf>> = Mutex::new(None);

fn hide(path: Option<PathBuf>) {
    *HIDDEN.lock().unwrap_or_else(PoisonError::into_inner) = path;
}

/// Removes the hidden file when the process exits without dropping its values.
pub(crate) fn abandon() {
    if let Some(path) = HIDDEN.lock().unwrap_or_else(PoisonError::into_inner).take() {
        // It may be removed already.
        let _ = fs::remove_file(path);
    }
}

/// Writes to a hidden file, which replaces the named file at the end.
pub(super) struct AtomicFile {
    hidden: BufWriter<WriteBack>,
    /// The file behind the links when it was opened. A link that is changed later may lead to another user's file.
    target: PathBuf,
    /// Whether to write into the old file, because a new one would have another owner, group or access control list.
    in_place: bool,
}

/// The attribute in which Linux stores an access control list.
#[cfg(target_os = "linux")]
const ACL: &str = "system.posix_acl_access";

/// How many bytes of a file's name are in the name of the hidden file, so that the longer name is not too long for the file
/// system.
const NAME_BYTES: usize = 100;

impl AtomicFile {
    /// `old` describes the existing file, if there is one.
    pub(super) fn open(path: &Path, old: Option<&fs::Metadata>) -> Result<Self, CliError> {
        let failed = |error: &io::Error| CliError::file("write", path, error);
        let target = links(path).last().unwrap_or_else(|| path.to_owned());
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let short: String = name
            .char_indices()
            .take_while(|(at, character)| at + character.len_utf8() <= NAME_BYTES)
            .map(|(_, character)| character)
            .collect();
        let prefix = format!(".{short}.");
        let directory = directory_of(&target);
        if !directory.is_dir() {
            return Err(CliError::local(format!(
                "cannot write {}: there is no directory {}",
                path.display(),
                directory.display()
            ))
            .with_hint("create it first, or choose another place with --output"));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".part");
        #[cfg(unix)]
        if old.is_none() {
            // The permissions of any new file. Only its owner could read a temporary one.
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        }
        let hidden = builder.tempfile_in(directory);
        let hidden = hidden.map_err(|error| failed(&system_error(&error)))?;
        hide(std::path::absolute(hidden.path()).ok());
        let in_place = old.is_some_and(|old| has_acl(&target) || !takes_after(hidden.as_file(), old));
        if in_place {
            // If it cannot be written, fail now and not after the query.
            File::options()
                .write(true)
                .open(&target)
                .map_err(|error| failed(&error))?;
        }
        Ok(Self {
            hidden: BufWriter::with_capacity(BUFFER, WriteBack::new(hidden)),
            target,
            in_place,
        })
    }

    /// The directory of the file.
    pub(super) fn directory(&self) -> &Path {
        directory_of(&self.target)
    }

    /// Ends writing. Only now does the file appear, and it is on the disk.
    pub(super) fn finish(self) -> io::Result<()> {
        let hidden = self.hidden.into_inner().map_err(io::IntoInnerError::into_error)?;
        let hidden = hidden.finish()?;
        if self.in_place {
            return write_into(hidden, &self.target);
        }
        match hidden.persist(&self.target) {
            Ok(_) => {
                hide(None);
                Ok(())
            }
            // A mounted file, such as one in a container, cannot be replaced.
            Err(error) if error.error.kind() == ErrorKind::ResourceBusy => {
                write_into(error.file, &self.target)
            }
            Err(error) => Err(error.error),
        }
    }
}

fn directory_of(file: &Path) -> &Path {
    let directory = file
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    directory.unwrap_or(Path::new("."))
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hidden.write(bytes).map_err(|error| system_error(&error))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hidden.write_all(bytes).map_err(|error| system_error(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hidden.flush().map_err(|error| system_error(&error))
    }
}

/// Writes into the existing file. If that fails, the hidden file stays, since it is complete.
fn write_into(hidden: NamedTempFile, target: &Path) -> io::Result<()> {
    hide(None);
    let copied = (|| {
        let mut to = File::options().write(true).open(target)?;
        let length = io::copy(&mut hidden.reopen()?, &mut to)?;
        to.set_len(length)?;
        to.sync_all()
    })();
    copied.map_err(|error| match hidden.keep() {
        Ok((_, path)) => io::Error::other(format!("{error}; the complete output is in {}", path.display())),
        Err(_) => error,
    })
}

/// Gives a new file the owner, group and permissions of the file that it replaces. Returns false if that is not possible.
#[cfg(unix)]
fn takes_after(new: &File, old: &fs::Metadata) -> bool {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
    let owned = |file: &fs::Metadata| (file.uid(), file.gid());
    let is_owned = new.metadata().is_ok_and(|new| owned(&new) == owned(old))
        || fchown(new, Some(old.uid()), Some(old.gid())).is_ok();
    // Without the bits that let others run it as its owner.
    let permissions = fs::Permissions::from_mode(old.mode() & 0o777);
    is_owned && new.set_permissions(permissions).is_ok()
}

/// Whether a file has an access control list in addition to its permissions. A new file would not have it.
#[cfg(target_os = "linux")]
fn has_acl(path: &Path) -> bool {
    xattr::get(path, ACL).is_ok_and(|list| list.is_some())
}

#[cfg(not(target_os = "linux"))]
fn has_acl(_path: &Path) -> bool {
    false
}

#[cfg(not(unix))]
fn takes_after(_new: &File, _old: &fs::Metadata) -> bool {
    true
}

/// How many links are followed, as in Linux.
const MOST_LINKS: usize = 40;

/// A path, and the targets of its chain of links. The last target need not exist.
pub(super) fn links(path: &Path) -> impl Iterator<Item = PathBuf> {
    let next = |link: &PathBuf| {
        let to = fs::read_link(link).ok()?;
        Some(link.parent().unwrap_or(Path::new("")).join(to))
    };
    std::iter::successors(Some(path.to_owned()), next).take(MOST_LINKS + 1)
}

/// The system's error without the path of the hidden file, which the user does not know.
fn system_error(error: &io::Error) -> io::Error {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said),
        None => io::Error::new(error.kind(), text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_keeps_its_access_control_list() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("usage.csv");
        fs::write(&path, "old").unwrap();
        // Version 2; then tag, permissions and id of the owner, another user, the group, the mask and others.
        let mut list = vec![2, 0, 0, 0];
        for (tag, may, id) in [
            (1_u16, 6_u16, u32::MAX),
            (2, 6, 1234),
            (4, 4, u32::MAX),
            (16, 6, u32::MAX),
            (32, 0, u32::MAX),
        ] {
            list.extend(
                tag.to_le_bytes()
                    .into_iter()
                    .chain(may.to_le_bytes())
                    .chain(id.to_le_bytes()),
            );
        }
        // Skipped if the file system has no access control lists.
        if xattr::set(&path, ACL, &list).is_err() {
            return;
        }
        let old = fs::metadata(&path).unwrap();
        let mut replaced = AtomicFile::open(&path, Some(&old)).unwrap();
        replaced.write_all(b"new").unwrap();
        replaced.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(xattr::get(&path, ACL).unwrap(), Some(list));
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_written_in_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("usage.csv");
        fs::write(&path, "the old one, which is longer").unwrap();
        // A process that has the file open still reads the same file, like a container that has it mounted.
        let mut held = File::open(&path).unwrap();
        let old = fs::metadata(&path).unwrap();
        let mut replaced = AtomicFile::open(&path, Some(&old)).unwrap();
        replaced.in_place = true;
        replaced.write_all(b"the new one").unwrap();
        replaced.finish().unwrap();
        assert_eq!(io::read_to_string(&mut held).unwrap(), "the new one");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn if_that_fails_the_output_is_kept_and_the_error_says_where() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("usage.csv");
        let mut replaced = AtomicFile::open(&path, None).unwrap();
        replaced.in_place = true;
        replaced.write_all(b"every row").unwrap();
        let error = replaced.finish().unwrap_err().to_string();
        let kept = error.rsplit_once("the complete output is in ").unwrap().1;
        assert_eq!(fs::read_to_string(kept).unwrap(), "every row");
        assert_eq!(Path::new(kept).parent(), Some(directory.path()));
    }
}
