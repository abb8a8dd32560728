//! A query: submit, poll, wait, watch, resume.

pub(crate) mod body;
mod decoding;
mod fetch;
mod pace;
pub(crate) mod policy;
pub(crate) mod polling;
mod source;
pub(crate) mod streams;

use std::fmt;

use futures_util::{Stream, StreamExt as _, stream};

use body::ResultsBody;
use policy::RowsPolicy;
use polling::{PollPolicy, Polling, Waiting};
use source::Source;
use streams::{RowBatches, Rows};

use crate::{
    error::{Error, Result, kind::Kind},
    generated::{
        client::Client,
        types::{ApiUsageQuery, ApiUsageQueryResult, QueryStatus},
    },
    http::response::ResponseValue,
};

/// A submitted query. Dropping it, or a future or stream of it, stops the polling; the service computes on.
///
/// ```no_run
/// # async fn example(client: usage_client::Client) -> usage_client::Result<()> {
/// use usage_client::{ApiUsageQuery, Interval};
///
/// let mut execution = client.submit(ApiUsageQuery::builder().interval(Interval::last_days(30))).await?;
/// println!("submitted {}", execution.id());
/// let result = execution.wait().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Execution(Source);

/// What a poll came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ExecutionState {
    /// The query is not done yet.
    Waiting(Waiting),
    /// The query is done. The last state.
    Complete(ApiUsageQueryResult),
}

impl Client {
    /// Submits a query. The service computes it; [`Execution::wait`] waits for its rows.
    ///
    /// Sent again after a failure as the [`RetryPolicy`](crate::RetryPolicy) says, since a query changes nothing.
    ///
    /// # Errors
    ///
    /// The query is not valid, or the service cannot be reached or refused it.
    pub async fn submit<Q>(&self, query: Q) -> Result<Execution>
    where
        Q: TryInto<ApiUsageQuery>,
        Q::Error: fmt::Display,
    {
        let accepted = self.post_usage_query().body(query).send().await?;
        match &accepted.execution_id {
            Some(id) if !id.is_empty() => Ok(self.execution(id)),
            _ => Err(Error::error_under_success(&accepted.parts, &accepted.body)
                .unwrap_or_else(|| Error::no_execution_id(&accepted.parts))),
        }
    }

    /// An execution that was submitted before, perhaps by another process. An id that cannot be one is reported when
    /// it is waited for.
    pub fn execution(&self, id: impl Into<String>) -> Execution {
        Execution::new(self.clone(), id.into())
    }
}

impl Execution {
    fn new(client: Client, id: String) -> Self {
        Self(Source {
            client,
            id,
            polling: PollPolicy::default(),
            rows: RowsPolicy::default(),
        })
    }

    /// The id to resume with, in another process too: see [`Client::execution`].
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// This execution with another way to poll.
    #[must_use]
    pub fn with_polling(mut self, policy: PollPolicy) -> Self {
        self.0.polling = policy;
        self
    }

    /// This execution with another way to stream rows.
    #[must_use]
    pub fn with_streaming(mut self, policy: RowsPolicy) -> Self {
        self.0.rows = policy;
        self
    }

    /// Waits until the query is done. The result's status is `Complete`.
    ///
    /// A poll that fails for now (no connection, 429, 5xx …) is not a failed query: polling goes on. So it does for a
    /// status that this crate does not know, and for none.
    ///
    /// # Errors
    ///
    /// - [`is_query_failed`](crate::Error::is_query_failed): the service says that the query failed;
    /// - [`is_deadline`](crate::Error::is_deadline): the query is not done at the [deadline](PollPolicy::deadline); the error
    ///   tells how long it waited, how many polls it made, and the id to resume with;
    /// - any other: the service refuses to tell.
    pub async fn wait(&mut self) -> Result<ApiUsageQueryResult> {
        let mut polling = self.0.polling();
        loop {
            if let ExecutionState::Complete(result) = poll(&mut polling, &self.0.id).await? {
                return Ok(result);
            }
        }
    }

