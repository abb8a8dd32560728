//! Polls of a job one after the other, and what each finds.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt as _,
    stream::{self, BoxStream},
};
use tracing::Instrument as _;

use super::{
    super::{polling::Polling, progress::Waiting},
    head::Turn,
    kind::JobKind,
    pages::{MAX_PAGE_SIZE, turn},
    source::Source,
};
use crate::error::Result;

/// What a poll of a job found. `S` is the type of its status.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JobState<S> {
    /// The job is not done yet.
    Waiting(Waiting<S>),
    /// The job has succeeded, and its rows can be read. This is the last state.
    Succeeded,
}

/// The polls of a job: see [`Job::states`](crate::Job::states).
#[must_use = "nothing is requested before it is polled"]
pub struct JobStates<S>(BoxStream<'static, Result<JobState<S>>>);

impl<S: Send + 'static> JobStates<S> {
    pub(super) fn new<K: JobKind<Status = S>>(source: Source<K>) -> Self {
        let span = source.span();
        let states = stream::unfold(Some(Polling::new(source)), move |polling| {
            let span = span.clone();
            async move {
                let mut polling = polling?;
                let state = poll(&mut polling).instrument(span).await;
                let state = state.map_err(|error| error.with_execution_id(&polling.source.id));
                let goes_on = matches!(state, Ok(JobState::Waiting(_)));
                Some((state, goes_on.then_some(polling)))
            }
        });
        Self(states.boxed())
    }

    /// The next state. Nothing after [`JobState::Succeeded`] or an error.
    pub async fn next(&mut self) -> Option<Result<JobState<S>>> {
        self.0.next().await
    }
}

impl<S> Stream for JobStates<S> {
    type Item = Result<JobState<S>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<S> fmt::Debug for JobStates<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobStates").finish_non_exhaustive()
    }
}

/// Waits for the next poll and makes it.
async fn poll<K: JobKind>(polling: &mut Polling<Source<K>>) -> Result<JobState<K::Status>> {
    polling.wait_for_next().await?;
    let mut size = MAX_PAGE_SIZE;
    let turn = turn(&polling.source, &polling.client, None, &mut size).await;
    let outcome = match turn {
        Ok(Turn::Page(_)) => return Ok(JobState::Succeeded),
        Ok(Turn::Unfinished(status)) => Ok(status),
        Err(error) => Err(error),
    };
    Ok(JobState::Waiting(polling.not_done(outcome)?))
}
