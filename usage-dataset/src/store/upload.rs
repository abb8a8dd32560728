//! Puts a staged file into a store: whole, or not at all.

use std::{
    fs::File,
    io,
    io::{Read as _, Seek as _},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt as _, path::Path as Key};
use tokio::{task::spawn_blocking, time::timeout};

/// The largest object that is put with one request, and the size of the parts of larger ones. S3 wants at least 5 MiB.
pub(super) const PART: usize = 8 << 20;
/// How long the parts of a failed upload may take to remove.
const ABORT: Duration = Duration::from_secs(20);

/// Replaces an object. Memory is bounded by the size of a part.
pub(super) async fn replace(
    objects: &Arc<dyn ObjectStore>,
    key: &Key,
    mut file: File,
) -> object_store::Result<()> {
    file.rewind().map_err(unreadable)?;
    let (mut file, first) = part(file).await?;
    if first.len() < PART {
        objects.put(key, first.into()).await?;
        return Ok(());
    }
    let mut upload = objects.put_multipart(key).await?;
    let mut next = first;
    while !next.is_empty() {
        if let Err(error) = upload.put_part(next.into()).await {
            abort(upload).await;
            return Err(error);
        }
        (file, next) = match part(file).await {
            Ok(read) => read,
            Err(error) => {
                abort(upload).await;
                return Err(error);
            }
        };
    }
    match upload.complete().await {
        Ok(_) => Ok(()),
        Err(error) => {
            abort(upload).await;
            Err(error)
        }
    }
}

/// Removes the parts of an upload, so that they cost nothing. The error that matters is the upload's own.
async fn abort(mut upload: Box<dyn MultipartUpload>) {
    let outcome = timeout(ABORT, upload.abort()).await;
    if !matches!(outcome, Ok(Ok(()))) {
        tracing::warn!(
            "the parts of a failed upload remain in the bucket; a lifecycle rule can remove incomplete uploads"
        );
    }
}

/// The next part of a file. An empty one ends it.
async fn part(mut file: File) -> object_store::Result<(File, Bytes)> {
    let read = spawn_blocking(move || {
        let mut part = Vec::new();
        file.by_ref().take(PART as u64).read_to_end(&mut part)?;
        Ok((file, part.into()))
    });
    read.await
        .unwrap_or_else(|error| Err(error.into()))
        .map_err(unreadable)
}

fn unreadable(error: io::Error) -> object_store::Error {
    object_store::Error::Generic {
        store: "staging",
        source: Box::new(error),
    }
}
