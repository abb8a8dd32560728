//! The streams that callers read.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::Stream;
use tokio::{
    sync::mpsc::{Receiver, channel},
    task::JoinHandle,
};

use tracing::Instrument as _;

use super::{fetch::Fetch, source::Source};
use crate::{
    error::{Error, Result},
    generated::types::ApiUsageRow,
    rows::batch::RowBatch,
};

/// How many batches may wait for their reader. Decoding continues meanwhile.
const WAITING_BATCHES: usize = 1;

/// The rows of an execution in batches, as they arrive. See
/// [`Execution::row_batches`](crate::Execution::row_batches).
#[must_use = "nothing is asked for before it is polled"]
pub struct RowBatches(State);

enum State {
    Ready(Box<Source>),
    Running(Running),
    Ended,
}

/// The task that fetches the batches. It ends with the stream, which closes the connection.
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
    fn start(source: Source) -> Self {
        let (out, batches) = channel(WAITING_BATCHES);
        let span = source.span();
        let fetching = async move {
            Fetch::new(&source, out).run().await;
        };
        let task = tokio::spawn(fetching.instrument(span));
        Self { batches, task }
    }

    /// The next batch. The channel also closes if the task was aborted, which is an error.
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
    pub(super) fn new(source: Source) -> Self {
        Self(State::Ready(Box::new(source)))
    }

    /// The next batch. Nothing after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<RowBatch>> {
        futures_util::StreamExt::next(self).await
    }
}

impl Stream for RowBatches {
    type Item = Result<RowBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let State::Ready(source) = &self.0 {
            self.0 = State::Running(Running::start(Source::clone(source)));
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

/// The rows of an execution, as they arrive. See [`Execution::rows`](crate::Execution::rows).
#[derive(Debug)]
#[must_use = "nothing is asked for before it is polled"]
pub struct Rows {
    batches: RowBatches,
    batch: Option<RowBatch>,
    next: usize,
}

impl Rows {
    pub(super) fn new(source: Source) -> Self {
        Self {
            batches: RowBatches::new(source),
            batch: None,
            next: 0,
        }
    }

    /// The next row. Nothing after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<ApiUsageRow>> {
        futures_util::StreamExt::next(self).await
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
