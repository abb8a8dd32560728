//! One request of a data set: asks for the rows of some days of a month, and stores each day.

use std::{pin::pin, sync::Arc};

use chrono::TimeDelta;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use tokio::{
    sync::{Semaphore, mpsc::channel},
    task::spawn_blocking,
};
use usage_client::{Dimension, Granularity, Interval, RowBatch};
use usage_dataset::{
    Dataset, DayInfo, Expected, Fetched, Replaced, RowSorter, SortedRows, StagedDay, Writer,
};

use crate::{
    calendar::{Period, now},
    dataset::explain,
    error::CliError,
    organization::Organization,
    printer::Printer,
    progress::ProgressLine,
    request::Request,
    source::{self, Source},
    submitted::Submitted,
};

/// How many batches wait for the sorter.
const WAITING_BATCHES: usize = 2;
/// How many days are put into the store at the same time.
const STORED_AT_ONCE: usize = 4;

/// What the requests of one organization have in common.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) organization: Organization,
    /// The name in the data set.
    pub(super) name: Arc<str>,
    pub(super) dataset: Dataset,
    pub(super) source: Source,
    pub(super) verify: bool,
    /// Limits how many requests sort and store rows at the same time, and so the memory.
    pub(super) storing: Arc<Semaphore>,
    pub(super) printer: Printer,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Written {
    pub(super) days: u64,
    /// Days that the data set has in a newer version already.
    pub(super) kept: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Written {
    pub(super) fn add(&mut self, other: Self) {
        self.days += other.days;
        self.kept += other.kept;
        self.rows += other.rows;
        self.bytes += other.bytes;
    }
}

/// Why a request failed.
struct Failure {
    error: CliError,
    /// Whether a request for fewer days may succeed.
    is_too_large: bool,
}

/// The codes with which the service refuses a request or a response because of its size.
const TOO_LARGE: [&str; 3] = [
    "max.response.size.reached",
    "request.entity.too.large",
    "response.entity.too.large",
];

impl Failure {
    fn of(error: usage_client::Error, organization: &Organization, ids: &[String]) -> Self {
        let status = error.status().map(|status| status.as_u16());
        let has_code = error.code().is_some_and(|code| TOO_LARGE.contains(&code));
        Self {
            // A query may also fail, or take too long, because it is large.
            is_too_large: has_code || matches!(status, Some(413 | 504)) || error.is_query_failed(),
            error: organization.explain_of(error, ids),
        }
    }
}

impl From<CliError> for Failure {
    fn from(error: CliError) -> Self {
        Self {
            error,
            is_too_large: false,
        }
    }
}

impl From<usage_dataset::Error> for Failure {
    fn from(error: usage_dataset::Error) -> Self {
        explain(&error).into()
    }
}

/// A day that is encoded, but not in the data set yet.
struct Encoded {
    file: StagedDay,
    info: DayInfo,
}

impl Target {
    /// Fetches and stores the days of a period. If the service refuses a request of this size, it is cut in half.
    pub(super) async fn store(&self, period: Period, writer: &Arc<Writer>) -> Result<Written, CliError> {
        let mut periods = vec![period];
        let mut stored = Written::default();
        while let Some(period) = periods.pop() {
            match self.store_in_one(period, writer).await {
                Ok(part) => stored.add(part),
                Err(failure) if failure.is_too_large && period.first < period.last => {
                    let [first, second] = halves(period);
                    periods.extend([second, first]);
                }
                Err(failure) => return Err(failure.error),
            }
        }
        Ok(stored)
    }

    async fn store_in_one(&self, period: Period, writer: &Arc<Writer>) -> Result<Written, Failure> {
        let interval = Interval::new(period.first, period.last).map_err(CliError::from)?;
        let label = format!("{} {interval}", self.name);
        let line = self
            .printer
            .progress(Some(&label), self.organization.retry.clone());
        let submitted_at = now();
        let request = self.request(interval, &source::DIMENSIONS)?;
        let submitted = self.submit(request).await?;
        line.submitted();
        let submitted = submitted.reporting(&line, None);
        let explain_of = |error| Failure::of(error, &self.organization, submitted.ids().list());
        let mut batches = submitted.row_batches();
        // The first batch comes when the service is done. Until then, the days of others may be stored.
        let first = async { batches.try_next().await.map_err(explain_of) };
        let (first, expected) = tokio::try_join!(first, self.expected(interval))?;
        let _permit = self.storing.acquire().await;
        let rest = batches.map_err(explain_of);
        let batches = stream::iter(first).map(Ok).chain(rest);
        let sorted = sorted(batches, writer, &line).await?;
        let fetched = Fetched {
            created_by: concat!("gc-usage/", env!("CARGO_PKG_VERSION")).to_owned(),
            profile: self.name.to_string(),
            source: self.source.family.into(),
            interval: interval.to_string(),
            execution_ids: submitted.ids().list().to_vec(),
            submitted_at,
            fetched_at: now(),
        };
        let days = encoded(period, sorted, fetched, expected, Arc::clone(writer)).await?;
        commit(days, writer).await
    }

    async fn submit(&self, request: Request) -> Result<Submitted, Failure> {
        let submitted = Submitted::new(self.organization.client()?, request).await;
        submitted.map_err(|error| Failure::of(error, &self.organization, &[]))
    }

    fn request(&self, interval: Interval, dimensions: &[Dimension]) -> Result<Request, CliError> {
        let mut request = Request::new(&self.source, interval);
        request.granularity = Some(Granularity::Day);
        for dimension in dimensions {
            if self.source.names(*dimension).is_ok() {
                request.group_by(*dimension)?;
            }
        }
        Ok(request)
    }

    /// The sums by day and client, from a request of their own.
    async fn expected(&self, interval: Interval) -> Result<Option<Expected>, Failure> {
        if !self.verify {
            return Ok(None);
        }
        let request = self.request(interval, &[Dimension::OAuthClientId])?;
        let submitted = self.submit(request).await?;
        let explain_of = |error| Failure::of(error, &self.organization, submitted.ids().list());
        let mut batches = submitted.row_batches();
        let mut expected = Expected::default();
        while let Some(batch) = batches.try_next().await.map_err(explain_of)? {
            expected.add(&batch)?;
        }
        Ok(Some(expected))
    }
}

/// The rows in the order of the data set. They are complete: a cut response is an error.
async fn sorted(
    batches: impl Stream<Item = Result<RowBatch, Failure>>,
    writer: &Writer,
    line: &ProgressLine,
) -> Result<SortedRows, Failure> {
    let (out, mut waiting) = channel::<RowBatch>(WAITING_BATCHES);
    let mut sorter = RowSorter::new(writer.scratch());
    let sorting = spawn_blocking(move || {
        while let Some(batch) = waiting.blocking_recv() {
            sorter.add(&batch)?;
        }
        sorter.finish()
    });
    let mut batches = pin!(batches);
    while let Some(batch) = batches.try_next().await? {
        line.received(&batch);
        if out.send(batch).await.is_err() {
            // The sorter failed, and says why.
            break;
        }
    }
    drop(out);
    Ok(finished(sorting.await)?)
}

/// The files of all days. All are checked before the first one replaces another.
async fn encoded(
    period: Period,
    mut sorted: SortedRows,
    fetched: Fetched,
    expected: Option<Expected>,
    writer: Arc<Writer>,
) -> Result<Vec<Encoded>, Failure> {
    let encoding = spawn_blocking(move || {
        let mut days = Vec::new();
        for day in period.each_day() {
            let mut file = writer.stage()?;
            let info = sorted.write_day(day, &fetched, &mut file)?;
            if let Some(expected) = &expected {
                expected.compare(day, sorted.by_client())?;
            }
            days.push(Encoded { file, info });
        }
        sorted.finish()?;
        Ok(days)
    });
    Ok(finished(encoding.await)?)
}

/// Puts the days into the data set.
async fn commit(days: Vec<Encoded>, writer: &Writer) -> Result<Written, Failure> {
    let replacing = stream::iter(days).map(|Encoded { file, info }| async move {
        let (rows, bytes) = (info.rows, file.size()?);
        Ok::<_, Failure>(match writer.replace(file, &info).await? {
            Replaced::KeptNewer => Written {
                kept: 1,
                ..Written::default()
            },
            _ => Written {
                days: 1,
                rows,
                bytes,
                kept: 0,
            },
        })
    });
    let mut replacing = replacing.buffer_unordered(STORED_AT_ONCE);
    let mut stored = Written::default();
    while let Some(day) = replacing.try_next().await? {
        stored.add(day);
    }
    Ok(stored)
}

/// The first and the second half of several days.
fn halves(Period { first, last }: Period) -> [Period; 2] {
    let middle = first + TimeDelta::days((last - first).num_days() / 2);
    let next = middle + TimeDelta::days(1);
    [Period { first, last: middle }, Period { first: next, last }]
}

/// The result of a task on another thread.
fn finished<T>(joined: Result<usage_dataset::Result<T>, tokio::task::JoinError>) -> Result<T, CliError> {
    match joined {
        Ok(outcome) => outcome.map_err(|error| explain(&error)),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(CliError::local(format!("the rows were not stored: {error}"))),
        },
    }
}
