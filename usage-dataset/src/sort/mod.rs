//! Puts any number of rows in order, in bounded memory.
//!
//! [`run`] sorts as many rows as fit, and [`spill`] writes them to a [`run_file`] in the form of [`format`]. [`merge`] gives the
//! rows of all runs in order, each a [`row`] that a [`reader`] has. [`dictionary`] has the strings, each once, as [`texts`].

pub(crate) mod dictionary;
pub(crate) mod format;
pub(crate) mod merge;
mod reader;
pub(crate) mod row;
mod run;
mod run_file;
mod spill;
mod texts;

use std::{io, path::PathBuf};

use usage_client::RowRef;

use self::{
    dictionary::Dictionary,
    merge::Merge,
    run::{MOST_TEXTS, Run},
    spill::Spill,
};
use crate::row::Counts;

/// How much memory is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Rows of a run.
    pub(crate) rows: usize,
    /// Bytes of the counts of a run.
    pub(crate) counts_bytes: usize,
    /// Strings of the dictionary, and strings that only a run has.
    pub(crate) texts: usize,
    /// Bytes of these strings.
    pub(crate) texts_bytes: usize,
    /// Runs that are merged at once.
    pub(crate) merged: usize,
    /// Bytes that are read of a run at once.
    pub(crate) read_bytes: usize,
}

impl Default for Limits {
    /// About 8 MiB, and 2 MiB more while runs are merged.
    fn default() -> Self {
        Self {
            rows: 128 * 1024,
            counts_bytes: 2 * 1024 * 1024,
            texts: MOST_TEXTS,
            texts_bytes: 1024 * 1024,
            merged: 128,
            read_bytes: 16 * 1024,
        }
    }
}

/// Takes rows in any order.
pub(crate) struct Sorter {
    limits: Limits,
    dictionary: Dictionary,
    run: Run,
    spill: Spill,
}

impl Sorter {
    pub(crate) fn new(scratch: PathBuf, limits: Limits) -> Self {
        Self {
            limits,
            dictionary: Dictionary::default(),
            run: Run::default(),
            spill: Spill::new(scratch),
        }
    }

    pub(crate) fn add(
        &mut self,
        day: u16,
        texts: [Option<&str>; RowRef::TEXTS],
        counts: &Counts,
    ) -> io::Result<()> {
        let Self {
            limits,
            dictionary,
            run,
            spill,
        } = self;
        if run.is_full(limits) {
            spill.add(run, dictionary, limits)?;
        }
        run.add(day, texts, counts, dictionary, limits);
        Ok(())
    }

    pub(crate) fn finish(self) -> io::Result<Sorted> {
        let Self {
            limits,
            mut dictionary,
            mut run,
            mut spill,
        } = self;
        if !run.is_empty() {
            spill.add(&mut run, &mut dictionary, &limits)?;
        }
        // Its memory is needed for what follows.
        drop(run);
        let merge = spill.merge(&dictionary, &limits)?;
        Ok(Sorted { dictionary, merge })
    }
}

/// All rows, in order.
pub(crate) struct Sorted {
    /// The strings that rows have by number.
    pub(crate) dictionary: Dictionary,
    pub(crate) merge: Merge,
}
