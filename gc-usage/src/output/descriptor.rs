//! Recognizes the system's names of files that the shell opened: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/1`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::atomic_file::links;

/// The number of the descriptor that a path names, directly or through links.
pub(super) fn named_by(path: &Path) -> Option<u32> {
    let directories = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"];
    let directories: Vec<_> = directories
        .iter()
        .filter_map(|directory| fs::canonicalize(directory).ok())
        .collect();
    links(path).find_map(|link| number(&link, &directories))
}

fn number(path: &Path, directories: &[PathBuf]) -> Option<u32> {
    let directory = fs::canonicalize(path.parent()?).ok()?;
    directories.contains(&directory).then_some(())?;
    path.file_name()?.to_str()?.parse().ok()
}
