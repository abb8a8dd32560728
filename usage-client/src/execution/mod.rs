//! A query: submit it, poll it, wait for it, resume it.

pub(crate) mod body;
mod decoding;
mod delivery;
mod endpoint;
mod fetch;
pub(crate) mod jobs;
mod pace;
mod pieces;
mod polling;
pub(crate) mod progress;
mod source;
pub(crate) mod states;
pub(crate) mod streams;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use tracing::Instrument as _;

use body::ResultsBody;
use endpoint::Endpoint;
use polling::Polling;
use progress::{OnProgress, Waiting};
use source::Source;
use states::{ExecutionState, States, get_results, poll};
use streams::{RowBatches, Rows};

use crate::{
    error::{Error, Result},
    generated::{
        client::Client,
        types::{ApiUsageClientQuery, ApiUsageQuery, ApiUsageQueryResult, UsageExecutionResult},
    },
    http::response::ResponseValue,
    retry::poll_policy::PollPolicy,
    rows::policy::RowsPolicy,
};

/// A submitted query. Dropping it, or a future or stream of it, stops the polling. The service continues to compute
/// it.
///
/// ```no_run
/// # async fn example(client: usage_client::Client) -> usage_client::Result<()> {
/// use usage_client::{ApiUsageQuery, Interval};
///
/// let execution = client.submit(ApiUsageQuery::builder().interval(Interval::last_days(30))).await?;
/// println!("submitted {}", execution.id());
/// let result = execution.wait().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Execution(Source<Endpoint>);

impl Client {
    /// Submits a query. The service computes it, and [`Execution::wait`] waits for its rows.
    ///
    /// A query changes nothing, so it is sent again after a failure, according to the
    /// [`RetryPolicy`](crate::RetryPolicy).
    ///
    /// # Errors
    ///
    /// The query is not valid, the service cannot be reached, or it refused the query.
    pub async fn submit<Q>(&self, query: Q) -> Result<Execution>
    where
        Q: TryInto<ApiUsageQuery>,
        Q::Error: fmt::Display,
    {
        let accepted = self.post_usage_query().body(query).send().await?;
        Ok(self.execution(accepted_id(&accepted)?))
    }

    /// Submits a query about one OAuth client. It needs fewer permissions than [`submit`](Self::submit).
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub async fn submit_for_client<Q>(&self, client_id: impl Into<String>, query: Q) -> Result<Execution>
    where
        Q: TryInto<ApiUsageClientQuery>,
        Q::Error: fmt::Display,
    {
        let client_id = client_id.into();
        let call = self.post_oauth_client_usage_query();
        let accepted = call.client_id(client_id.as_str()).body(query).send().await?;
        Ok(self.client_execution(client_id, accepted_id(&accepted)?))
    }

    /// Submits a query about one OAuth client over the last `days` days. The service chooses how rows are grouped.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub async fn submit_summary(&self, client_id: impl Into<String>, days: u32) -> Result<Execution> {
        let client_id = client_id.into();
        let call = self.get_oauth_client_usage_summary();
        let accepted = call
            .client_id(client_id.as_str())
            .days(days.to_string())
            .send()
            .await?;
        Ok(self.client_execution(client_id, accepted_id(&accepted)?))
    }

    /// An execution that was submitted before, perhaps by another process. An invalid id is an error when the
    /// execution is used.
    pub fn execution(&self, id: impl Into<String>) -> Execution {
        Execution(Source::new(self, Endpoint::Organization, id.into()))
    }

    /// An execution about one OAuth client that was submitted before: by [`submit_for_client`](Self::submit_for_client)
    /// or [`submit_summary`](Self::submit_summary).
    pub fn client_execution(&self, client_id: impl Into<String>, id: impl Into<String>) -> Execution {
        Execution(Source::new(self, Endpoint::Client(client_id.into()), id.into()))
    }
}

/// The id to request the results with.
fn accepted_id(accepted: &ResponseValue<UsageExecutionResult>) -> Result<&str> {
    named_id(accepted, accepted.execution_id.as_deref())
}

/// The id in the response to something submitted. Without one, the response is an error.
pub(crate) fn named_id<'a, T>(accepted: &ResponseValue<T>, id: Option<&'a str>) -> Result<&'a str> {
    match id {
        Some(id) if !id.is_empty() => Ok(id),
        _ => Err(Error::error_under_success(&accepted.parts, &accepted.body)
            .unwrap_or_else(|| Error::no_execution_id(&accepted.parts))),
    }
}

impl Execution {
    /// The id to resume with, in another process too. See [`Client::execution`].
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// How it polls: as [`ClientBuilder::polling`](crate::ClientBuilder::polling) says, or
    /// [`with_polling`](Self::with_polling).
    pub fn polling(&self) -> &PollPolicy {
        &self.0.polling
    }

    /// This execution with another polling policy than [`ClientBuilder::polling`](crate::ClientBuilder::polling).
    #[must_use]
    pub fn with_polling(mut self, policy: PollPolicy) -> Self {
        self.0.polling = policy;
        self
    }

    /// This execution with another streaming policy than
    /// [`ClientBuilder::streaming`](crate::ClientBuilder::streaming).
    #[must_use]
    pub fn with_streaming(mut self, policy: RowsPolicy) -> Self {
        self.0.rows = policy;
        self
    }

