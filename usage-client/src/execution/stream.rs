//! The streams that callers read.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_util::Stream;
use tokio::{
    sync::mpsc::{Receiver, channel},
    task::JoinHandle,
};

use super::{
    batch::RowBatch,
    decoder::{MAX_ROW_BYTES, Mark},
    fetch::{Fetch, OnWaiting},
};
use crate::{
    error::{Error, Result},
    execution::Execution,
    generated::types::ApiUsageRow,
    polling::Waiting,
};

/// How many batches wait to be read: enough for decoding to go on meanwhile.
const WAITING_BATCHES: usize = 2;

/// How rows are streamed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RowsPolicy {
    /// Whether an answer that is cut is fetched again, leaving out the rows that came before after making sure that they
    /// are the same. On; as often as the [`RetryPolicy`](crate::RetryPolicy) allows without a new row in between.
    pub resume: bool,
    /// The largest row, or other value of the answer, in bytes. 1 MiB, some thousand times what a row has: a larger one
    /// is an error, since rows are held in memory.
    pub max_row_bytes: usize,
    /// How long the rows may take, over all answers if they are cut. 1 hour: a server that never ends must not hold its
    /// reader for ever. Time in which rows are there and nobody reads them does not count.
    ///
    /// Apart from that, an answer may be silent for no longer than the
    /// [read timeout](crate::ClientBuilder::read_timeout), and in each period of that length its rows must come at 100
    /// bytes a second at least. Until the first row, the [deadline](crate::PollPolicy::deadline) of waiting holds too.
    pub max_elapsed: Duration,
}

impl Default for RowsPolicy {
    fn default() -> Self {
        Self {
            resume: true,
            max_row_bytes: MAX_ROW_BYTES,
            max_elapsed: Duration::from_secs(60 * 60),
        }
    }
}

impl RowsPolicy {
    /// Sets [`resume`](Self::resume).
    #[must_use]
    pub fn with_resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// Sets [`max_row_bytes`](Self::max_row_bytes); at most 1 GiB.
    #[must_use]
    pub fn with_max_row_bytes(mut self, bytes: usize) -> Self {
        self.max_row_bytes = bytes;
        self
    }

    /// Sets [`max_elapsed`](Self::max_elapsed).
    #[must_use]
    pub fn with_max_elapsed(mut self, elapsed: Duration) -> Self {
        self.max_elapsed = elapsed;
        self
    }
}

/// The rows of an execution in batches, while they arrive: see [`Execution::row_batches`].
#[must_use = "nothing is asked for before it is polled"]
pub struct RowBatches(State);

enum State {
    Ready(Box<Execution>, Option<OnWaiting>),
    Running(Running),
    Ended,
}

/// The task that brings the batches. It ends with the stream, and closes the connection.
struct Running {
    batches: Receiver<Result<RowBatch>>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Running {
    fn start(execution: Execution, on_waiting: Option<OnWaiting>) -> Self {
        let (out, batches) = channel(WAITING_BATCHES);
        let task = tokio::spawn(async move {
            let fetch = Fetch {
                client: execution.client(),
                id: execution.id(),
                policy: execution.streaming(),
                out,
                delivered: Mark::default(),
                has_begun: false,
                elapsed: Duration::ZERO,
                held_up: Duration::ZERO,
            };
            fetch.run(execution.polling(), on_waiting).await;
        });
        Self { batches, task }
    }

    /// The next batch. That no more come is an end only if the task came to its own.
    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RowBatch>>> {
        if let Some(item) = ready!(self.batches.poll_recv(context)) {
            return Poll::Ready(Some(item));
        }
        match ready!(Pin::new(&mut self.task).poll(context)) {
            Ok(()) => Poll::Ready(None),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Poll::Ready(Some(Err(Error::cut_body().with_source(error)))),
            },
        }
    }
}

impl RowBatches {
    pub(crate) fn new(execution: Execution) -> Self {
        Self(State::Ready(Box::new(execution), None))
    }

    /// Tells of each poll that did not find the query complete, as [`Execution::states`] does. To be called before the
    /// stream is polled.
    pub fn on_waiting(mut self, tell: impl FnMut(&Waiting) + Send + 'static) -> Self {
        if let State::Ready(_, on_waiting) = &mut self.0 {
            *on_waiting = Some(Box::new(tell));
        }
        self
    }
}

impl Stream for RowBatches {
    type Item = Result<RowBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let State::Ready(..) = self.0
            && let State::Ready(execution, on_waiting) = std::mem::replace(&mut self.0, State::Ended)
        {
            self.0 = State::Running(Running::start(*execution, on_waiting));
        }
        let State::Running(running) = &mut self.0 else {
            return Poll::Ready(None);
        };
        let item = ready!(running.poll_item(context));
        if !matches!(item, Some(Ok(_))) {
            self.0 = State::Ended;
        }
        Poll::Ready(item)
    }
}

impl fmt::Debug for RowBatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowBatches").finish_non_exhaustive()
    }
}

/// The rows of an execution, while they arrive: see [`Execution::rows`].
#[derive(Debug)]
#[must_use = "nothing is asked for before it is polled"]
pub struct Rows {
    batches: RowBatches,
    batch: Option<RowBatch>,
    next: usize,
}

impl Rows {
    pub(crate) fn new(execution: Execution) -> Self {
        Self {
            batches: RowBatches::new(execution),
            batch: None,
            next: 0,
        }
    }

    /// As [`RowBatches::on_waiting`].
    pub fn on_waiting(mut self, tell: impl FnMut(&Waiting) + Send + 'static) -> Self {
        self.batches = self.batches.on_waiting(tell);
        self
    }
}

impl Stream for Rows {
    type Item = Result<ApiUsageRow>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let row = self.batch.as_ref().and_then(|batch| batch.get(self.next));
            if let Some(row) = row.map(|row| row.to_row()) {
                self.next += 1;
                return Poll::Ready(Some(Ok(row)));
            }
            self.batch = None;
            match ready!(Pin::new(&mut self.batches).poll_next(context)) {
                Some(Ok(batch)) => (self.batch, self.next) = (Some(batch), 0),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}