    /// Waits until the query is done, telling of each poll. The last item is [`ExecutionState::Complete`], or an error
    /// as from [`wait`](Self::wait).
    pub fn states(&mut self) -> impl Stream<Item = Result<ExecutionState>> + Send + '_ {
        let id = &self.0.id;
        stream::unfold(Some(self.0.polling()), move |polling| async move {
            let mut polling = polling?;
            let state = poll(&mut polling, id).await;
            let goes_on = matches!(state, Ok(ExecutionState::Waiting(_)));
            Some((state, goes_on.then_some(polling)))
        })
        .boxed()
    }

    /// Asks once, without waiting. The result may be of a query that is still running.
    ///
    /// # Errors
    ///
    /// The service cannot be reached or refuses to tell. A failed query is no error here: see the result's status.
    pub async fn poll(&self) -> Result<ApiUsageQueryResult> {
        Ok(ask(&self.0.client, &self.0.id).await?.into_inner())
    }

    /// Waits as [`wait`](Self::wait) does, then yields the rows while they arrive, in memory that does not grow with
    /// them. [`row_batches`](Self::row_batches) is faster: its rows have no texts of their own.
    ///
    /// Rows that are not read hold up the connection, and dropping the stream closes it. The stream needs a Tokio
    /// runtime, as all calls do.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait), as the last item. All rows have come only if the stream ends without one:
    ///
    /// - [`is_connect`](crate::Error::is_connect) or [`is_timeout`](crate::Error::is_timeout): the response was cut, again and again, or
    ///   [resuming](RowsPolicy::resume) is switched off;
    /// - [`is_changed`](crate::Error::is_changed): it was cut, and fetched again it has other rows;
    /// - [`is_decode`](crate::Error::is_decode): it is no response of the API, has a row over the
    ///   [limit](RowsPolicy::max_row_bytes), or does not say that it is complete.
    ///
    /// ```no_run
    /// # async fn example(execution: usage_client::Execution) -> usage_client::Result<()> {
    /// use futures_util::TryStreamExt as _;
    ///
    /// let mut rows = execution.rows();
    /// while let Some(row) = rows.try_next().await? {
    ///     println!("{} {}", row.client_name.unwrap_or_default(), row.requests.unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rows(&self) -> Rows {
        Rows::new(self.0.clone())
    }

    /// The same rows as [`rows`](Self::rows), in batches whose rows borrow their texts.
    ///
    /// # Errors
    ///
    /// Those of [`rows`](Self::rows).
    pub fn row_batches(&self) -> RowBatches {
        RowBatches::new(self.0.clone())
    }

    /// Asks once, without waiting, and leaves the response's body to be read as it is: JSON with `results`, if there are
    /// any, and `queryStatus`. [`RowDecoder`](crate::RowDecoder) reads it. A body that is cut is an error and not fetched
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
        let call = self.0.client.get_usage_query_execution_id_results();
        let response = call.execution_id(self.0.id.as_str()).open().await;
        let response = response.map_err(|error| error.with_execution_id(&self.0.id))?;
        let silence = self.0.client.inner.shared.limits.silence;
        Ok(ResultsBody::new(response, &self.0.id, &self.0.rows, silence))
    }
}

/// Waits for the next poll and makes it.
async fn poll(polling: &mut Polling<'_>, id: &str) -> Result<ExecutionState> {
    polling.wait_for_next().await?;
    let outcome = match ask(&polling.client, id).await {
        Ok(answer) => match answer.query_status.clone() {
            Some(QueryStatus::Complete) => return Ok(ExecutionState::Complete(answer.into_inner())),
            Some(QueryStatus::Failed) => {
                Err(Error::query_failed(&answer.parts, &answer.body).with_execution_id(id))
            }
            status => Ok(status),
        },
        Err(error) => Err(error),
    };
    Ok(ExecutionState::Waiting(polling.not_done(outcome)?))
}

async fn ask(client: &Client, id: &str) -> Result<ResponseValue<ApiUsageQueryResult>> {
    let call = client.get_usage_query_execution_id_results();
    let answer = call.execution_id(id).send().await;
    let answer = answer.and_then(|answer| {
        // A status of success may carry an error, which no polling would end.
        match Error::error_under_success(&answer.parts, &answer.body) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    });
    answer.map_err(|error| {
        let error = error.with_execution_id(id);
        match error.kind() {
            Kind::TooLarge => error.with_advice(
                "`Execution::rows` and `row_batches` read any size in bounded memory, and \
                 `ClientBuilder::max_result_bytes` sets the limit",
            ),
            _ => error,
        }
    })
}
