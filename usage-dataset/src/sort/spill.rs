//! Sorted runs in temporary files.

use std::{
    fs::File,
    io::{self, Seek as _, SeekFrom, Write as _},
    ops::Range,
    path::PathBuf,
    sync::Arc,
};

use super::{
    Limits,
    dictionary::Dictionary,
    format::{DAY, ORDER, write_counts},
    merge::Merge,
    reader::RunReader,
    row::Row,
    run::Run,
};

/// How many bytes are written at once.
const BUFFER: usize = 64 * 1024;

/// Runs in files without names, which the operating system removes with the process. A file has runs of about the same size.
/// When it has as many as can be merged at once, they become one run of the next file. So each row is written a few times at most,
/// for any number of rows.
pub(super) struct Spill {
    scratch: PathBuf,
    files: Vec<SpillFile>,
}

struct SpillFile {
    file: Arc<File>,
    runs: Vec<Range<u64>>,
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
        while self.files[level].runs.len() >= limits.merged {
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
            let merged = &mut self.files[level];
            merged.runs.clear();
            merged.file.set_len(0)?;
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
            self.files.push(SpillFile {
                file: Arc::new(tempfile::tempfile_in(&self.scratch)?),
                runs: Vec::new(),
            });
        }
        let file = &mut self.files[level];
        let start = file.runs.last().map_or(0, |run| run.end);
        // Readers of the file share its position.
        (&*file.file).seek(SeekFrom::Start(start))?;
        Ok(RunWriter {
            file,
            run: start..start,
            buffer: Vec::with_capacity(2 * BUFFER),
        })
    }
}

impl SpillFile {
    fn readers(&self, dictionary: &Dictionary, limits: &Limits) -> io::Result<Vec<RunReader>> {
        let runs = self.runs.iter();
        runs.map(|run| RunReader::new(self.file.clone(), run.clone(), limits.read_bytes, dictionary))
            .collect()
    }
}

/// Writes a run to the end of a file.
pub(super) struct RunWriter<'a> {
    file: &'a mut SpillFile,
    run: Range<u64>,
    buffer: Vec<u8>,
}

impl RunWriter<'_> {
    /// Where the next row is put.
    pub(super) fn row(&mut self) -> io::Result<&mut Vec<u8>> {
        if self.buffer.len() >= BUFFER {
            self.flush()?;
        }
        Ok(&mut self.buffer)
    }

    fn add(&mut self, row: &Row, before: Option<&Row>) -> io::Result<()> {
        let changes = before.map_or(u8::MAX, |before| row.changes(before));
        let bytes = self.row()?;
        bytes.push(changes);
        if changes & DAY != 0 {
            bytes.extend_from_slice(&row.day().to_le_bytes());
        }
        for (place, column) in ORDER.into_iter().enumerate() {
            if changes & 1 << place != 0 {
                row.text(column).write(bytes);
            }
        }
        write_counts(bytes, &row.counts);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.file.file).write_all(&self.buffer)?;
        self.run.end += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.file.runs.push(self.run);
        Ok(())
    }
}
