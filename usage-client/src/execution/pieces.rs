//! Reads a body ahead while pieces of it are decoded.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{Either, select},
};
use tokio::time::Instant;

use super::{
    decoding::{Decoded, Decoding},
    pace::within,
};
use crate::{error::Result, http::content::Body};

/// How many bytes are read ahead.
const READ_AHEAD: usize = 256 * 1024;

/// What was read and is not decoded yet.
#[derive(Default)]
pub(super) struct Pieces {
    pieces: Vec<Bytes>,
    pub(super) length: usize,
    /// How the body ended, if it has.
    pub(super) end: Option<Result<()>>,
}

impl Pieces {
    fn has_room(&self) -> bool {
        self.length < READ_AHEAD && self.end.is_none()
    }

    fn push(&mut self, piece: Bytes) {
        self.length += piece.len();
        self.pieces.push(piece);
    }

    pub(super) fn add(&mut self, more: Self) {
        self.length += more.length;
        self.pieces.extend(more.pieces);
        self.end = more.end;
    }

    pub(super) fn take(&mut self) -> Vec<Bytes> {
        self.length = 0;
        std::mem::take(&mut self.pieces)
    }
}

/// What comes next, and how long the wait for the service was.
pub(super) enum Next {
    Arrived(Pieces, Duration),
    Decoded(Decoded, Duration),
}

/// Waits for the job that decodes. If there is room, it reads meanwhile.
pub(super) async fn next(body: &mut Body, read: &Pieces, decoding: &mut Decoding, timeout: Duration) -> Next {
    if !read.has_room() {
        return Next::Decoded(decoding.decoded().await, Duration::ZERO);
    }
    let began = Instant::now();
    let reading = pin!(within(timeout, available(body)));
    match select(reading, pin!(decoding.decoded())).await {
        // If reading stops here, it still waits for its first piece, so nothing is lost.
        Either::Left(((arrived, wait), _)) => Next::Arrived(arrived.unwrap_or_default(), wait),
        Either::Right((decoded, _)) => Next::Decoded(decoded, began.elapsed()),
    }
}

/// Waits for a piece of a body, and takes all that has arrived with it, up to [`READ_AHEAD`].
async fn available(body: &mut Body) -> Pieces {
    let mut arrived = Pieces::default();
    let mut next = body.chunk().await;
    loop {
        match next {
            Ok(Some(piece)) => arrived.push(piece),
            Ok(None) => arrived.end = Some(Ok(())),
            Err(error) => arrived.end = Some(Err(error)),
        }
        if !arrived.has_room() {
            return arrived;
        }
        match body.chunk().now_or_never() {
            Some(outcome) => next = outcome,
            None => return arrived,
        }
    }
}
