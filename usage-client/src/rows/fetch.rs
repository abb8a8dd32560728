//! The rows of an execution, brought from the service: polls, the open answer, what to do when it is cut.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
    time::Instant,
};

use super::{
    batch::RowBatch,
    decoder::{Mark, RowDecoder},
    pace::{Pace, within},
    stream::RowsPolicy,
};
use crate::{
    client::Inner,
    content::Body,
    error::{Error, Kind, Result},
    generated::{Client, types::QueryStatus},
    polling::{Polling, Waiting},
    retry::{Attempts, transient_error},
    transport::{ClientInfo as _, Head},
};

/// A larger answer is decoded on a thread of its own, beside reading; for a smaller one that costs more than it gains.
const SMALL_ANSWER: usize = 512 * 1024;
/// A thread is woken for no less than this, if more is there: the pieces of a compressed answer are small.
const ENOUGH: usize = 256 * 1024;
/// How many groups of pieces wait to be decoded.
const PIECES: usize = 2;

/// Brings the batches of an execution to their reader.
pub(super) struct Fetch<'a> {
    pub(super) client: &'a Client,
    pub(super) id: &'a str,
    pub(super) policy: &'a RowsPolicy,
    pub(super) out: Sender<Result<RowBatch>>,
    pub(super) delivered: Mark,
    /// How long the service was waited for, in all answers.
    pub(super) waited: Duration,
}

/// Told of each poll that did not find the query complete.
pub(super) type OnWaiting = Box<dyn FnMut(&Waiting) + Send>;

