//! Polls one after the other, and what each finds.

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
    endpoint::Endpoint,
    polling::Polling,
    progress::Waiting,
    source::{Source, Submitted},
};
use crate::{
    error::{Error, Result, kind::Kind},
    generated::{
        client::Client,
        types::{ApiUsageQueryResult, QueryStatus},
    },
    http::response::ResponseValue,
};

/// What a poll found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExecutionState {
    /// The query is not complete yet.
    Waiting(Waiting),
    /// The query is done. This is the last state.
    Complete(ApiUsageQueryResult),
}

/// The polls of an execution or of a job: see [`Execution::states`](crate::Execution::states) and
/// [`Job::states`](crate::Job::states).
#[must_use = "nothing is requested before it is polled"]
pub struct States<T = ExecutionState>(BoxStream<'static, Result<T>>);

/// What is polled, and what a poll finds.
pub(super) trait Polls: Submitted + Send + Sync + Sized + 'static {
    type State: Send;

    /// Waits for the next poll and makes it.
    fn poll(polling: &mut Polling<Self>) -> impl Future<Output = Result<Self::State>> + Send;

    /// Whether another poll follows.
    fn is_waiting(state: &Self::State) -> bool;
}

impl<T: Send + 'static> States<T> {
    pub(super) fn new<K: Polls<State = T>>(source: Source<K>) -> Self
    where
        K::Status: Send + Sync,
    {
        let span = source.span();
        let states = stream::unfold(Some(Polling::new(source)), move |polling| {
            let span = span.clone();
            async move {
                let mut polling = polling?;
                let state = K::poll(&mut polling).instrument(span).await;
                let goes_on = state.as_ref().is_ok_and(K::is_waiting);
                Some((state, goes_on.then_some(polling)))
            }
        });
        Self(states.boxed())
    }

    /// The next state. Nothing after the last one or an error.
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.0.next().await
    }
}

impl<T> Stream for States<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl<T> fmt::Debug for States<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("States").finish_non_exhaustive()
    }
}

impl Polls for Endpoint {
    type State = ExecutionState;

    async fn poll(polling: &mut Polling) -> Result<ExecutionState> {
        poll(polling).await
    }

    fn is_waiting(state: &ExecutionState) -> bool {
        matches!(state, ExecutionState::Waiting(_))
    }
}

/// Waits for the next poll and makes it.
pub(super) async fn poll(polling: &mut Polling) -> Result<ExecutionState> {
    polling.wait_for_next().await?;
    let (client, source) = (&polling.client, &polling.source);
    let outcome = match get_results(client, source).await {
        Ok(response) => match response.query_status.clone() {
            Some(QueryStatus::Complete) => return Ok(ExecutionState::Complete(response.into_inner())),
            Some(QueryStatus::Failed) => {
                Err(
                    Error::query_failed(&response.parts, "the query failed", &response.body)
                        .with_execution_id(&source.id),
                )
            }
            status => Ok(status),
        },
        Err(error) => Err(error),
    };
    Ok(ExecutionState::Waiting(polling.not_done(outcome)?))
}

/// Polls once with a client of its own deadline.
pub(super) async fn get_results(
    client: &Client,
    source: &Source<Endpoint>,
) -> Result<ResponseValue<ApiUsageQueryResult>> {
    let response = source.kind.results(client, &source.id).await;
    let response = response.and_then(ResponseValue::<ApiUsageQueryResult>::from_response);
    let response = response.and_then(|response| {
        // A successful status may come with an error, which polling again would not change.
        match Error::error_under_success(&response.parts, &response.body) {
            Some(error) => Err(error),
            None => Ok(response),
        }
    });
    response.map_err(|error| {
        let error = error.with_execution_id(&source.id);
        match error.kind() {
            Kind::TooLarge => error.with_advice(
                "`Execution::rows` and `row_batches` read any size in bounded memory, and \
                 `ClientBuilder::max_result_bytes` sets the limit",
            ),
            _ => error,
        }
    })
}
