//! The rows of an execution, brought from the service: polls, the open answer, what to do when it is cut.

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
    policy::RowsPolicy,
    polling::{Polling, Waiting},
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::{client::Client, types::QueryStatus},
    http::{content::Body, response::Head},
    inner::Inner,
    retry::{attempts::Attempts, transient::transient_error},
    rows::{
        batch::RowBatch,
        decoder::{Mark, RowDecoder},
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
    pub(super) delivered: Mark,
    /// Whether a row came, delivered or not: rows on their way are not bound to the deadline of who waits for them.
    pub(super) has_begun: bool,
    /// How long reading and decoding took, in all answers.
    pub(super) elapsed: Duration,
    /// For how long nobody took what was there.
    pub(super) held_up: Duration,
}

/// Told of each poll that did not find the query complete.
pub(super) type OnWaiting = Box<dyn FnMut(&Waiting) + Send>;

/// The reader of the batches is gone: there is nothing left to do.
pub(super) struct Gone;

/// Why an answer was not read to its end.
enum Stop {
    Failed(Error),
    Gone,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl Fetch<'_> {
    /// Polls until the query is done, and hands out its rows; what goes wrong is the last item.
    pub(super) async fn run(mut self, polling: Polling<'_>, on_waiting: Option<OnWaiting>) {
        if let Err(Stop::Failed(error)) = self.rows(polling, on_waiting).await {
            // If nobody reads it any more, nobody misses it.
            let _ = self.out.send(Err(error.of_execution(self.id))).await;
        }
    }

    async fn rows(
        &mut self,
        mut polling: Polling<'_>,
        mut on_waiting: Option<OnWaiting>,
    ) -> Result<(), Stop> {
        loop {
            polling.turn().await?;
            let outcome = match self.answer(&polling.client).await {
                Ok(Some(QueryStatus::Complete)) => return Ok(()),
                Ok(status) => Ok(status),
                Err(Stop::Failed(error)) if self.is_poll(&polling) => Err(error),
                Err(stop) => return Err(stop),
            };
            let waiting = polling.not_done(outcome)?;
            if let Some(tell) = &mut on_waiting {
                tell(&waiting);
            }
        }
    }

    /// Whether what failed is one poll of several: no row was handed out, and there is time for the next.
    fn is_poll(&self, polling: &Polling<'_>) -> bool {
        let has_time = self.elapsed < self.policy.max_elapsed;
        self.delivered.rows == 0 && has_time && (polling.goes_on() || !self.has_begun)
    }