    /// This execution with a callback, which replaces an earlier one. [`wait`](Self::wait), [`states`](Self::states),
    /// [`rows`](Self::rows) and [`row_batches`](Self::row_batches) call it after each poll that did not find the
    /// query complete. It runs in their task, so it must return quickly.
    ///
    /// ```no_run
    /// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
    /// let execution = execution.on_progress(|waiting| println!("poll {}: {:?}", waiting.polls, waiting.status));
    /// let result = execution.wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn on_progress(mut self, report: impl Fn(&Waiting) + Send + Sync + 'static) -> Self {
        self.0.on_progress = Some(OnProgress(Arc::new(report)));
        self
    }

    /// Waits until the query is done. The result's status is `Complete`.
    ///
    /// A poll that fails for now (no connection, 429, 5xx …) is not a failed query, so polling continues. It also
    /// continues after a status that this crate does not know, and without a status.
    ///
    /// # Errors
    ///
    /// - [`is_query_failed`](crate::Error::is_query_failed): the service says that the query failed.
    /// - [`is_deadline`](crate::Error::is_deadline): the query is not complete at the [deadline](PollPolicy::deadline).
    ///   The error says how long the wait was, how many polls were made, and the id to resume with.
    /// - any other: the service refuses the poll.
    pub async fn wait(&self) -> Result<ApiUsageQueryResult> {
        let mut polling = Polling::new(self.0.clone());
        let waiting = async {
            loop {
                if let ExecutionState::Complete(result) = poll(&mut polling).await? {
                    return Ok(result);
                }
            }
        };
        waiting.instrument(self.0.span()).await
    }

    /// Waits until the query is done, and yields what each poll found. The last item is [`ExecutionState::Complete`],
    /// or an error like those of [`wait`](Self::wait). Like all streams of an execution, it borrows nothing.
    ///
    /// ```no_run
    /// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
    /// use usage_client::ExecutionState;
    ///
    /// let mut states = execution.states();
    /// while let Some(state) = states.next().await {
    ///     match state? {
    ///         ExecutionState::Waiting(waiting) => println!("next poll in {:?}", waiting.next_poll_in),
    ///         ExecutionState::Complete(result) => println!("{} rows", result.into_rows().len()),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn states(&self) -> States {
        States::new(self.0.clone())
    }

    /// Polls once, without waiting. The query of the result may still be running.
    ///
    /// # Errors
    ///
    /// The service cannot be reached, or refuses the poll. A failed query is not an error here: see the status of the
    /// result.
    pub async fn poll(&self) -> Result<ApiUsageQueryResult> {
        let response = get_results(&self.0.client, &self.0)
            .instrument(self.0.span())
            .await;
        Ok(response?.into_inner())
    }

    /// Waits like [`wait`](Self::wait), then yields the rows while they arrive. The memory it needs does not grow
    /// with them. [`row_batches`](Self::row_batches) is faster, because its rows borrow their strings.
    ///
    /// Rows that are not read block the connection. Dropping the stream closes it. The stream needs a Tokio runtime,
    /// like all calls.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait), as the last item. The rows are complete only if the stream ends without an
    /// error:
    ///
    /// - [`is_connect`](crate::Error::is_connect) or [`is_timeout`](crate::Error::is_timeout): the response was cut
    ///   repeatedly, or [resuming](RowsPolicy::resume) is off.
    /// - [`is_changed`](crate::Error::is_changed): it was cut, and when it was fetched again, it had other rows.
    /// - [`is_decode`](crate::Error::is_decode): it is not a response of the API, has a row over the
    ///   [limit](RowsPolicy::max_row_bytes), or does not say that it is complete.
    ///
    /// ```no_run
    /// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
    /// let mut rows = execution.rows();
    /// while let Some(row) = rows.next().await {
    ///     let row = row?;
    ///     println!("{} {}", row.client_name.unwrap_or_default(), row.requests.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rows(&self) -> Rows {
        Rows::new(self.0.clone())
    }

    /// The same rows as [`rows`](Self::rows), in batches whose rows borrow their strings.
    ///
    /// # Errors
    ///
    /// Those of [`rows`](Self::rows).
    pub fn row_batches(&self) -> RowBatches {
        RowBatches::new(self.0.clone())
    }

    /// Polls once, without waiting, and leaves the body for the caller to read: JSON with `results`, if there are
    /// any, and `queryStatus`. [`RowDecoder`](crate::RowDecoder) reads it. A cut body is an error and is not fetched
    /// again.
    ///
    /// # Errors
    ///
    /// Those of [`poll`](Self::poll).
    ///
    /// ```no_run
    /// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
    /// let mut body = execution.body().await?;
    /// while let Some(chunk) = body.chunk().await? {
    ///     println!("{} bytes", chunk.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn body(&self) -> Result<ResultsBody> {
        let response = self.0.kind.results(&self.0.client, &self.0.id);
        let response = response.instrument(self.0.span()).await;
        let response = response.map_err(|error| error.with_execution_id(&self.0.id))?;
        let silence = self.0.client.inner.shared.limits.silence;
        Ok(ResultsBody::new(response, &self.0.id, &self.0.rows, silence))
    }
}
