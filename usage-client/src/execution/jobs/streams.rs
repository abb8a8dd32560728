//! The rows of one or more jobs, as streams that callers read.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::Stream;
use tracing::Instrument as _;

use super::{
    super::{
        source::Source,
        streams::{RowBatches, TaskStream},
    },
    head::Page,
    kind::JobKind,
    pages::send_all,
    rows,
};
use crate::error::Result;

/// The rows of jobs, as they arrive. See [`Job::rows`](crate::Job::rows).
#[must_use = "nothing is requested before it is polled"]
pub struct JobRows<K: JobKind> {
    /// Pages, each with the id of its job.
    pages: TaskStream<(Page, String)>,
    page: std::vec::IntoIter<K::Row>,
}

impl<K: JobKind> JobRows<K> {
    pub(super) fn new(jobs: Vec<Source<K>>) -> Self {
        Self {
            pages: stream(jobs, |id, page| Ok((page, id))),
            page: Vec::new().into_iter(),
        }
    }

    /// The next row. Nothing after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<K::Row>> {
        futures_util::StreamExt::next(self).await
    }
}

impl<K: JobKind> Unpin for JobRows<K> {}

impl<K: JobKind> Stream for JobRows<K> {
    type Item = Result<K::Row>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(row) = self.page.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(self.pages.poll_next(context)) {
                // Rows that are made and dropped by the same thread cost a third less.
                Some(Ok((page, id))) => match rows::typed::<K>(page) {
                    Ok(rows) => self.page = rows.into_iter(),
                    Err(error) => {
                        self.pages = TaskStream::Ended;
                        return Poll::Ready(Some(Err(error.with_execution_id(&id))));
                    }
                },
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<K: JobKind> fmt::Debug for JobRows<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobRows").finish_non_exhaustive()
    }
}

/// The rows of jobs in batches of a page.
pub(super) fn batches<K: JobKind>(jobs: Vec<Source<K>>) -> RowBatches {
    RowBatches(stream(jobs, |_, page| rows::batch::<K>(page)))
}

/// The pages of one job after the other, made into items.
fn stream<K: JobKind, T: Send + 'static>(
    jobs: Vec<Source<K>>,
    make: fn(String, Page) -> Result<T>,
) -> TaskStream<T> {
    TaskStream::new(move |out| async move {
        for job in jobs {
            let sending = send_all(&job, &out, make).instrument(job.span());
            if let Err(error) = sending.await {
                // Nobody reads the error if the channel is closed.
                let _ = out.send(Err(error.with_execution_id(&job.id))).await;
                return;
            }
        }
    })
}
