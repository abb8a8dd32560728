//! Files that the shell opened, by the names that the system gives them: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/1`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::atomic_file::links;

/// The descriptor that a path is a name of, also through links.
pub(super) fn named_by(path: &Path) -> Option<u32> {
    let folders = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];
    let folders: Vec<_> = folders
        .iter()
        .filter_map(|folder| fs::canonicalize(folder).ok())
        .collect();
    links(path).find_map(|link| number(&link, &folders))
}

fn number(path: &Path, folders: &[PathBuf]) -> Option<u32> {
    let folder = fs::canonicalize(path.parent()?).ok()?;
    folders.contains(&folder).then_some(())?;
    path.file_name()?.to_str()?.parse().ok()
}
