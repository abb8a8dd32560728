//! The rows of an execution, brought from the service: polls, the open response, what to do when it is cut.

use std::{pin::pin, time::Duration};

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{Either, select},
};
use tokio::{
    sync::mpsc::{Sender, error::TrySendError},
    time::Instant,
};

use super::{
    decoding::{Decoded, Decoding},
    pace::{Pace, within},
    polling::Polling,
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::{client::Client, types::QueryStatus},
    http::{content::Body, response::StreamingResponse},
    inner::Inner,
    retry::{attempts::Attempts, transient::transient_error},
    rows::{
        batch::RowBatch,
        decoder::{Checkpoint, RowDecoder},
        policy::RowsPolicy,
    },
};

/// So much is read while what came before is decoded.
const ENOUGH: usize = 512 * 1024;

/// Brings the batches of an execution to their reader.
pub(super) struct Fetch<'a> {
    pub(super) client: &'a Client,
    pub(super) id: &'a str,
    pub(super) policy: &'a RowsPolicy,
    pub(super) out: Sender<Result<RowBatch>>,
    pub(super) delivered: Checkpoint,
    /// Whether a row came, delivered or not: rows on their way are not bound to the deadline of who waits for them.
    pub(super) has_begun: bool,
    /// How long reading and decoding took, in all responses.
    pub(super) elapsed: Duration,
    /// For how long nobody took what was there.
    pub(super) held_up: Duration,
}

/// The reader of the batches is gone: there is nothing left to do.
pub(super) struct ReaderGone;

/// Why a response was not read to its end.
enum Stop {
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

impl Fetch<'_> {
    /// Polls until the query is done, and hands out its rows; what goes wrong is the last item.
    pub(super) async fn run(mut self, polling: Polling) {
        if let Err(Stop::Failed(error)) = self.rows(polling).await {
            // If nobody reads it any more, nobody misses it.
            let _ = self.out.send(Err(error.with_execution_id(self.id))).await;
        }
    }

    async fn rows(&mut self, mut polling: Polling) -> Result<(), Stop> {
        loop {
            polling.wait_for_next().await?;
            let outcome = match self.answer(&polling.client).await {
                Ok(Some(QueryStatus::Complete)) => return Ok(()),
                Ok(status) => Ok(status),
                Err(Stop::Failed(error)) if self.is_poll(&polling) => Err(error),
                Err(stop) => return Err(stop),
            };
            polling.not_done(outcome)?;
        }
    }

    /// Whether what failed is one poll of several: no row was handed out, and there is time for the next.
    fn is_poll(&self, polling: &Polling) -> bool {
        let has_time = self.elapsed < self.policy.deadline;
        self.delivered.rows == 0 && has_time && (polling.has_time() || !self.has_begun)
    }

    /// Fetches the response, again if its body is cut, until that is not worth another attempt.
    async fn answer(&mut self, waiting: &Client) -> Result<Option<QueryStatus>, Stop> {
        let Inner { retry, shared, .. } = &self.client.inner;
        // An attempt begins only while a call would still have time since the last new row, and within the whole time.
        let new_attempts = |client: &Client| {
            let now = Instant::now();
            let end = now.checked_add(shared.timeout).into_iter();
            let end = end.chain(client.inner.deadline).min();
            Attempts::new(retry, &shared.budget, now, end).with_on_retry(shared.on_retry.as_ref())
        };
        let mut attempts = new_attempts(&self.with_current_deadline(waiting));
        let mut last = None;
        loop {
            attempts.begin();
            let (before, had_begun) = (self.delivered.rows, self.has_begun);
            let client = self.with_current_deadline(waiting);
            let opening = Instant::now();
            let response = self.open(&client).await;
            if had_begun {
                self.elapsed += opening.elapsed();
            }
            let is_over = had_begun && self.elapsed >= self.policy.deadline;
            let response = response.map_err(|error| match last.take() {
                _ if is_over => Error::too_long(self.policy.deadline).with_source(error),
                // The time was up, and what came before says why.
                Some(last) if error.kind() == Kind::Timeout => error.with_source(last),
                _ => error,
            })?;
            let parts = response.parts.clone();
            let error = match self.read(&client, response).await {
                Err(Stop::Failed(error)) => error,
                done => return done,
            };
            if self.elapsed >= self.policy.deadline {
                return Err(Error::too_long(self.policy.deadline)
                    .with_source(error)
                    .with_parts(&parts)
                    .into());
            }
            if self.delivered.rows > before || (self.has_begun && !had_begun) {
                // What counts is how often nothing came at all.
                attempts = new_attempts(&self.with_current_deadline(waiting));
                attempts.begin();
            }
            let error = error.with_parts(&parts);
            return match transient_error(&error) {
                Some(transient) if self.policy.resume => {
                    let pausing = Instant::now();
                    let goes_on = attempts.pause(transient).await;
                    if self.has_begun {
                        self.elapsed += pausing.elapsed();
                    }
                    if goes_on {
                        last = Some(error);
                        continue;
                    }
                    Err(error.with_attempts(attempts.made()).into())
                }
                _ => Err(error.into()),
            };
        }
    }

    /// The client, whose calls end with the wait until a row has come, and then with the time for all rows.
    fn with_current_deadline(&self, waiting: &Client) -> Client {
        if !self.has_begun {
            return waiting.clone();
        }
        let left = self.policy.deadline.saturating_sub(self.elapsed);
        match Instant::now().checked_add(left) {
            Some(end) => self.client.with_deadline(end),
            None => self.client.clone(),
        }
    }