    /// Fetches the answer, again if its body is cut, until that is not worth another attempt.
    async fn answer(&mut self, waiting: &Client) -> Result<Option<QueryStatus>, Stop> {
        let Inner { retry, shared, .. } = &self.client.inner;
        // An attempt begins only while a call would still have time since the last new row, and within the whole time.
        let new_attempts = |client: &Client| {
            let now = Instant::now();
            let end = now.checked_add(shared.timeout).into_iter();
            let end = end.chain(client.inner.deadline).min();
            Attempts::new(retry, &shared.budget, now, end).told_to(shared.on_retry.as_ref())
        };
        let mut attempts = new_attempts(&self.within_its_time(waiting));
        let mut last = None;
        loop {
            attempts.begin();
            let (before, had_begun) = (self.delivered.rows, self.has_begun);
            let client = self.within_its_time(waiting);
            let opening = Instant::now();
            let head = self.open(&client).await;
            if had_begun {
                self.elapsed += opening.elapsed();
            }
            let is_over = had_begun && self.elapsed >= self.policy.max_elapsed;
            let head = head.map_err(|error| match last.take() {
                _ if is_over => Error::too_long(self.policy.max_elapsed).with_source(error),
                // The time was up, and what came before says why.
                Some(last) if error.kind() == Kind::Timeout => error.with_source(last),
                _ => error,
            })?;
            let parts = head.parts.clone();
            let error = match self.read(&client, head).await {
                Err(Stop::Failed(error)) => error,
                done => return done,
            };
            if self.elapsed >= self.policy.max_elapsed {
                return Err(Error::too_long(self.policy.max_elapsed)
                    .with_source(error)
                    .answered(&parts)
                    .into());
            }
            if self.delivered.rows > before || (self.has_begun && !had_begun) {
                // What counts is how often nothing came at all.
                attempts = new_attempts(&self.within_its_time(waiting));
                attempts.begin();
            }
            let error = error.answered(&parts);
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
                    Err(error.after_attempts(attempts.made()).into())
                }
                _ => Err(error.into()),
            };
        }
    }

    /// The client, whose calls end with the wait until a row has come, and then with the time for all rows.
    fn within_its_time(&self, waiting: &Client) -> Client {
        if !self.has_begun {
            return waiting.clone();
        }
        let left = self.policy.max_elapsed.saturating_sub(self.elapsed);
        match Instant::now().checked_add(left) {
            Some(end) => self.client.until(end),
            None => self.client.clone(),
        }
    }

    async fn open(&self, client: &Client) -> Result<Head> {
        let call = client.get_usage_query_execution_id_results();
        call.execution_id(self.id).open().await
    }

    /// Reads one answer to its end.
    async fn read(&mut self, client: &Client, mut head: Head) -> Result<Option<QueryStatus>, Stop> {
        let mut decoding = Decoding::resuming(self.policy.max_row_bytes, self.delivered);
        let Inner { shared, deadline, .. } = &client.inner;
        let pace = Pace::new(shared.limits.silence, *deadline, self.policy.max_row_bytes);
        let outcome = self.decode(&mut head.body, &mut decoding, pace).await;
        let (mut decoder, last) = decoding.stop().await;
        let decoded = self.hand_out(last).await;
        self.delivered = decoder.delivered();
        self.has_begun |= decoder.rows() > 0;
        let unreadable = |stop: &Stop| matches!(stop, Stop::Failed(error) if error.kind() == Kind::Decode);
        if decoded.as_ref().is_err_and(unreadable) || outcome.as_ref().is_err_and(unreadable) {
            let patience = shared.limits.silence;
            if let Ok(Some(damage)) = tokio::time::timeout(patience, head.body.damage()).await {
                return Err(damage.into());
            }
        }
        let beginning = decoder.unread_beginning();
        // What is no response of the API is known by its text.
        let quoting = |error: Error| match &beginning {
            Some(text) if error.kind() == Kind::Decode => {
                error.advising(&format!("it begins with the text \"{text}\""))
            }
            _ => error,
        };
        let quoting_stop = |stop| match stop {
            Stop::Failed(error) => Stop::Failed(quoting(error)),
            Stop::Gone => Stop::Gone,
        };
        decoded.map_err(quoting_stop)?;
        if let Err(stop) = outcome.map_err(quoting_stop) {
            self.deliver_unless_resumed(&mut decoder).await?;
            return Err(stop);
        }
        let last = match decoder.finish() {
            Ok(last) => last,
            Err(_) if head.body.ends_unmarked && decoder.ends_early() => {
                self.deliver_unless_resumed(&mut decoder).await?;
                return Err(Error::cut_body().into());
            }
            Err(_) if decoder.is_untouched() => return Err(Error::without_body(&head.parts).into()),
            Err(error) => {
                self.deliver(decoder.take_batch()).await?;
                return Err(quoting(error).into());
            }
        };
        if let Some(refusal) = decoder.refusal(&head.parts) {
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
            let patience = pace.patience(self.policy.max_elapsed.saturating_sub(self.elapsed));
            match next(body, &read, decoding, patience).await {
                Next::Arrived(arrived, wait) => {
                    let length = arrived.length;
                    read.add(arrived);
                    if !decoding.is_busy() {
                        self.hand_out(decoding.decode(read.take())).await?;
                    }
                    pace.waited(wait, length, decoding.row_bytes())?;
                }
                Next::Decoded(decoded, wait) => {
                    let next = decoding.decode(read.take());
                    self.hand_out(decoded).await?;
                    self.hand_out(next).await?;
                    pace.waited(wait, 0, decoding.row_bytes())?;
                }
            }
            self.elapsed = before + began.elapsed().saturating_sub(self.held_up - held_up);
            if self.elapsed >= self.policy.max_elapsed {
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
    async fn deliver_unless_resumed(&mut self, decoder: &mut RowDecoder) -> Result<(), Gone> {
        if self.policy.resume {
            return Ok(());
        }
        self.deliver(decoder.take_batch()).await?;
        self.delivered = decoder.delivered();
        Ok(())
    }

    async fn deliver(&mut self, batch: Option<RowBatch>) -> Result<(), Gone> {
        let Some(batch) = batch else {
            return Ok(());
        };
        match self.out.try_send(Ok(batch)) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(Gone),
            Err(TrySendError::Full(batch)) => {
                let began = Instant::now();
                let outcome = self.out.send(batch).await;
                self.held_up += began.elapsed();
                outcome.map_err(|_| Gone)
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
async fn next(body: &mut Body, read: &Pieces, decoding: &mut Decoding, patience: Duration) -> Next {
    if !read.has_room() {
        return Next::Decoded(decoding.decoded().await, Duration::ZERO);
    }
    let began = Instant::now();
    let reading = pin!(within(patience, available(body)));
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
