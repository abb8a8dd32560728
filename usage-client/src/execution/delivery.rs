//! Reads a response, and hands out its rows.

use std::time::Duration;

use tokio::{
    sync::mpsc::{Sender, error::TrySendError},
    time::Instant,
};

use super::{
    decoding::{Decoded, Decoding},
    pace::Pace,
    pieces::{Next, Pieces, next},
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::types::QueryStatus,
    http::{
        content::Body,
        response::{Parts, StreamingResponse},
    },
    rows::{
        batch::RowBatch,
        decoder::{Checkpoint, RowDecoder},
        policy::RowsPolicy,
    },
};

/// The rows of one execution, from one or more responses, on the way to their reader.
pub(super) struct Delivery<'a> {
    policy: &'a RowsPolicy,
    out: Sender<Result<RowBatch>>,
    pub(super) delivered: Checkpoint,
    /// Whether a row has arrived, delivered or not. Then the deadline of polling no longer holds.
    pub(super) has_begun: bool,
    /// How long reading and decoding took, for all responses.
    pub(super) elapsed: Duration,
    /// How long batches waited for their reader.
    reader_wait: Duration,
}

/// The reader of the batches is gone. There is nothing left to do.
pub(super) struct ReaderGone;

/// Why reading a response stopped early.
pub(super) enum Stop {
    Failed(Error),
    ReaderGone,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<ReaderGone> for Stop {
    fn from(_: ReaderGone) -> Self {
        Self::ReaderGone
    }
}

impl Stop {
    fn is_unreadable(&self) -> bool {
        matches!(self, Self::Failed(error) if error.kind() == Kind::Decode)
    }

    /// Quotes the beginning of an unreadable response, which shows what it is instead.
    fn quoting(self, beginning: Option<&str>) -> Self {
        match (self, beginning) {
            (Self::Failed(error), Some(text)) if error.kind() == Kind::Decode => {
                Self::Failed(error.with_advice(&format!("it begins with the text \"{text}\"")))
            }
            (stop, _) => stop,
        }
    }
}

impl<'a> Delivery<'a> {
    pub(super) fn new(policy: &'a RowsPolicy, out: Sender<Result<RowBatch>>) -> Self {
        Self {
            policy,
            out,
            delivered: Checkpoint::default(),
            has_begun: false,
            elapsed: Duration::ZERO,
            reader_wait: Duration::ZERO,
        }
    }

    /// How much of the time for all rows is left.
    pub(super) fn time_left(&self) -> Duration {
        self.policy.deadline.saturating_sub(self.elapsed)
    }

    pub(super) fn is_over(&self) -> bool {
        self.time_left().is_zero()
    }

    pub(super) fn too_long(&self, cause: Error) -> Error {
        Error::too_long(self.policy.deadline).with_source(cause)
    }

    /// Hands out an error as the last item.
    pub(super) async fn fail(self, error: Error) {
        // A closed channel means that nobody reads the error.
        let _ = self.out.send(Err(error)).await;
    }

    /// Reads one response to its end. `silence` is how long the service may be silent. `deadline` holds until a row
    /// has arrived.
    pub(super) async fn read(
        &mut self,
        mut response: StreamingResponse,
        silence: Duration,
        deadline: Option<Instant>,
    ) -> Result<Option<QueryStatus>, Stop> {
        let mut decoding = Decoding::resuming(self.policy.max_row_bytes, self.delivered);
        let pace = Pace::new(silence, deadline, self.policy.max_row_bytes);
        let outcome = self.decode(&mut response.body, &mut decoding, pace).await;
        let (mut decoder, last) = decoding.stop().await;
        let decoded = self.hand_out(last).await;
        self.delivered = decoder.delivered();
        self.has_begun |= decoder.rows() > 0;
        let is_unreadable = |outcome: &Result<(), Stop>| outcome.as_ref().is_err_and(Stop::is_unreadable);
        if (is_unreadable(&decoded) || is_unreadable(&outcome))
            && let Ok(Some(damage)) = tokio::time::timeout(silence, response.body.damage()).await
        {
            return Err(damage.into());
        }
        let beginning = decoder.unread_beginning();
        let quoting = |stop: Stop| stop.quoting(beginning.as_deref());
        decoded.map_err(quoting)?;
        if let Err(stop) = outcome {
            self.deliver_unless_resumed(&mut decoder).await?;
            return Err(quoting(stop));
        }
        let is_close_delimited = response.body.is_close_delimited;
        let status = self
            .finish(&mut decoder, &response.parts, is_close_delimited)
            .await;
        status.map_err(quoting)
    }

