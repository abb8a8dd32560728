//! Several jobs that together count one interval.

use super::{
    super::{progress::Waiting, source::Source, streams::RowBatches},
    Job,
    kind::JobKind,
    streams::{JobRows, batches},
};
use crate::{retry::poll_policy::PollPolicy, rows::policy::RowsPolicy};

/// Jobs whose rows are joined in order: see [`Client::submit_jobs`](crate::Client::submit_jobs).
#[derive(Clone, Debug)]
pub struct JobSeries<K: JobKind>(pub(super) Vec<Job<K>>);

impl<K: JobKind> JobSeries<K> {
    /// The jobs, in order. Their ids resume them: see [`Client::jobs`](crate::Client::jobs).
    pub fn jobs(&self) -> &[Job<K>] {
        &self.0
    }

    /// As [`Job::with_polling`], for each job.
    #[must_use]
    pub fn with_polling(self, policy: PollPolicy) -> Self {
        self.map(|job| job.with_polling(policy.clone()))
    }

    /// As [`Job::with_streaming`], for each job.
    #[must_use]
    pub fn with_streaming(self, policy: RowsPolicy) -> Self {
        self.map(|job| job.with_streaming(policy.clone()))
    }

    /// As [`Job::on_progress`], for each job.
    #[must_use]
    pub fn on_progress(self, report: impl Fn(&Waiting<K::Status>) + Clone + Send + Sync + 'static) -> Self {
        self.map(|job| job.on_progress(report.clone()))
    }

    /// The rows of one job after the other. See [`Job::rows`].
    ///
    /// # Errors
    ///
    /// Those of [`Job::rows`], as the last item. The error has the id of its job.
    pub fn rows(&self) -> JobRows<K> {
        JobRows::new(self.sources())
    }

    /// The same rows as [`rows`](Self::rows), in batches. See [`Job::row_batches`].
    ///
    /// # Errors
    ///
    /// Those of [`rows`](Self::rows).
    pub fn row_batches(&self) -> RowBatches {
        batches(self.sources())
    }

    fn map(self, change: impl Fn(Job<K>) -> Job<K>) -> Self {
        Self(self.0.into_iter().map(change).collect())
    }

    fn sources(&self) -> Vec<Source<K>> {
        self.0.iter().map(|job| job.0.clone()).collect()
    }
}
