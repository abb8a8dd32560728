//! Disks that are full, and directories that are not there.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use super::rows::{day, fetched, file, sent, sorted};
use crate::{ErrorKind, RowSorter, sort::Limits};

/// A file on a disk with room for some bytes.
struct Small {
    room: usize,
}

impl Write for Small {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let written = bytes.len().min(self.room);
        self.room -= written;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_an_error_wherever_the_file_ends() {
    let rows: Vec<_> = (0..50)
        .map(|number| sent(1, &format!("c{number}"), number))
        .collect();
    let size = file(&rows).1.len();
    // The first and last bytes, and some in between.
    for room in (0..20).chain((20..size).step_by(211)).chain(size - 20..size) {
        let mut sorted = sorted(&rows, 10, Limits::default()).unwrap();
        let error = sorted.write_day(day(1), &fetched(), Small { room }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disk, "{room} bytes: {error}");
        for part in ["2026-11-01", "the disk is full"] {
            assert!(error.to_string().contains(part), "{error} has no {part}");
        }
        let again = sorted.write_day(day(1), &fetched(), Vec::new()).unwrap_err();
        assert_eq!(
            again.kind(),
            ErrorKind::Rows,
            "half of a day was written as a day"
        );
    }
    sorted(&rows, 10, Limits::default())
        .unwrap()
        .write_day(day(1), &fetched(), Small { room: size })
        .unwrap();
}

#[test]
fn a_directory_that_cannot_be_used_is_an_error_that_names_it() {
    let missing = PathBuf::from("/nowhere/at/all");
    let mut sorter = RowSorter::new(missing.clone());
    sorter
        .add(&[sent(1, "a", 1).row()].into_iter().collect())
        .unwrap();
    let error = sorter.finish().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disk);
    assert!(
        error.to_string().contains(&missing.display().to_string()),
        "{error}"
    );
}
