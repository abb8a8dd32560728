//! Where a response is decoded: a large one in short jobs on the blocking pool, while reading continues.

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    error::Result,
    rows::{
        batch::RowBatch,
        decoder::{Checkpoint, RowDecoder},
    },
};

/// A larger response is decoded in parallel with reading. For a smaller one that costs more than it saves.
const SMALL_RESPONSE: usize = 512 * 1024;

/// A decoder, or the job that has it. A job never waits for the reader of the rows. Otherwise unread streams could
/// take all threads of the blocking pool and stop everything else that needs one.
pub(super) enum Decoding {
    Idle {
        decoder: Box<RowDecoder>,
        /// Length of the text that was decoded.
        length: usize,
    },
    Busy {
        job: JoinHandle<(Box<RowDecoder>, Decoded)>,
        length: usize,
        /// Length of the rows that were decoded before the job.
        row_bytes: u64,
    },
    /// The runtime is shutting down and has dropped the job.
    Lost,
}

/// What was decoded of some pieces.
pub(super) struct Decoded {
    pub(super) batches: Vec<RowBatch>,
    /// Why decoding stopped early.
    pub(super) outcome: Result<()>,
}

impl Decoding {
    /// As [`RowDecoder::resuming`].
    pub(super) fn resuming(max_row_bytes: usize, delivered: Checkpoint) -> Self {
        Self::Idle {
            decoder: Box::new(RowDecoder::resuming(max_row_bytes, delivered)),
            length: 0,
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle { .. })
    }

    /// Length of the rows that were decoded so far, without a running job.
    pub(super) fn row_bytes(&self) -> u64 {
        match self {
            Self::Idle { decoder, .. } => decoder.row_bytes(),
            Self::Busy { row_bytes, .. } => *row_bytes,
            Self::Lost => 0,
        }
    }

    /// Decodes pieces, or starts to. Only valid if no job is running.
    pub(super) fn decode(&mut self, pieces: Vec<Bytes>) -> Decoded {
        let Self::Idle { decoder, length } = self else {
            return Decoded::nothing();
        };
        if pieces.is_empty() {
            return Decoded::nothing();
        }
        *length += pieces.iter().map(Bytes::len).sum::<usize>();
        if *length <= SMALL_RESPONSE {
            return Decoded::of(decoder, &pieces);
        }
        let mut decoder = std::mem::take(decoder);
        *self = Self::Busy {
            length: *length,
            row_bytes: decoder.row_bytes(),
            job: spawn_blocking(move || {
                let decoded = Decoded::of(&mut decoder, &pieces);
                (decoder, decoded)
            }),
        };
        Decoded::nothing()
    }

    /// The result of the running job. Never ready if there is none, or if it is lost. Dropping the future early loses
    /// nothing.
    pub(super) async fn decoded(&mut self) -> Decoded {
        let Self::Busy { job, length, .. } = self else {
            return std::future::pending().await;
        };
        match job.await {
            Ok((decoder, decoded)) => {
                let length = *length;
                *self = Self::Idle { decoder, length };
                decoded
            }
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => {
                    *self = Self::Lost;
                    std::future::pending().await
                }
            },
        }
    }

    /// The decoder, and the result of the running job.
    pub(super) async fn stop(mut self) -> (Box<RowDecoder>, Decoded) {
        let mut last = Decoded::nothing();
        loop {
            if let Self::Idle { decoder, .. } = self {
                return (decoder, last);
            }
            last = self.decoded().await;
        }
    }
}

impl Decoded {
    fn nothing() -> Self {
        Self {
            batches: Vec::new(),
            outcome: Ok(()),
        }
    }

    fn of(decoder: &mut RowDecoder, pieces: &[Bytes]) -> Self {
        let mut batches = Vec::new();
        let outcome = pieces.iter().try_for_each(|piece| {
            let mut input = &piece[..];
            while let Some(batch) = decoder.decode(&mut input)? {
                batches.push(batch);
            }
            Ok(())
        });
        Self { batches, outcome }
    }
}
