//! Decodes the bytes of a response into batches of rows. Does no input or output.

use std::{fmt, hash::BuildHasher as _};

use super::{
    batch::{BatchBuilder, RowBatch},
    scanner::{Malformed, Scanned, Scanner},
};
use crate::{
    error::{Error, Result, excerpt::excerpt, kind::Kind},
    generated::types::QueryStatus,
    http::{json, response::Parts},
};

/// The first batch contains this much text, so that rows come early. Each further batch contains twice as much …
const FIRST_BATCH: usize = 16 * 1024;
/// … up to this, which fits in a processor's cache. A larger row has a batch of its own.
const LARGEST_BATCH: usize = 256 * 1024;

/// An incomplete value up to this size is parsed again with each new byte. A larger one is parsed again only after it
/// has grown by half, so that no value is parsed more than a few times.
const SMALL: usize = 4 * 1024;

/// Some programs and gateways put it before a text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

const NOT_UTF8: &str = "it is not UTF-8";

/// The default of the largest row.
pub(crate) const MAX_ROW_BYTES: usize = 1024 * 1024;

/// Positions in a text have 32 bits.
const LARGEST_ROW_BYTES: usize = 1 << 30;

/// Decodes the body of a results response piece by piece, for example a stored one. [`Execution::row_batches`] does
/// this with the service's response.
///
/// ```
/// use usage_client::RowDecoder;
///
/// # fn main() -> usage_client::Result<()> {
/// let response = br#"{"results":[{"clientId":"a","requests":7}],"queryStatus":"Complete"}"#;
/// let mut decoder = RowDecoder::new();
/// for mut piece in response.chunks(10) {
///     while let Some(batch) = decoder.decode(&mut piece)? {
///         println!("{} rows", batch.len());
///     }
/// }
/// if let Some(batch) = decoder.finish()? {
///     println!("{} rows, {:?}", batch.len(), decoder.query_status());
/// }
/// # Ok(())
/// # }
/// ```
///
/// [`Execution::row_batches`]: crate::Execution::row_batches
pub struct RowDecoder {
    /// Text that was not handed out. It was read up to `at`.
    text: String,
    at: usize,
    /// Bytes of an incomplete character.
    tail: Vec<u8>,
    /// How many bytes came before the text.
    before: u64,
    /// How much text must be unread before it is read again.
    wanted: usize,
    scanner: Scanner,
    batch_builder: BatchBuilder,
    /// How much text the current batch may contain.
    batch: usize,
    read: Checkpoint,
    delivered: Checkpoint,
    /// Rows that were delivered before, from another response of the same execution.
    skip: Option<Checkpoint>,
    failed: Option<Error>,
    /// Length of all rows that were read.
    row_bytes: u64,
}

/// The number of rows, and a hash of their text.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) rows: u64,
    hash: u64,
}

impl Checkpoint {
    fn add(&mut self, row: &str) {
        self.rows += 1;
        self.hash = foldhash::quality::FixedState::with_seed(self.hash).hash_one(row);
    }
}

impl Default for RowDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl RowDecoder {
    /// A decoder for one response, from its first byte.
    pub fn new() -> Self {
        Self::resuming(MAX_ROW_BYTES, Checkpoint::default())
    }

    /// Sets the largest row, or other value of the response, in bytes. No more is held in memory. 1 MiB by default,
    /// which is about a thousand times the size of a normal row. At most 1 GiB.
    #[must_use]
    pub fn with_max_row_bytes(mut self, bytes: usize) -> Self {
        self.scanner.set_max_value(bytes.min(LARGEST_ROW_BYTES));
        self
    }

    /// A decoder that skips the rows that were delivered before, if they are the same.
    pub(crate) fn resuming(max_row_bytes: usize, delivered: Checkpoint) -> Self {
        Self {
            text: String::new(),
            at: 0,
            tail: Vec::new(),
            before: 0,
            wanted: 0,
            scanner: Scanner::new(max_row_bytes.min(LARGEST_ROW_BYTES)),
            batch_builder: BatchBuilder::default(),
            batch: FIRST_BATCH,
            read: Checkpoint::default(),
            delivered,
            skip: (delivered.rows > 0).then_some(delivered),
            failed: None,
            row_bytes: 0,
        }
    }

