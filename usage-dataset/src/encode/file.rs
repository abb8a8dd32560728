//! Writes a file of columns.

use std::{
    io::{self, Write},
    sync::mpsc::Receiver,
};

use arrow_array::RecordBatch;
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

use crate::{
    error::{Error, ErrorKind},
    info::{DayInfo, KEY},
    schema::{COLUMNS, Column, SCHEMA},
    sort::format::ORDER,
};

const ROW_GROUP: usize = 128 * 1024;
/// A row group is in memory until it is complete. Usual ones take a few MiB.
const ROW_GROUP_BYTES: usize = 8 * 1024 * 1024;
const ZSTD: i32 = 3;

/// What a file is made of.
pub(crate) enum Part {
    Rows(RecordBatch),
    /// What it says about itself. Without it, the file stays incomplete.
    End(Box<DayInfo>),
}

/// Writes the file. It returns early if the parts end without [`Part::End`], as they do after an error.
pub(crate) fn write(day: NaiveDate, out: impl Write + Send, parts: Receiver<Part>) -> Result<(), Error> {
    let written = || {
        let options = ArrowWriterOptions::new()
            .with_properties(properties()?)
            .with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(out, SCHEMA.clone(), options)?;
        for part in parts {
            match part {
                Part::Rows(rows) => writer.write(&rows)?,
                Part::End(info) => {
                    let json = info
                        .to_json()
                        .map_err(|error| ParquetError::External(Box::new(error)))?;
                    writer.append_key_value_metadata(KeyValue::new(KEY.to_owned(), json));
                    writer.finish()?;
                    return Ok(writer.inner_mut().flush()?);
                }
            }
        }
        Ok(())
    };
    written().map_err(|error| failed(day, error))
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

pub(super) fn failed(day: NaiveDate, error: ParquetError) -> Error {
    let error = match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => return Error::of_disk(&format!("write the file of {day}"), *error),
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
