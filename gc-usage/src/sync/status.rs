//! What a data set holds.

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use usage_dataset::{Dataset, SourceFamily};

use crate::{calendar::Period, dataset::explain, error::CliError};

/// How many objects are read at the same time.
const READ_AT_ONCE: usize = 16;

/// What a data set holds of one organization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationStatus {
    pub(crate) organization: String,
    pub(crate) source: Option<SourceFamily>,
    pub(crate) first_day: Option<NaiveDate>,
    pub(crate) last_day: Option<NaiveDate>,
    /// How many days are stored.
    pub(crate) days: usize,
    /// Days between the first day and yesterday that are not stored.
    pub(crate) missing_days: Vec<NaiveDate>,
    /// Days whose objects cannot be read. The next run replaces them.
    pub(crate) damaged_days: Vec<NaiveDate>,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    /// When the newest of its days was fetched.
    pub(crate) last_run: Option<DateTime<Utc>>,
}

/// Reads what a data set holds, from the metadata of its objects.
pub(crate) async fn status(
    dataset: &Dataset,
    yesterday: NaiveDate,
) -> Result<Vec<OrganizationStatus>, CliError> {
    let mut all = Vec::new();
    for name in dataset.organizations().await.map_err(|error| explain(&error))? {
        all.push(of_one(dataset, name, yesterday).await?);
    }
    Ok(all)
}

async fn of_one(
    dataset: &Dataset,
    name: String,
    yesterday: NaiveDate,
) -> Result<OrganizationStatus, CliError> {
    let stored = dataset.days(&name).await.map_err(|error| explain(&error))?;
    let reading = stream::iter(stored.keys().copied()).map(|day| {
        let name = &name;
        async move {
            match dataset.info(name, day).await {
                Err(error) if error.kind() == usage_dataset::ErrorKind::Corrupt => Ok((day, None)),
                info => info.map(|info| (day, info)),
            }
        }
    });
    let read: Result<Vec<_>, _> = reading.buffered(READ_AT_ONCE).try_collect().await;
    let read = read.map_err(|error| explain(&error))?;
    let infos = || read.iter().filter_map(|(_, info)| info.as_ref());
    let (first_day, last_day) = (stored.keys().next().copied(), stored.keys().next_back().copied());
    let wanted = first_day.map(|first| Period {
        first,
        last: yesterday,
    });
    let missing = wanted.into_iter().flat_map(|wanted| wanted.each_day());
    Ok(OrganizationStatus {
        source: infos().next().map(|info| info.source),
        first_day,
        last_day,
        days: stored.len(),
        missing_days: missing.filter(|day| !stored.contains_key(day)).collect(),
        damaged_days: read
            .iter()
            .filter(|(_, info)| info.is_none())
            .map(|(day, _)| *day)
            .collect(),
        rows: infos().map(|info| info.rows).sum(),
        bytes: stored.values().map(|day| day.size).sum(),
        last_run: infos().map(|info| info.fetched_at).max(),
        organization: name,
    })
}