    /// Reads from `input` until a batch is full, and moves `input` on. Nothing if all of it was read.
    ///
    /// # Errors
    ///
    /// [`is_decode`](Error::is_decode): the text is not a response of the API, or a row is too large. Rows before
    /// that place are handed out first.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<RowBatch>> {
        loop {
            if let Some(error) = &self.failed {
                return Err(error.clone());
            }
            if self.at > 0 && self.text.len() >= self.batch {
                match self.take_batch() {
                    Some(batch) => return Ok(Some(batch)),
                    None => self.forget_read(),
                }
            }
            if input.is_empty() {
                return Ok(None);
            }
            // A piece that makes the batch only a little larger is not cut: each batch costs time on its way to the reader.
            let fits = self.text.len() + input.len() <= 2 * self.batch;
            let room = self.batch.checked_sub(self.text.len()).filter(|room| *room > 0);
            let length = match fits {
                true => input.len(),
                false => input.len().min(room.unwrap_or(LARGEST_BATCH)),
            };
            let piece = input.split_off(..length).unwrap_or_default();
            let appended = self.append(piece);
            // The rows before bytes that are not text are read first.
            let outcome = self.scan().and(appended.map_err(|reason| self.error(reason)));
            if let Err(error) = outcome {
                self.failed = Some(error);
                if let Some(batch) = self.take_batch() {
                    return Ok(Some(batch));
                }
            }
        }
    }

    /// The rows of the last batch, if any are left. Call this after all bytes were decoded.
    ///
    /// # Errors
    ///
    /// [`is_decode`](Error::is_decode): the response ends early, or its unread rest is not valid.
    /// [`take_batch`](Self::take_batch) returns the rows before that place.
    pub fn finish(&mut self) -> Result<Option<RowBatch>> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.wanted = 0;
        if let Err(error) = self.scan() {
            self.failed = Some(error.clone());
            return Err(error);
        }
        if self.ends_early() {
            return Err(self.error("it ends early"));
        }
        if self.skip.is_some() && !self.says_not_done() {
            return Err(Error::changed());
        }
        Ok(self.take_batch())
    }

    /// Whether no byte has arrived.
    pub(crate) fn is_untouched(&self) -> bool {
        self.failed.is_none() && self.before == 0 && self.text.is_empty() && self.tail.is_empty()
    }

    /// The beginning of the text, if nothing of it could be read.
    pub(crate) fn unread_beginning(&self) -> Option<String> {
        (self.before == 0 && self.at == 0)
            .then(|| excerpt(self.text.as_bytes()))
            .flatten()
    }

    /// Whether the response is valid so far and only its end is missing.
    pub(crate) fn ends_early(&self) -> bool {
        self.failed.is_none() && !(self.scanner.is_at_end() && self.tail.is_empty())
    }

    /// The query status of the response. It may come after the rows.
    pub fn query_status(&self) -> Option<&QueryStatus> {
        self.scanner.status()
    }

    /// Whether the query has failed or is running, or the response is not one of a query. Then missing rows mean
    /// nothing.
    fn says_not_done(&self) -> bool {
        match self.query_status() {
            Some(QueryStatus::Failed | QueryStatus::Running) => true,
            Some(_) => false,
            None => !self.scanner.has_results(),
        }
    }

    /// The error in the response: why its query failed, or an error with a successful status. Nothing before the end
    /// was read.
    pub(crate) fn refusal(&self, parts: &Parts) -> Option<Error> {
        let other_members = || self.scanner.other_members();
        match self.query_status() {
            Some(QueryStatus::Failed) => Some(Error::query_failed(
                parts,
                "the query failed",
                other_members().as_bytes(),
            )),
            None if self.rows() == 0 => Error::error_under_success(parts, other_members().as_bytes()),
            _ => None,
        }
    }

    /// Length of all rows that were read so far.
    pub(crate) fn row_bytes(&self) -> u64 {
        self.row_bytes
    }

    /// The number of rows that were read so far.
    pub fn rows(&self) -> u64 {
        self.read.rows
    }

    /// The rows that were handed out, from this response and earlier ones.
    pub(crate) fn delivered(&self) -> Checkpoint {
        self.delivered
    }

    /// The rows that were read but not handed out, even if they are few or before an early end.
    pub fn take_batch(&mut self) -> Option<RowBatch> {
        if self.batch_builder.is_empty() {
            return None;
        }
        let unread = self.text.split_off(self.at);
        let batch = self.batch_builder.take(&mut self.text);
        self.text.push_str(&unread);
        self.before += self.at as u64;
        self.at = 0;
        self.batch = LARGEST_BATCH.min(2 * self.batch);
        self.delivered = self.read;
        Some(batch)
    }

    /// Drops text that no row refers to.
    fn forget_read(&mut self) {
        self.text.drain(..self.at);
        self.before += self.at as u64;
        self.at = 0;
    }

    /// Appends bytes. They may begin and end within a character.
    fn append(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !self.tail.is_empty() {
            let Some(byte) = bytes.split_off_first() else {
                return Ok(());
            };
            self.tail.push(*byte);
            match std::str::from_utf8(&self.tail) {
                Ok(character) => {
                    self.text.push_str(character);
                    self.tail.clear();
                }
                Err(error) if error.error_len().is_some() => return Err(NOT_UTF8),
                Err(_) => {}
            }
        }
        // Growth by doubling would hold twice the memory of a batch. A value that is larger than any batch needs it.
        let (length, room) = (self.text.len(), self.text.capacity() - self.text.len());
        if room < bytes.len() && length + bytes.len() <= 2 * LARGEST_BATCH {
            // Small pieces must not make it grow each time.
            let least = self.batch.saturating_sub(length).max(self.batch / 8);
            self.text.reserve_exact(bytes.len().max(least));
        }
        match simdutf8::compat::from_utf8(bytes) {
            Ok(text) => self.text.push_str(text),
            Err(error) => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                self.text.push_str(std::str::from_utf8(whole).unwrap_or_default());
                if error.error_len().is_some() {
                    return Err(NOT_UTF8);
                }
                self.tail.extend_from_slice(rest);
            }
        }
        Ok(())
    }

    /// Reads all complete rows.
    fn scan(&mut self) -> Result<()> {
        if self.before == 0 && self.at == 0 && self.text.starts_with(BYTE_ORDER_MARK) {
            self.at = BYTE_ORDER_MARK.len();
        }
        if self.text.len() - self.at < self.wanted {
            return Ok(());
        }
        loop {
            let rows = &mut self.batch_builder.packed;
            match self.scanner.next(&self.text, &mut self.at, rows) {
                Ok(Scanned::Row(place)) => {
                    self.row_bytes += place.len() as u64;
                    self.read.add(&self.text[place]);
                    if let Some(skip) = self.skip {
                        rows.clear();
                        if self.read == skip {
                            self.skip = None;
                        } else if self.read.rows == skip.rows {
                            return Err(Error::changed());
                        }
                    }
                }
                Ok(Scanned::More) => {
                    let unread = self.text.len() - self.at;
                    self.wanted = if unread > SMALL { unread + unread / 2 } else { 0 };
                    return Ok(());
                }
                Err(Malformed::Surrogate) if json::repair_text(&mut self.text, self.at) => {}
                Err(malformed) => {
                    let offset = match &malformed {
                        Malformed::WrongType(_, offset) => *offset,
                        _ => 0,
                    };
                    return Err(self.error_after(&malformed.to_string(), offset));
                }
            }
        }
    }

    fn error(&self, reason: &str) -> Error {
        self.error_after(reason, 0)
    }

    fn error_after(&self, reason: &str, offset: usize) -> Error {
        let row = self.read.rows + 1;
        let byte = self.before + (self.at + offset) as u64;
        Error::new(
            Kind::Decode,
            format!("the results cannot be read: {reason} (at row {row}, byte {byte})"),
        )
    }
}

impl fmt::Debug for RowDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowDecoder")
            .field("rows", &self.read.rows)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson | Self::Surrogate => f.write_str(json::NOT_JSON),
            Self::Page => f.write_str(json::A_PAGE),
            Self::WrongType(reason, _) => f.write_str(reason),
            Self::Twice(key) => write!(f, "`{key}` appears twice"),
            Self::TooLarge(limit) => write!(
                f,
                "a row or other value is larger than the limit of {limit} bytes, which `max_row_bytes` sets"
            ),
            Self::Trailing => f.write_str("something follows its end"),
        }
    }
}
