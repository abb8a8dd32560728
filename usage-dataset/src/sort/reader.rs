//! Reads the rows of a run, one after the other.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    ops::Range,
    sync::Arc,
};

use super::{
    dictionary::Dictionary,
    format::{DAY, FIXED, ORDER, read_counts, read_number},
    row::Row,
};

/// A run of a file.
pub(super) struct RunReader {
    file: Arc<File>,
    /// What was not read yet.
    rest: Range<u64>,
    buffer: Vec<u8>,
    /// How much of the buffer was used.
    used: usize,
    row: Row,
    ended: bool,
}

impl RunReader {
    /// Reads the first row.
    pub(super) fn new(
        file: Arc<File>,
        run: Range<u64>,
        buffer: usize,
        dictionary: &Dictionary,
    ) -> io::Result<Self> {
        let mut reader = Self {
            file,
            rest: run,
            buffer: Vec::with_capacity(buffer.max(2 * FIXED)),
            used: 0,
            row: Row::default(),
            ended: false,
        };
        reader.advance(dictionary)?;
        Ok(reader)
    }

    /// The current row. Nothing after the last.
    pub(super) fn row(&self) -> Option<&Row> {
        (!self.ended).then_some(&self.row)
    }

    /// Reads the next row.
    pub(super) fn advance(&mut self, dictionary: &Dictionary) -> io::Result<()> {
        self.fill()?;
        self.ended = self.used == self.buffer.len();
        if self.ended {
            return Ok(());
        }
        let changes = self.byte()?;
        if changes & DAY != 0 {
            let day = u16::from_le_bytes([self.byte()?, self.byte()?]);
            self.row.set_day(day);
        }
        for (place, column) in ORDER.into_iter().enumerate() {
            if changes & 1 << place == 0 {
                continue;
            }
            match self.number()? {
                0 => self.row.set_absent(place),
                number if number & 1 == 0 => {
                    let number = u16::try_from(number / 2 - 1).map_err(|_| damaged())?;
                    self.row.set_shared(place, number, dictionary);
                }
                number => {
                    let length = usize::try_from(number / 2).map_err(|_| damaged())?;
                    let mut text = std::mem::take(self.row.own_mut(column));
                    self.read_text(length, &mut text)?;
                    *self.row.own_mut(column) = text;
                    self.row.set_own(place, dictionary);
                    self.fill()?;
                }
            }
        }
        let (counts, rest) = read_counts(self.unused()).ok_or_else(damaged)?;
        self.used = self.buffer.len() - rest.len();
        self.row.counts = counts;
        Ok(())
    }

    fn unused(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    /// Reads on, if less than a row without strings is left.
    fn fill(&mut self) -> io::Result<()> {
        if self.buffer.len() - self.used >= FIXED || self.rest.is_empty() {
            return Ok(());
        }
        self.buffer.drain(..self.used);
        self.used = 0;
        let room = (self.buffer.capacity() - self.buffer.len()) as u64;
        let more = room.min(self.rest.end - self.rest.start);
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(self.rest.start))?;
        if file.take(more).read_to_end(&mut self.buffer)? as u64 != more {
            return Err(damaged());
        }
        self.rest.start += more;
        Ok(())
    }

    fn byte(&mut self) -> io::Result<u8> {
        let byte = *self.unused().first().ok_or_else(damaged)?;
        self.used += 1;
        Ok(byte)
    }

    fn number(&mut self) -> io::Result<u64> {
        let (number, rest) = read_number(self.unused()).ok_or_else(damaged)?;
        self.used = self.buffer.len() - rest.len();
        Ok(number)
    }

    fn read_text(&mut self, length: usize, text: &mut String) -> io::Result<()> {
        let mut bytes = std::mem::take(text).into_bytes();
        bytes.clear();
        while bytes.len() < length {
            self.fill()?;
            let part = self.unused();
            let part = &part[..part.len().min(length - bytes.len())];
            if part.is_empty() {
                return Err(damaged());
            }
            bytes.extend_from_slice(part);
            self.used += part.len();
        }
        *text = String::from_utf8(bytes).map_err(|_| damaged())?;
        Ok(())
    }
}

/// Only something else that writes into the file can cause it.
fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a temporary file was changed by another program",
    )
}
