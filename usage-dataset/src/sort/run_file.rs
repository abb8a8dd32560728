//! A temporary file of sorted runs.

use std::{
    fs::File,
    io::{self, Seek as _, SeekFrom, Write as _},
    ops::Range,
    sync::Arc,
};

use super::{
    Limits,
    dictionary::Dictionary,
    format::{DAY, ORDER, write_counts},
    reader::RunReader,
    row::Row,
};

/// How many bytes are written at once.
const BUFFER: usize = 64 * 1024;

/// Runs, one after the other.
pub(super) struct RunFile {
    file: Arc<File>,
    runs: Vec<Range<u64>>,
}

impl RunFile {
    pub(super) fn new(file: File) -> Self {
        Self {
            file: Arc::new(file),
            runs: Vec::new(),
        }
    }

    /// How many runs it has.
    pub(super) fn runs(&self) -> usize {
        self.runs.len()
    }

    /// Drops all runs.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.runs.clear();
        self.file.set_len(0)
    }

    /// Begins a run.
    pub(super) fn writer(&mut self) -> io::Result<RunWriter<'_>> {
        let start = self.runs.last().map_or(0, |run| run.end);
        // Readers share the position.
        (&*self.file).seek(SeekFrom::Start(start))?;
        Ok(RunWriter {
            file: self,
            run: start..start,
            buffer: Vec::with_capacity(2 * BUFFER),
        })
    }

    /// A reader of each run.
    pub(super) fn readers(&self, dictionary: &Dictionary, limits: &Limits) -> io::Result<Vec<RunReader>> {
        let runs = self.runs.iter();
        runs.map(|run| RunReader::new(self.file.clone(), run.clone(), limits.read_bytes, dictionary))
            .collect()
    }
}

/// Writes a run to the end of a file.
pub(super) struct RunWriter<'a> {
    file: &'a mut RunFile,
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

    pub(super) fn add(&mut self, row: &Row, before: Option<&Row>) -> io::Result<()> {
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

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.file.runs.push(self.run);
        Ok(())
    }
}
