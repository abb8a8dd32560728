//! Reads an object of the data set: what it says about itself, and its rows.

mod columns;
mod object;

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::{FutureExt as _, Stream, StreamExt as _, TryStreamExt as _, stream};
use object_store::{ObjectStore, path::Path};
use parquet::{
    arrow::{
        ParquetRecordBatchStreamBuilder, ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions},
    },
    errors::ParquetError,
    file::metadata::ParquetMetaData,
};
use usage_client::RowBatch;

use self::object::ObjectReader;
use crate::{
    error::{Error, ErrorKind},
    info::{DayInfo, FORMAT, KEY, NotAnInfo},
    schema::{COLUMNS, Column},
    sums::Sums,
};

/// Rows of a batch.
const BATCH: usize = 8192;
/// A row group that takes more bytes than this was not written by us. Ours take a few MiB.
const LARGEST_GROUP: i64 = 256 * 1024 * 1024;

/// Why an object cannot be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The store fails. It is [`object_store::Error::Precondition`] if the object was replaced meanwhile.
    Store(object_store::Error),
    /// A newer version wrote it.
    Newer(Error),
    /// It is damaged, or is not an object of the data set.
    Damaged(Error),
}

/// An object that is being read. All of it comes from the same version of the object, also if it is replaced meanwhile.
pub(crate) struct StoredDay {
    info: DayInfo,
    reader: ObjectReader,
    metadata: ArrowReaderMetadata,
}

/// Opens the object and reads its footer. `size` is its size as it was listed; another one is noticed.
pub(crate) async fn open(
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
) -> Result<StoredDay, Unreadable> {
    let mut reader = ObjectReader::open(store, path, size).await?;
    // Arrow's schema in a file that something else wrote would change the types of its columns.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = unpanicked(ArrowReaderMetadata::load_async(&mut reader, options)).await;
    let metadata = metadata.map_err(|error| reader.unreadable(error))?;
    let info = info(metadata.metadata()).map_err(|reason| match reason {
        NotAnInfo::Newer(format) => Unreadable::Newer(Error::new(
            ErrorKind::Corrupt,
            format!(
                "{} has format {format}, and this version reads formats up to {FORMAT}. Use a newer version",
                reader.path(),
            ),
        )),
        NotAnInfo::Damaged(reason) => reader.damaged(reason),
    })?;
    check_groups(metadata.metadata()).map_err(|reason| reader.damaged(reason))?;
    Ok(StoredDay {
        info,
        reader,
        metadata,
    })
}

/// Parquet's reader does not expect every kind of damage: some of it makes it panic.
async fn unpanicked<T>(read: impl Future<Output = Result<T, ParquetError>>) -> Result<T, ParquetError> {
    let read = AssertUnwindSafe(read).catch_unwind().await;
    read.unwrap_or_else(|_| {
        Err(ParquetError::General(
            "what it says about its parts makes no sense".to_owned(),
        ))
    })
}

/// Checks what would make the reader panic, or use too much memory.
fn check_groups(metadata: &ParquetMetaData) -> Result<(), String> {
    for group in metadata.row_groups() {
        let mut total: i64 = 0;
        for column in group.columns() {
            let starts = [Some(column.data_page_offset()), column.dictionary_page_offset()];
            let size = column.compressed_size();
            if starts.into_iter().flatten().any(|start| start < 0) || size < 0 {
                return Err("a part of it begins before it".to_owned());
            }
            total = total.saturating_add(size.max(column.uncompressed_size()));
        }
        if total > LARGEST_GROUP {
            return Err(format!("a row group has {total} bytes"));
        }
    }
    Ok(())
}

/// What the object says about itself.
fn info(metadata: &ParquetMetaData) -> Result<DayInfo, NotAnInfo> {
    let file = metadata.file_metadata();
    let values = file.key_value_metadata().into_iter().flatten();
    let value = values
        .filter(|pair| pair.key == KEY)
        .find_map(|pair| pair.value.as_deref())
        .ok_or_else(|| NotAnInfo::Damaged(format!("it has no metadata `{KEY}`")))?;
    let info = DayInfo::from_json(value)?;
    match u64::try_from(file.num_rows()) {
        Ok(rows) if rows == info.rows => Ok(info),
        _ => Err(NotAnInfo::Damaged(format!(
            "it has {} rows and its metadata says {}",
            file.num_rows(),
            info.rows,
        ))),
    }
}

impl StoredDay {
    /// What the object says about itself.
    pub(crate) fn info(&self) -> &DayInfo {
        &self.info
    }

    /// The rows, a part of a row group at a time. The last item is an error if they do not have the sums that the object says.
    pub(crate) fn into_rows(self) -> impl Stream<Item = Result<RowBatch, Unreadable>> + Send + 'static {
        let Self {
            info,
            reader,
            metadata,
        } = self;
        let failed = reader.clone();
        let names = COLUMNS.iter().filter(|column| !matches!(column, Column::Profile));
        let columns = ProjectionMask::columns(metadata.parquet_schema(), names.map(|column| column.name()));
        let batches = ParquetRecordBatchStreamBuilder::new_with_metadata(reader, metadata)
            .with_batch_size(BATCH)
            .with_projection(columns)
            .build();
        let batches = match batches {
            Ok(batches) => batches.left_stream(),
            Err(error) => stream::iter([Err(error)]).right_stream(),
        };
        stream::try_unfold(
            (batches, Sums::default(), failed),
            move |(mut batches, mut sums, failed)| async move {
                let batch = unpanicked(batches.try_next()).await;
                let batch = batch.map_err(|error| failed.unreadable(error))?;
                let rows = batch.map(|batch| columns::rows(&batch)).transpose();
                match rows.map_err(|reason| failed.damaged(reason))? {
                    Some(rows) if sums.add_batch(&rows) => Ok(Some((rows, (batches, sums, failed)))),
                    None if sums == info.sums => Ok(None),
                    _ => Err(failed.damaged("its counts do not have the sums of its metadata".to_owned())),
                }
            },
        )
    }
}
