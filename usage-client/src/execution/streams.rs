//! The streams that callers read.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{FutureExt as _, Stream, future::BoxFuture};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
};

use tracing::Instrument as _;

use super::{endpoint::Endpoint, fetch::Fetch, source::Source};
use crate::{
    error::{Error, Result},
    generated::types::ApiUsageRow,
    rows::batch::RowBatch,
};

/// How many batches or pages may wait for their reader. Decoding continues meanwhile.
const WAITING_ITEMS: usize = 1;

/// What a task brings, as it arrives. The task starts when the stream is polled first, and ends with the stream, which
/// closes the connection.
pub(super) enum TaskStream<T> {
    Ready(Box<Task<T>>),
    Running(Running<T>),
    Ended,
}

type Task<T> = dyn FnOnce(Sender<Result<T>>) -> BoxFuture<'static, ()> + Send + Sync;

pub(super) struct Running<T> {
    items: Receiver<Result<T>>,
    task: JoinHandle<()>,
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T: Send + 'static> TaskStream<T> {
    /// A stream of what `task` sends.
    pub(super) fn new<F>(task: impl FnOnce(Sender<Result<T>>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::Ready(Box::new(|out| task(out).boxed()))
    }

    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        if let Self::Ready(_) = self
            && let Self::Ready(task) = std::mem::replace(self, Self::Ended)
        {
            let (out, items) = channel(WAITING_ITEMS);
            *self = Self::Running(Running {
                items,
                task: tokio::spawn(task(out)),
            });
        }
        let Self::Running(running) = self else {
            return Poll::Ready(None);
        };
        let item = ready!(running.poll_item(context));
        if !matches!(item, Some(Ok(_))) {
            *self = Self::Ended;
        }
        Poll::Ready(item)
    }
}

impl<T> Running<T> {
    /// The next item. The channel also closes if the task was aborted, which is an error.
    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        if let Some(item) = ready!(self.items.poll_recv(context)) {
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

/// The rows of an execution or job in batches, as they arrive. See
/// [`Execution::row_batches`](crate::Execution::row_batches).
#[must_use = "nothing is asked for before it is polled"]
pub struct RowBatches(pub(super) TaskStream<RowBatch>);

impl RowBatches {
    pub(super) fn new(source: Source<Endpoint>) -> Self {
        Self(TaskStream::new(|out| {
            let span = source.span();
            let fetching = async move {
                Fetch::new(&source, out).run().await;
            };
            fetching.instrument(span)
        }))
    }

    /// The next batch. Nothing after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<RowBatch>> {
        futures_util::StreamExt::next(self).await
    }
}

impl Stream for RowBatches {
    type Item = Result<RowBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(context)
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
    pub(super) fn new(source: Source<Endpoint>) -> Self {
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