    /// Hands out the last rows of a response whose body has ended.
    async fn finish(
        &mut self,
        decoder: &mut RowDecoder,
        parts: &Parts,
        is_close_delimited: bool,
    ) -> Result<Option<QueryStatus>, Stop> {
        let last = match decoder.finish() {
            Ok(last) => last,
            Err(_) if is_close_delimited && decoder.ends_early() => {
                self.deliver_unless_resumed(decoder).await?;
                return Err(Error::cut_body().into());
            }
            Err(_) if decoder.is_untouched() => return Err(Error::without_body(parts).into()),
            Err(error) => {
                self.deliver(decoder.take_batch()).await?;
                return Err(error.into());
            }
        };
        if let Some(refusal) = decoder.refusal(parts) {
            return Err(refusal.into());
        }
        let status = decoder.query_status().cloned();
        match &status {
            Some(QueryStatus::Complete) => {
                self.deliver(last).await?;
                self.delivered = decoder.delivered();
            }
            Some(QueryStatus::Running) => {}
            _ if decoder.rows() > 0 => return Err(Error::rows_without_status(status.as_ref()).into()),
            _ => {}
        }
        Ok(status)
    }

    /// Decodes what arrives until the body ends. The next pieces are read meanwhile.
    async fn decode(&mut self, body: &mut Body, decoding: &mut Decoding, mut pace: Pace) -> Result<(), Stop> {
        let (began, before, reader_wait) = (Instant::now(), self.elapsed, self.reader_wait);
        let mut read = Pieces::default();
        loop {
            if !decoding.is_busy()
                && let Some(end) = read.end.take()
            {
                return Ok(end?);
            }
            let timeout = pace.timeout(self.time_left());
            match next(body, &read, decoding, timeout).await {
                Next::Arrived(arrived, wait) => {
                    let length = arrived.length;
                    read.add(arrived);
                    if !decoding.is_busy() {
                        self.hand_out(decoding.decode(read.take())).await?;
                    }
                    pace.record(wait, length, decoding.row_bytes())?;
                }
                Next::Decoded(decoded, wait) => {
                    let next = decoding.decode(read.take());
                    self.hand_out(decoded).await?;
                    self.hand_out(next).await?;
                    pace.record(wait, 0, decoding.row_bytes())?;
                }
            }
            self.elapsed = before + began.elapsed().saturating_sub(self.reader_wait - reader_wait);
            if self.is_over() {
                return Err(Error::new(Kind::Timeout, "the time for all rows is over").into());
            }
        }
    }

    async fn hand_out(&mut self, decoded: Decoded) -> Result<(), Stop> {
        for batch in decoded.batches {
            self.deliver(Some(batch)).await?;
        }
        Ok(decoded.outcome?)
    }

    /// Hands out the rows before a cut, unless they will be fetched again.
    async fn deliver_unless_resumed(&mut self, decoder: &mut RowDecoder) -> Result<(), ReaderGone> {
        if self.policy.resume {
            return Ok(());
        }
        self.deliver(decoder.take_batch()).await?;
        self.delivered = decoder.delivered();
        Ok(())
    }

    async fn deliver(&mut self, batch: Option<RowBatch>) -> Result<(), ReaderGone> {
        let Some(batch) = batch else {
            return Ok(());
        };
        match self.out.try_send(Ok(batch)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(ReaderGone),
            Err(TrySendError::Full(batch)) => {
                let began = Instant::now();
                let outcome = self.out.send(batch).await;
                self.reader_wait += began.elapsed();
                outcome.map_err(|_| ReaderGone)
            }
        }
    }
}
