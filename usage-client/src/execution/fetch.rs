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
    source::Source,
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::{client::Client, types::QueryStatus},
    http::{content::Body, response::StreamingResponse},
    inner::Inner,
    retry::attempts::{Attempt, Attempts, Outcome},
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
    client: &'a Client,
    id: &'a str,
    policy: &'a RowsPolicy,
    polling: Polling,
    out: Sender<Result<RowBatch>>,
    delivered: Checkpoint,
    /// Whether a row came, delivered or not. Rows that are coming are not bound to the deadline of polling.
    has_begun: bool,
    /// How long reading and decoding took, in all responses.
    elapsed: Duration,
    /// How long batches waited for their reader.
    held_up: Duration,
    /// Since when nothing is read. Once rows have begun, that time counts too.
    idle_since: Instant,
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

impl<'a> Fetch<'a> {
    pub(super) fn new(source: &'a Source, out: Sender<Result<RowBatch>>) -> Self {
        Self {
            client: &source.client,
            id: &source.id,
            policy: &source.rows,
            polling: Polling::new(source.clone()),
            out,
            delivered: Checkpoint::default(),
            has_begun: false,
            elapsed: Duration::ZERO,
            held_up: Duration::ZERO,
            idle_since: Instant::now(),
        }
    }

    /// Polls until the query is done, and hands out its rows. An error is the last item.
    pub(super) async fn run(mut self) {
        if let Err(Stop::Failed(error)) = self.rows().await {
            // If nobody reads it any more, nobody misses it.
            let _ = self.out.send(Err(error.with_execution_id(self.id))).await;
        }
    }

    async fn rows(&mut self) -> Result<(), Stop> {
        loop {
            self.polling.wait_for_next().await?;
            let outcome = match self.response().await {
                Ok(Some(QueryStatus::Complete)) => return Ok(()),
                Ok(status) => Ok(status),
                Err(Stop::Failed(error)) if self.is_poll() => Err(error),
                Err(stop) => return Err(stop),
            };
            self.polling.not_done(outcome)?;
        }
    }

    /// Whether what failed is one poll of several: no row was handed out, and there is time for the next.
    fn is_poll(&self) -> bool {
        let has_time = self.elapsed < self.policy.deadline;
        self.delivered.rows == 0 && has_time && (self.polling.has_time() || !self.has_begun)
    }

    /// Fetches the response. Fetches it again if its body is cut, as the retry policy allows.
    async fn response(&mut self) -> Result<Option<QueryStatus>, Stop> {
        let Inner { retry, shared, .. } = &self.client.inner;
        // An attempt begins only while a call would still have time since the last new row, and within the whole time.
        let deadline = self.with_current_deadline().inner.deadline;
        let on_retry = shared.on_retry.as_ref();
        let mut attempts = Attempts::new(retry, &shared.budget, on_retry, shared.timeout, deadline);
        self.idle_since = Instant::now();
        attempts.run(self).await?
    }
    /// The client, whose calls end with the wait until a row has come, and then with the time for all rows.
    fn with_current_deadline(&self) -> Client {
        if !self.has_begun {
            return self.polling.client.clone();
        }
        let left = self.policy.deadline.saturating_sub(self.elapsed);
        match self.idle_since.checked_add(left) {
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

impl Attempt<Result<Option<QueryStatus>, Stop>> for Fetch<'_> {
    async fn attempt(&mut self, attempts: &mut Attempts<'_>) -> Outcome<Result<Option<QueryStatus>, Stop>> {
        attempts.begin();
        let (before, had_begun) = (self.delivered.rows, self.has_begun);
        let client = self.with_current_deadline();
        let response = self.open(&client).await;
        if had_begun {
            self.elapsed += self.idle_since.elapsed();
        }
        let deadline = self.policy.deadline;
        let response = match response {
            Ok(response) => response,
            // Opening has retried already. The call has earned if it succeeded.
            Err(error) => {
                return Outcome::Done(Err(match attempts.take_last_failure() {
                    _ if had_begun && self.elapsed >= deadline => {
                        Error::too_long(deadline).with_source(error)
                    }
                    // The time was up. The failure before says why.
                    Some(last) if error.kind() == Kind::Timeout => error.with_source(last),
                    _ => error,
                }));
            }
        };
        let parts = response.parts.clone();
        let outcome = self.read(&client, response).await;
        self.idle_since = Instant::now();
        let error = match outcome {
            Err(Stop::Failed(error)) => error.with_parts(&parts),
            done => return Outcome::Done(Ok(done)),
        };
        if self.elapsed >= deadline {
            let error = Error::too_long(deadline).with_source(error);
            return Outcome::Done(Err(error.with_parts(&parts)));
        }
        if self.delivered.rows > before || (self.has_begun && !had_begun) {
            attempts.restart(self.with_current_deadline().inner.deadline);
        }
        match self.policy.resume {
            true => Outcome::Failure(error),
            false => Outcome::Done(Err(error)),
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
