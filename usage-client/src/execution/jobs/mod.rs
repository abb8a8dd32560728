//! Jobs and searches, whose results come in pages: submit one, poll it, wait for it, resume it.

mod head;
mod keys;
pub(crate) mod kind;
mod pages;
pub(crate) mod plan;
mod rows;
pub(crate) mod series;
pub(crate) mod states;
pub(crate) mod streams;
mod submit;

use std::sync::Arc;

use tracing::Instrument as _;

use super::{
    progress::{OnProgress, Waiting},
    source::Source,
    streams::RowBatches,
};
use crate::{
    error::{Error, Result},
    http::json,
    retry::poll_policy::PollPolicy,
    rows::policy::RowsPolicy,
};
use kind::{JobKind, OneClient, Organization, SimpleSearch};
use pages::MAX_PAGE_SIZE;
use states::JobStates;
use streams::{JobRows, batches};

/// A submitted job, or a search. Dropping it, or a future or stream of it, stops the polling. The service continues to
/// compute it.
///
/// It has the habits of an [`Execution`](crate::Execution). Its results come in pages, so the memory that a stream needs
/// does not grow with them, and a page that was lost is fetched again by itself.
///
/// ```no_run
/// # async fn example(client: usage_client::Client) -> usage_client::Result<()> {
/// use usage_client::{Interval, types::{JobGroupBy, OrganizationPublicApiUsageQueryRequest}};
///
/// let request = OrganizationPublicApiUsageQueryRequest::builder()
///     .interval(Interval::last_days(30))
///     .group_by([JobGroupBy::TemplateUri]);
/// let job = client.submit_job(request).await?;
/// println!("submitted {}", job.id());
/// let mut rows = job.rows();
/// while let Some(row) = rows.next().await {
///     let row = row?;
///     println!("{} {}", row.template_uri.unwrap_or_default(), row.request_count.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Job<K: JobKind>(Source<K>);

/// A job about all OAuth clients of the organization.
pub type OrganizationJob = Job<Organization>;
/// A job about one OAuth client.
pub type ClientJob = Job<OneClient>;
/// A simple search. The service returns at most 20,000 rows of it.
pub type Search = Job<SimpleSearch>;

impl<K: JobKind> Job<K> {
    /// The id to resume with, in another process too.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// How it polls: as [`ClientBuilder::polling`](crate::ClientBuilder::polling) says, or
    /// [`with_polling`](Self::with_polling).
    pub fn polling(&self) -> &PollPolicy {
        &self.0.polling
    }

    /// This job with another polling policy than [`ClientBuilder::polling`](crate::ClientBuilder::polling).
    #[must_use]
    pub fn with_polling(mut self, policy: PollPolicy) -> Self {
        self.0.polling = policy;
        self
    }

    /// This job with another streaming policy than [`ClientBuilder::streaming`](crate::ClientBuilder::streaming). Only
    /// its [deadline](RowsPolicy::deadline) applies to pages: the time of fetching all pages after the first.
    #[must_use]
    pub fn with_streaming(mut self, policy: RowsPolicy) -> Self {
        self.0.rows = policy;
        self
    }

    /// This job with a callback, which replaces an earlier one. It is called after each poll that did not find the
    /// job done. It runs in the task of the caller, so it must return quickly.
    #[must_use]
    pub fn on_progress(mut self, report: impl Fn(&Waiting<K::Status>) + Send + Sync + 'static) -> Self {
        self.0.on_progress = Some(OnProgress(Arc::new(report)));
        self
    }

    /// Waits until the job has succeeded, and returns the rows of all its pages.
    ///
    /// # Errors
    ///
    /// - [`is_query_failed`](Error::is_query_failed): the job failed or was cancelled. The error has the reason of the
    ///   service, if it gives one.
    /// - [`is_deadline`](Error::is_deadline): the job is not done at the [deadline](PollPolicy::deadline). The error
    ///   says how long the wait was, how many polls were made, and the id to resume with.
    /// - [`is_decode`](Error::is_decode): the rows take more than
    ///   [`max_result_bytes`](crate::ClientBuilder::max_result_bytes) as JSON.
    /// - [`is_decode`](Error::is_decode): a page is not one of the API, or the pages make no progress.
    /// - any other: the service refuses a poll or a page.
    pub async fn wait(&self) -> Result<Vec<K::Row>> {
        let limit = self.0.client.inner.shared.max_result_bytes;
        let collecting = pages::collect(&self.0, limit).instrument(self.0.span());
        collecting
            .await
            .map_err(|error| error.with_execution_id(&self.0.id))
    }

    /// Polls once, without waiting. If the job has succeeded, the result is its first page.
    ///
    /// # Errors
    ///
    /// The service cannot be reached, or refuses the poll. A failed job is not an error here: see the status of the
    /// result.
    pub async fn poll(&self) -> Result<K::Page> {
        let Source { kind, client, id, .. } = &self.0;
        let polling = async {
            let response = kind.page(client, id, None, MAX_PAGE_SIZE).await?;
            json::from_slice(&response.body).map_err(|unreadable| Error::undecodable(&response, &unreadable))
        };
        let outcome = polling.instrument(self.0.span()).await;
        outcome.map_err(|error| error.with_execution_id(id))
    }

    /// Waits until the job is done, and yields what each poll found. The last item is
    /// [`JobState::Succeeded`](crate::JobState::Succeeded), or an error like those of [`wait`](Self::wait).
    pub fn states(&self) -> JobStates<K::Status> {
        JobStates::new(self.0.clone())
    }

    /// Waits like [`wait`](Self::wait), then yields the rows of one page after the other. The next page is fetched
    /// while the rows of a page are read.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait), as the last item. The rows are complete only if the stream ends without an
    /// error.
    pub fn rows(&self) -> JobRows<K> {
        JobRows::new(vec![self.0.clone()])
    }

    /// The same rows as [`rows`](Self::rows), in batches of one page. Their rows are those of queries, so that exports
    /// and an [`Aggregation`](crate::Aggregation) serve both.
    ///
    /// # Errors
    ///
    /// Those of [`rows`](Self::rows).
    pub fn row_batches(&self) -> RowBatches {
        batches(vec![self.0.clone()])
    }
}
