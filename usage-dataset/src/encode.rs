//! Writes the rows of a day as a Parquet file.

use std::{io, io::Write, sync::Arc};

use arrow_array::{ArrayRef, Date32Array, DictionaryArray, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use parquet::{
    arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::WriterProperties,
    },
};
use usage_client::RowRef;

use crate::{
    error::{Error, ErrorKind, Result},
    info::{DayInfo, FORMAT, Fetched, KEY},
    schema::{COLUMNS, Column, SCHEMA},
    sort::{
        dictionary::Dictionary,
        format::{DAY, ORDER, Text},
        row::Row,
    },
    sums::{ByClient, Sums},
};

/// Rows of a batch.
const BATCH: usize = 8192;
const ROW_GROUP: usize = 128 * 1024;
/// A row group is in memory until it is complete. Usual ones take a few MiB.
const ROW_GROUP_BYTES: usize = 8 * 1024 * 1024;
const ZSTD: i32 = 3;

const CLIENT: usize = 0;
const ORGANIZATION: usize = 2;

/// The file of a day in the making.
pub(crate) struct DayWriter<'a, W: Write + Send> {
    info: DayInfo,
    writer: ArrowWriter<W>,
    dictionary: &'a Dictionary,
    /// The strings of the dictionary, for all columns of all batches.
    values: Arc<StringArray>,
    profile: Arc<StringArray>,
    texts: [TextColumn; RowRef::TEXTS],
    counts: [Vec<i64>; RowRef::COUNTS],
    rows: usize,
    organization: Organization,
    by_client: ByClient,
}

/// A column of strings. Its numbers are those of the dictionary, and go on with its own strings.
#[derive(Default)]
struct TextColumn {
    numbers: Vec<Option<i32>>,
    own: Vec<String>,
}

/// The organization of the rows so far.
enum Organization {
    /// There are no rows.
    Unknown,
    /// All rows have it, or all rows have none.
    One(Option<String>),
    /// Rows have different ones.
    Many,
}

impl<'a, W: Write + Send> DayWriter<'a, W> {
    pub(crate) fn new(day: NaiveDate, fetched: &Fetched, dictionary: &'a Dictionary, out: W) -> Result<Self> {
        let info = DayInfo {
            format: FORMAT,
            created_by: fetched.created_by.clone(),
            profile: fetched.profile.clone(),
            organization_id: None,
            day,
            granularity: "Day".to_owned(),
            source: fetched.source,
            interval: fetched.interval.clone(),
            execution_ids: fetched.execution_ids.clone(),
            submitted_at: fetched.submitted_at,
            fetched_at: fetched.fetched_at,
            rows: 0,
            sums: Sums::default(),
        };
        let options = ArrowWriterOptions::new()
            .with_properties(properties().map_err(|error| failed(day, error))?)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, SCHEMA.clone(), options);
        Ok(Self {
            writer: writer.map_err(|error| failed(day, error))?,
            dictionary,
            values: Arc::new(StringArray::from_iter_values(dictionary.iter())),
            profile: Arc::new(StringArray::from_iter_values([&info.profile])),
            texts: Default::default(),
            counts: Default::default(),
            rows: 0,
            organization: Organization::Unknown,
            by_client: ByClient::default(),
            info,
        })
    }

    /// Adds a row. `changes` says what differs from the row before.
    pub(crate) fn add(&mut self, row: &Row, changes: u8) -> Result<()> {
        for (place, column) in ORDER.into_iter().enumerate() {
            self.texts[column].add(row.text(column), changes & 1 << place != 0, self.dictionary);
        }
        for (column, count) in self.counts.iter_mut().zip(row.counts) {
            column.push(count);
        }
        if changes & bit(CLIENT) != 0 {
            self.by_client.add_client(self.text(row, CLIENT));
        }
        if changes & bit(ORGANIZATION) != 0 {
            let organization = self.text(row, ORGANIZATION);
            match &self.organization {
                Organization::Unknown => {
                    self.organization = Organization::One(organization.map(str::to_owned))
                }
                Organization::One(one) if one.as_deref() != organization => {
                    self.organization = Organization::Many
                }
                _ => {}
            }
        }
        if !(self.info.sums.add(row.counts) && self.by_client.add(row.counts)) {
            let message = format!("the counts of {} have sums of more than 64 bits", self.info.day);
            return Err(Error::new(ErrorKind::Rows, message));
        }
        self.info.rows += 1;
        self.rows += 1;
        if self.rows == BATCH { self.write() } else { Ok(()) }
    }

    fn text<'r>(&self, row: &'r Row, column: usize) -> Option<&'r str>
    where
        'a: 'r,
    {
        match row.text(column) {
            Text::Absent => None,
            Text::Shared(number) => Some(self.dictionary.get(number)),
            Text::Own(text) => Some(text),
        }
    }

    /// Writes the batch.
    fn write(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let date = self
            .info
            .day
            .signed_duration_since(NaiveDate::default())
            .num_days() as i32;
        let columns = COLUMNS.iter().map(|column| -> ArrayRef {
            match *column {
                Column::Profile => {
                    let numbers = Int32Array::from(vec![0; rows]);
                    Arc::new(DictionaryArray::new(numbers, self.profile.clone()))
                }
                Column::Date => Arc::new(Date32Array::from(vec![date; rows])),
                Column::Text(place) => Arc::new(self.texts[place].take(&self.values)),
                Column::Count(place) => {
                    let next = Vec::with_capacity(BATCH);
                    Arc::new(Int64Array::from(std::mem::replace(&mut self.counts[place], next)))
                }
            }
        });
        let batch = RecordBatch::try_new(SCHEMA.clone(), columns.collect());
        let written = batch
            .map_err(ParquetError::from)
            .and_then(|batch| self.writer.write(&batch));
        written.map_err(|error| failed(self.info.day, error))
    }

    /// Completes the file.
    pub(crate) fn finish(mut self) -> Result<(DayInfo, ByClient)> {
        if self.rows > 0 {
            self.write()?;
        }
        let Self {
            mut info,
            mut writer,
            organization,
            by_client,
            ..
        } = self;
        if let Organization::One(organization) = organization {
            info.organization_id = organization;
        }
        let day = info.day;
        let closed = info
            .to_json()
            .map_err(|error| ParquetError::External(Box::new(error)));
        let closed = closed.and_then(|json| {
            writer.append_key_value_metadata(KeyValue::new(KEY.to_owned(), json));
            writer.finish()?;
            writer.inner_mut().flush().map_err(ParquetError::from)
        });
        closed.map_err(|error| failed(day, error))?;
        Ok((info, by_client))
    }
}

