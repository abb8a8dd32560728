//! The body of a response: chunks that are made while they are sent, and compressed if the client accepts it.

use std::convert::Infallible;
use std::io::Write;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::body::{Body, Frame, SizeHint};

/// The size of a chunk. Memory use is bounded by it, not by the length of the body.
pub(crate) const CHUNK: usize = 64 * 1024;

/// A body, complete or made chunk by chunk.
pub(crate) struct Payload {
    chunks: Box<dyn Iterator<Item = Bytes> + Send>,
    length: Option<u64>,
    compressed: Option<Compressed>,
}

/// The compressed form of a body that is sent repeatedly. It is made at the first use.
pub(crate) type Compressed = Arc<OnceLock<Bytes>>;

impl Payload {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            length: Some(bytes.len() as u64),
            chunks: Box::new(std::iter::once(bytes)),
            compressed: None,
        }
    }

    /// A complete body that is compressed once for all responses.
    pub(crate) fn repeated(bytes: Bytes, compressed: Compressed) -> Self {
        Self {
            compressed: Some(compressed),
            ..Self::whole(bytes)
        }
    }

    pub(crate) fn streamed(chunks: impl Iterator<Item = Bytes> + Send + 'static) -> Self {
        Self {
            chunks: Box::new(chunks),
            length: None,
            compressed: None,
        }
    }

    /// The same body, compressed with the fastest level.
    pub(crate) fn gzipped(self) -> Self {
        let encoder = GzEncoder::new(Vec::with_capacity(CHUNK), Compression::fast());
        let chunks = Gzip {
            chunks: self.chunks,
            encoder: Some(encoder),
        };
        match self.compressed {
            Some(compressed) => {
                let whole = compressed.get_or_init(|| chunks.collect::<Vec<_>>().concat().into());
                Self::whole(whole.clone())
            }
            None => Self::streamed(chunks),
        }
    }

    /// The length, if it is known in advance.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The first `limit` bytes.
    pub(crate) fn prefix(self, limit: usize) -> Vec<u8> {
        let mut prefix = Vec::new();
        for chunk in self.chunks {
            let room = limit - prefix.len();
            prefix.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if prefix.len() == limit {
                break;
            }
        }
        prefix
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.chunks.next().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// Compresses chunk by chunk.
struct Gzip {
    chunks: Box<dyn Iterator<Item = Bytes> + Send>,
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl Iterator for Gzip {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        while let Some(encoder) = &mut self.encoder {
            let Some(chunk) = self.chunks.next() else {
                let rest = self
                    .encoder
                    .take()?
                    .finish()
                    .expect("writing to a Vec cannot fail");
                return Some(rest.into());
            };
            encoder.write_all(&chunk).expect("writing to a Vec cannot fail");
            if encoder.get_ref().len() >= CHUNK / 4 {
                return Some(std::mem::take(encoder.get_mut()).into());
            }
        }
        None
    }
}
