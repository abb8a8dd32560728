//! Sorted runs in temporary files.

use std::{io, path::PathBuf};

use super::{
    Limits,
    dictionary::Dictionary,
    merge::Merge,
    row::Row,
    run::Run,
    run_file::{RunFile, RunWriter},
};

/// Runs in files without names, which the operating system removes with the process. A file has runs of about the same size.
/// When it has as many as can be merged at once, they become one run of the next file. So each row is written a few times at most,
/// for any number of rows.
pub(super) struct Spill {
    scratch: PathBuf,
    files: Vec<RunFile>,
}

impl Spill {
    pub(super) fn new(scratch: PathBuf) -> Self {
        Self {
            scratch,
            files: Vec::new(),
        }
    }

    /// Sorts a run and writes it.
    pub(super) fn add(
        &mut self,
        run: &mut Run,
        dictionary: &mut Dictionary,
        limits: &Limits,
    ) -> io::Result<()> {
        let mut out = self.writer(0)?;
        run.write(dictionary, &mut out)?;
        out.finish()?;
        let mut level = 0;
        while self.files[level].runs() >= limits.merged {
            let mut merge = Merge::new(self.files[level].readers(dictionary, limits)?);
            let mut out = self.writer(level + 1)?;
            let mut before: Option<Row> = None;
            while let Some(row) = merge.row() {
                out.add(row, before.as_ref())?;
                match &mut before {
                    Some(before) => before.clone_from(row),
                    None => before = Some(row.clone()),
                }
                merge.advance(dictionary)?;
            }
            out.finish()?;
            self.files[level].clear()?;
            level += 1;
        }
        Ok(())
    }

    /// All runs as one.
    pub(super) fn merge(&self, dictionary: &Dictionary, limits: &Limits) -> io::Result<Merge> {
        let mut readers = Vec::new();
        for file in &self.files {
            readers.extend(file.readers(dictionary, limits)?);
        }
        Ok(Merge::new(readers))
    }

    fn writer(&mut self, level: usize) -> io::Result<RunWriter<'_>> {
        if level == self.files.len() {
            self.files
                .push(RunFile::new(tempfile::tempfile_in(&self.scratch)?));
        }
        self.files[level].writer()
    }
}