/// The bit of a column in the changes of a row.
fn bit(column: usize) -> u8 {
    let place = ORDER.iter().position(|place| *place == column);
    place.map_or(DAY, |place| 1 << place)
}

impl TextColumn {
    fn add(&mut self, text: Text<'_>, changed: bool, dictionary: &Dictionary) {
        let number = match text {
            Text::Absent => None,
            Text::Shared(number) => Some(i32::from(number)),
            Text::Own(text) => {
                // The first row of a batch has no row before it.
                if changed || self.own.is_empty() {
                    self.own.push(text.to_owned());
                }
                Some((dictionary.len() + self.own.len() - 1) as i32)
            }
        };
        self.numbers.push(number);
    }

    fn take(&mut self, shared: &Arc<StringArray>) -> DictionaryArray<arrow_array::types::Int32Type> {
        let numbers = Int32Array::from_iter(self.numbers.drain(..));
        let values = if self.own.is_empty() {
            shared.clone()
        } else {
            let shared = shared.iter().flatten();
            Arc::new(StringArray::from_iter_values(
                shared.chain(self.own.iter().map(String::as_str)),
            ))
        };
        self.own.clear();
        DictionaryArray::new(numbers, values)
    }
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let place = |column: usize| {
        COLUMNS
            .iter()
            .position(|other| matches!(other, Column::Text(place) if *place == column))
    };
    let sorted = ORDER
        .iter()
        .filter_map(|column| place(*column))
        .map(|place| SortingColumn {
            column_idx: place as i32,
            descending: false,
            nulls_first: true,
        });
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD)?))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_max_row_group_bytes(Some(ROW_GROUP_BYTES))
        .set_sorting_columns(Some(sorted.collect()))
        .build())
}

fn failed(day: NaiveDate, error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => {
                let reason = match error.kind() {
                    io::ErrorKind::StorageFull => "the disk is full. Free some space".to_owned(),
                    _ => error.to_string(),
                };
                return Error::new(
                    ErrorKind::Disk,
                    format!("cannot write the file of {day}: {reason}"),
                )
                .with_source(*error);
            }
            Err(error) => ParquetError::External(error),
        },
        error => error,
    };
    Error::new(
        ErrorKind::Rows,
        format!("the rows of {day} cannot be encoded: {error}"),
    )
    .with_source(error)
}