    async fn open(&self, client: &Client) -> Result<StreamingResponse> {
        let call = client.get_usage_query_execution_id_results();
        call.execution_id(self.id).open().await
    }

    /// Reads one response to its end.
    async fn read(
        &mut self,
        client: &Client,
        mut response: StreamingResponse,
    ) -> Result<Option<QueryStatus>, Stop> {
        let mut decoding = Decoding::resuming(self.policy.max_row_bytes, self.delivered);
        let Inner { shared, deadline, .. } = &client.inner;
        let pace = Pace::new(shared.limits.silence, *deadline, self.policy.max_row_bytes);
        let outcome = self.decode(&mut response.body, &mut decoding, pace).await;
        let (mut decoder, last) = decoding.stop().await;
        let decoded = self.hand_out(last).await;
        self.delivered = decoder.delivered();
        self.has_begun |= decoder.rows() > 0;
        let unreadable = |stop: &Stop| matches!(stop, Stop::Failed(error) if error.kind() == Kind::Decode);
        if decoded.as_ref().is_err_and(unreadable) || outcome.as_ref().is_err_and(unreadable) {
            let timeout = shared.limits.silence;
            if let Ok(Some(damage)) = tokio::time::timeout(timeout, response.body.damage()).await {
                return Err(damage.into());
            }
        }
        let beginning = decoder.unread_beginning();
        // What is no response of the API is known by its text.
        let quoting = |error: Error| match &beginning {
            Some(text) if error.kind() == Kind::Decode => {
                error.with_advice(&format!("it begins with the text \"{text}\""))
            }
            _ => error,
        };
        let quoting_stop = |stop| match stop {
            Stop::Failed(error) => Stop::Failed(quoting(error)),
            Stop::ReaderGone => Stop::ReaderGone,
        };
        decoded.map_err(quoting_stop)?;
        if let Err(stop) = outcome.map_err(quoting_stop) {
            self.deliver_unless_resumed(&mut decoder).await?;
            return Err(stop);
        }
        let last = match decoder.finish() {
            Ok(last) => last,
            Err(_) if response.body.is_close_delimited && decoder.ends_early() => {
                self.deliver_unless_resumed(&mut decoder).await?;
                return Err(Error::cut_body().into());
            }
            Err(_) if decoder.is_untouched() => return Err(Error::without_body(&response.parts).into()),
            Err(error) => {
                self.deliver(decoder.take_batch()).await?;
                return Err(quoting(error).into());
            }
        };
        if let Some(refusal) = decoder.refusal(&response.parts) {
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

    /// Decodes what arrives until the body ends. While pieces are decoded, the next ones are read.
    async fn decode(&mut self, body: &mut Body, decoding: &mut Decoding, mut pace: Pace) -> Result<(), Stop> {
        let (began, before, held_up) = (Instant::now(), self.elapsed, self.held_up);
        let mut read = Pieces::default();
        loop {
            if !decoding.is_busy()
                && let Some(end) = read.end.take()
            {
                return Ok(end?);
            }
            let timeout = pace.timeout(self.policy.deadline.saturating_sub(self.elapsed));
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
            self.elapsed = before + began.elapsed().saturating_sub(self.held_up - held_up);
            if self.elapsed >= self.policy.deadline {
                return Err(Error::new(Kind::Timeout, "the whole time is over").into());
            }
        }
    }

    async fn hand_out(&mut self, decoded: Decoded) -> Result<(), Stop> {
        for batch in decoded.batches {
            self.deliver(Some(batch)).await?;
        }
        Ok(decoded.outcome?)
    }

    /// Hands out what came before the cut, if nobody will fetch it again.
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
                self.held_up += began.elapsed();
                outcome.map_err(|_| ReaderGone)
            }
        }
    }
}

/// What was read and is not decoded yet.
#[derive(Default)]
struct Pieces {
    pieces: Vec<Bytes>,
    length: usize,
    /// How the body ended, if it did.
    end: Option<Result<()>>,
}

impl Pieces {
    fn has_room(&self) -> bool {
        self.length < ENOUGH && self.end.is_none()
    }

    fn push(&mut self, piece: Bytes) {
        self.length += piece.len();
        self.pieces.push(piece);
    }

    fn add(&mut self, more: Self) {
        self.length += more.length;
        self.pieces.extend(more.pieces);
        self.end = more.end;
    }

    fn take(&mut self) -> Vec<Bytes> {
        self.length = 0;
        std::mem::take(&mut self.pieces)
    }
}

/// What comes next, and how long the service was waited for until then.
enum Next {
    Arrived(Pieces, Duration),
    Decoded(Decoded, Duration),
}

/// Reads on, if there is room, while pieces are decoded.
async fn next(body: &mut Body, read: &Pieces, decoding: &mut Decoding, timeout: Duration) -> Next {
    if !read.has_room() {
        return Next::Decoded(decoding.decoded().await, Duration::ZERO);
    }
    let began = Instant::now();
    let reading = pin!(within(timeout, available(body)));
    match select(reading, pin!(decoding.decoded())).await {
        // What is cut off here waits for its first piece, so none is lost.
        Either::Left(((arrived, wait), _)) => Next::Arrived(arrived.unwrap_or_default(), wait),
        Either::Right((decoded, _)) => Next::Decoded(decoded, began.elapsed()),
    }
}

/// What has arrived of a body: one piece as soon as it comes, and all that is there with it, up to [`ENOUGH`].
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