/// Whoever reads the batches went away: there is nothing left to do.
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
                // Without a row yet it is a poll that failed, but not if the time for all rows is over.
                Err(Stop::Failed(error))
                    if self.delivered.rows == 0 && self.waited < self.policy.max_elapsed =>
                {
                    Err(error)
                }
                Err(stop) => return Err(stop),
            };
            let waiting = polling.not_done(outcome)?;
            if let Some(tell) = &mut on_waiting {
                tell(&waiting);
            }
        }
    }

    /// Fetches the answer, again if its body is cut, until that is not worth another attempt. Rows that are on their way are
    /// not bound to the deadline of who waits for them.
    async fn answer(&mut self, waiting: &Client) -> Result<Option<QueryStatus>, Stop> {
        let unbound = self.client;
        let Inner { retry, shared, .. } = unbound.inner();
        // An attempt begins only while a call would still have time since the last new row.
        let new_attempts = || {
            let now = Instant::now();
            Attempts::new(retry, &shared.budget, now, now.checked_add(shared.timeout))
                .told_to(shared.on_retry.as_ref())
        };
        let mut attempts = new_attempts();
        let mut last = None;
        loop {
            attempts.begin();
            let before = self.delivered.rows;
            let client = if before == 0 { waiting } else { unbound };
            let head = self.open(client).await.map_err(|error| match last.take() {
                // The time was up, and what came before says why.
                Some(last) if error.kind() == Kind::Timeout => error.with_source(last),
                _ => error,
            })?;
            let parts = head.parts.clone();
            let error = match self.read(client, head).await {
                Err(Stop::Failed(error)) => error,
                done => return done,
            };
            if self.waited >= self.policy.max_elapsed {
                return Err(Error::too_long(self.policy.max_elapsed)
                    .with_source(error)
                    .answered(&parts)
                    .into());
            }
            if self.delivered.rows > before {
                // What counts is how often nothing came at all.
                attempts = new_attempts();
                attempts.begin();
            }
            let error = error.answered(&parts);
            return match transient_error(&error) {
                Some(transient) if self.policy.resume => {
                    if attempts.pause(transient).await {
                        last = Some(error);
                        continue;
                    }
                    Err(error.after_attempts(attempts.made()).into())
                }
                _ => Err(error.into()),
            };
        }
    }

    async fn open(&self, client: &Client) -> Result<Head> {
        let call = client.get_usage_query_execution_id_results();
        call.execution_id(self.id).open().await
    }

    /// Reads one answer to its end.
    async fn read(&mut self, client: &Client, mut head: Head) -> Result<Option<QueryStatus>, Stop> {
        let mut decoding = Decoding::new(self.policy.max_row_bytes, self.delivered);
        let Inner { shared, deadline, .. } = client.inner();
        let pace = Pace::new(shared.silence, *deadline, self.policy.max_row_bytes);
        let outcome = self.decode(&mut head.body, &mut decoding, pace).await;
        let (mut decoder, decoded) = decoding.stop().await;
        self.delivered = decoder.delivered();
        let unreadable = |stop: &Stop| matches!(stop, Stop::Failed(error) if error.kind() == Kind::Decode);
        if decoded.as_ref().is_err_and(unreadable) || outcome.as_ref().is_err_and(unreadable) {
            let patience = shared.silence;
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

    /// Decodes what arrives until the body ends, or nobody wants more.
    async fn decode(&mut self, body: &mut Body, decoding: &mut Decoding, mut pace: Pace) -> Result<(), Stop> {
        let mut length = 0;
        loop {
            let patience = pace.patience(self.policy.max_elapsed.saturating_sub(self.waited));
            // What is cut off here waits for its first piece, so none is lost.
            let (arrived, wait) = within(patience, available(body)).await;
            self.waited += wait;
            let (pieces, goes_on) = arrived.unwrap_or_else(|| (Vec::new(), Ok(true)));
            let bytes = pieces.iter().map(Bytes::len).sum::<usize>();
            length += bytes;
            if !self.decode_pieces(pieces, length, decoding).await? || !goes_on? {
                return Ok(());
            }
            pace.waited(wait, bytes, decoding.row_bytes())?;
            if self.waited >= self.policy.max_elapsed {
                return Err(Error::new(Kind::Timeout, "the whole time is over").into());
            }
        }
    }

    /// False if the worker takes no more: it has failed, or nobody reads, and says so when it is stopped.
    async fn decode_pieces(
        &mut self,
        pieces: Vec<Bytes>,
        length: usize,
        decoding: &mut Decoding,
    ) -> Result<bool, Stop> {
        if length > SMALL_ANSWER
            && let Decoding::Here(decoder) = decoding
        {
            *decoding = Decoding::Beside(Worker::start(std::mem::take(decoder), self.out.clone()));
        }
        let decoder = match decoding {
            Decoding::Beside(worker) => return Ok(worker.pieces.send(pieces).await.is_ok()),
            Decoding::Here(decoder) => decoder,
        };
        for piece in &pieces {
            let mut input = &piece[..];
            while let Some(batch) = decoder.decode(&mut input)? {
                self.deliver(Some(batch)).await?;
            }
        }
        Ok(true)
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

    async fn deliver(&self, batch: Option<RowBatch>) -> Result<(), Gone> {
        match batch {
            Some(batch) => self.out.send(Ok(batch)).await.map_err(|_| Gone),
            None => Ok(()),
        }
    }
}

/// What has arrived of a body: one piece as soon as it comes, and all that is there with it, up to [`ENOUGH`]; and whether
/// more may come.
async fn available(body: &mut Body) -> (Vec<Bytes>, Result<bool>) {
    let mut pieces = Vec::new();
    let mut length = 0;
    let mut next = body.chunk().await;
    loop {
        match next {
            Ok(Some(piece)) => {
                length += piece.len();
                pieces.push(piece);
            }
            Ok(None) => return (pieces, Ok(false)),
            Err(error) => return (pieces, Err(error)),
        }
        if length >= ENOUGH {
            return (pieces, Ok(true));
        }
        match body.chunk().now_or_never() {
            Some(outcome) => next = outcome,
            None => return (pieces, Ok(true)),
        }
    }
}

/// Where an answer is decoded.
enum Decoding {
    Here(Box<RowDecoder>),
    Beside(Worker),
}

/// A thread that decodes.
struct Worker {
    pieces: Sender<Vec<Bytes>>,
    /// Length of the rows that were decoded so far.
    row_bytes: Arc<AtomicU64>,
    thread: JoinHandle<(Box<RowDecoder>, Result<(), Stop>)>,
}

impl Decoding {
    fn new(max_row_bytes: usize, delivered: Mark) -> Self {
        Self::Here(Box::new(RowDecoder::resuming(max_row_bytes, delivered)))
    }

    /// Length of the rows that were decoded so far.
    fn row_bytes(&self) -> u64 {
        match self {
            Self::Here(decoder) => decoder.row_bytes(),
            Self::Beside(worker) => worker.row_bytes.load(Ordering::Relaxed),
        }
    }

    /// The decoder when it has seen all pieces, and what stopped it before, if anything did.
    async fn stop(self) -> (Box<RowDecoder>, Result<(), Stop>) {
        match self {
            Self::Here(decoder) => (decoder, Ok(())),
            Self::Beside(Worker { pieces, thread, .. }) => {
                drop(pieces);
                match thread.await {
                    Ok(stopped) => stopped,
                    Err(error) => match error.try_into_panic() {
                        Ok(panic) => std::panic::resume_unwind(panic),
                        // The runtime is shutting down, and this future with it.
                        Err(_) => std::future::pending().await,
                    },
                }
            }
        }
    }
}

impl Worker {
    fn start(mut decoder: Box<RowDecoder>, out: Sender<Result<RowBatch>>) -> Self {
        let (pieces, received) = channel(PIECES);
        let row_bytes = Arc::new(AtomicU64::new(decoder.row_bytes()));
        let told = Arc::clone(&row_bytes);
        let thread = tokio::task::spawn_blocking(move || {
            let outcome = work(&mut decoder, received, &out, &told);
            (decoder, outcome)
        });
        Self {
            pieces,
            row_bytes,
            thread,
        }
    }
}

fn work(
    decoder: &mut RowDecoder,
    mut groups: Receiver<Vec<Bytes>>,
    out: &Sender<Result<RowBatch>>,
    row_bytes: &AtomicU64,
) -> Result<(), Stop> {
    while let Some(pieces) = groups.blocking_recv() {
        for piece in pieces {
            let mut input = &piece[..];
            while let Some(batch) = decoder.decode(&mut input)? {
                out.blocking_send(Ok(batch)).map_err(|_| Gone)?;
            }
            row_bytes.store(decoder.row_bytes(), Ordering::Relaxed);
        }
    }
    Ok(())
}
