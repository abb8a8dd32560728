//! The rows of an organization from a data set, summed up as its service would.

use std::{collections::BTreeMap, pin::pin, sync::Arc};

use chrono::NaiveDate;
use futures_util::TryStreamExt as _;
use usage_client::{Aggregation, Granularity, Group, Interval, Metric, RowBatch, RowRef};
use usage_dataset::{Dataset, StoredDay};

use crate::{
    calendar::{Period, ranges},
    dataset::explain,
    error::CliError,
    request::Request,
    shell::word,
    source::DIMENSIONS,
};

/// How many ranges of missing days an error names.
const RANGES: usize = 6;
/// How many groups a batch has.
const BATCH: usize = 1_000;

/// An organization of a data set.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) dataset: Dataset,
    pub(crate) name: Arc<str>,
}

impl Stored {
    /// The rows that the service would send for a request, in batches.
    ///
    /// # Errors
    ///
    /// The data set does not have all days of the request, or cannot be read.
    pub(crate) async fn read(
        &self,
        request: &Request,
        mut send: impl AsyncFnMut(RowBatch) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let interval: Interval = request.interval.parse()?;
        let period = Period::of(&interval);
        let stored = self
            .dataset
            .days(&self.name)
            .await
            .map_err(|error| explain(&error))?;
        self.check_days(period, &stored)?;
        let by: Vec<_> = DIMENSIONS
            .into_iter()
            .filter(|one| request.groups_by(*one))
            .collect();
        let new = || {
            let sums = Aggregation::by(by.iter().copied());
            match &request.granularity {
                Some(granularity) => sums.with_buckets(*granularity),
                None => sums,
            }
        };
        let mut sums = new();
        for day in period.each_day() {
            let rows = self.dataset.rows(&self.name, day).await;
            let Some(rows) = rows.map_err(|error| explain(&error))? else {
                // It was there a moment ago.
                return Err(self.missing(period, &[day]));
            };
            let mut rows = pin!(rows);
            while let Some(batch) = rows.try_next().await.map_err(|error| explain(&error))? {
                sums.add_batch(&batch)?;
            }
            // No group goes on after its day, so it need not be kept.
            if request.granularity == Some(Granularity::Day) {
                send_groups(std::mem::replace(&mut sums, new()), request, &mut send).await?;
            }
        }
        send_groups(sums, request, &mut send).await
    }

    fn check_days(&self, period: Period, stored: &BTreeMap<NaiveDate, StoredDay>) -> Result<(), CliError> {
        let missing = period.each_day().filter(|day| !stored.contains_key(day));
        let missing: Vec<_> = missing.collect();
        match &missing[..] {
            [] => Ok(()),
            missing => Err(self.missing(period, missing)),
        }
    }

    fn missing(&self, period: Period, days: &[NaiveDate]) -> CliError {
        let place = self.dataset.location().to_string();
        CliError::local(format!(
            "--from {place}: the data set does not have all days of {} to {} for `{}`; missing: {}",
            period.first,
            period.last,
            self.name,
            ranges(days, RANGES)
        ))
        .with_hint(format!(
            "fetch them with: gc-usage sync --to {} --since {}; or choose another period",
            word(&place),
            period.first
        ))
    }
}

/// Sends groups as rows.
async fn send_groups(
    sums: Aggregation,
    request: &Request,
    send: &mut impl AsyncFnMut(RowBatch) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut groups = sums.into_groups();
    loop {
        let some: Vec<_> = groups.by_ref().take(BATCH).collect();
        if some.is_empty() {
            return Ok(());
        }
        send(some.iter().map(|group| row(group, request)).collect()).await?;
    }
}

/// A group as a row of the service: a string that it was not grouped by is empty, and a count that was not asked for is
/// absent.
fn row<'a>(group: &'a Group, request: &Request) -> RowRef<'a> {
    let text = |text: &'a Option<String>| Some(text.as_deref().unwrap_or_default());
    let wanted = |metric| request.metrics.is_empty() || request.metrics.contains(&metric);
    let count = |metric, count: Option<i64>| count.filter(|_| wanted(metric));
    let totals = &group.totals;
    let mut row = RowRef::default();
    row.client_id = text(&group.client_id);
    row.client_name = text(&group.client_name);
    row.organization_id = text(&group.organization_id);
    row.user_id = text(&group.user_id);
    row.template_uri = text(&group.template_uri);
    row.http_method = text(&group.http_method);
    row.platform = group.platform.as_deref();
    row.status200 = count(Metric::Status200, totals.status200);
    row.status300 = count(Metric::Status300, totals.status300);
    row.status400 = count(Metric::Status400, totals.status400);
    row.status500 = count(Metric::Status500, totals.status500);
    row.status429 = count(Metric::Status429, totals.status429);
    row.requests = count(Metric::Requests, totals.requests);
    row.date = group.date;
    row
}
