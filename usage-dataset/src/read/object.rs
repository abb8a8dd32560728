//! Parquet's reader of an object: ranges of one version of it.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use futures_util::{FutureExt as _, future::BoxFuture};
use object_store::{
    GetOptions, GetRange, GetResult, OBJECT_STORE_COALESCE_DEFAULT, ObjectStore, coalesce_ranges, path::Path,
};
use parquet::{
    arrow::{arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::{ParquetError, Result},
    file::metadata::{ParquetMetaData, ParquetMetaDataReader},
};

use super::Unreadable;
use crate::error::{Error, ErrorKind};

/// How many bytes of the end the first request reads. Most objects are smaller, and need no other request.
const TAIL: u64 = 64 * 1024;
/// How often an object may have another size than it was said to have.
const SIZES: usize = 3;

/// One version of an object.
#[derive(Clone)]
pub(super) struct ObjectReader {
    store: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    e_tag: Option<String>,
    tail: Bytes,
}

impl ObjectReader {
    /// Reads the end of an object, and learns which version it is. Not every store can read an end of unknown position.
    pub(super) async fn open(store: Arc<dyn ObjectStore>, path: Path, size: u64) -> Result<Self, Unreadable> {
        let mut reader = Self {
            store,
            path,
            size,
            e_tag: None,
            tail: Bytes::new(),
        };
        for _ in 0..SIZES {
            if reader.size == 0 {
                return Err(reader.damaged("it is empty".to_owned()));
            }
            let range = reader.size.saturating_sub(TAIL)..reader.size;
            let response = reader.get(range).await.map_err(Unreadable::Store)?;
            let meta = response.meta.clone();
            if meta.size == reader.size {
                reader.e_tag = meta.e_tag;
                reader.tail = response.bytes().await.map_err(Unreadable::Store)?;
                return Ok(reader);
            }
            reader.size = meta.size;
        }
        Err(Unreadable::Store(object_store::Error::Precondition {
            path: reader.path.to_string(),
            source: "its size changes all the time".into(),
        }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn damaged(&self, reason: String) -> Unreadable {
        Unreadable::Damaged(Error::new(
            ErrorKind::Corrupt,
            format!(
                "{} is damaged: {reason}. Fetch its day again, or remove it",
                self.path
            ),
        ))
    }

    /// An error of the store is within that of Parquet.
    pub(super) fn unreadable(&self, error: ParquetError) -> Unreadable {
        match error {
            ParquetError::External(error) => match error.downcast::<object_store::Error>() {
                Ok(error) => Unreadable::Store(*error),
                Err(error) => self.damaged(error.to_string()),
            },
            error => self.damaged(error.to_string()),
        }
    }

    async fn get(&self, range: Range<u64>) -> object_store::Result<GetResult> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: self.e_tag.clone(),
            ..GetOptions::default()
        };
        self.store.get_opts(&self.path, options).await
    }

    async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        let start = self.size - self.tail.len() as u64;
        if range.start >= start && range.start <= range.end && range.end <= self.size {
            return Ok(self
                .tail
                .slice((range.start - start) as usize..(range.end - start) as usize));
        }
        if range.start >= range.end || range.end > self.size {
            let message = format!("the bytes {} to {} are not within it", range.start, range.end);
            return Err(ParquetError::EOF(message));
        }
        let length = range.end - range.start;
        let response = self.get(range).await.map_err(external)?;
        let bytes = response.bytes().await.map_err(external)?;
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(ParquetError::EOF("it ends too early".to_owned()))
        }
    }
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for ObjectReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes>> {
        self.read(range).boxed()
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> BoxFuture<'_, Result<Vec<Bytes>>> {
        async move {
            let this = &*self;
            if let Some(range) = ranges
                .iter()
                .find(|range| range.start > range.end || range.end > this.size)
            {
                let message = format!("the bytes {} to {} are not within it", range.start, range.end);
                return Err(ParquetError::EOF(message));
            }
            coalesce_ranges(&ranges, |range| this.read(range), OBJECT_STORE_COALESCE_DEFAULT).await
        }
        .boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>>> {
        async move {
            let size = self.size;
            let metadata = ParquetMetaDataReader::new()
                .with_arrow_reader_options(options)
                .load_and_finish(self, size)
                .await?;
            Ok(Arc::new(metadata))
        }
        .boxed()
    }
}
