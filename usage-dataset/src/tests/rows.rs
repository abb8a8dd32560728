//! Rows that tests compare, and the way from a sorter to rows again.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate};
use futures_util::TryStreamExt as _;
use object_store::{ObjectStore, ObjectStoreExt as _, memory::InMemory, path::Path};
use usage_client::{RowBatch, RowRef};

use crate::{
    DayInfo, Fetched, Result, RowSorter, SortedRows, SourceFamily,
    read::{self, Unreadable},
    row::Counts,
    sort::Limits,
};

/// A row as it is stored. It compares as rows are sorted.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Stored {
    pub(super) day: NaiveDate,
    /// Client, endpoint, method, user, organization, platform, client name.
    texts: [Option<String>; RowRef::TEXTS],
    pub(super) counts: Counts,
}

/// A row as it comes.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) day: NaiveDate,
    pub(super) texts: [Option<String>; RowRef::TEXTS],
    pub(super) counts: Counts,
}

impl Sent {
    pub(super) fn row(&self) -> RowRef<'_> {
        RowRef::from_parts(
            self.texts.each_ref().map(Option::as_deref),
            self.counts.map(Some),
            self.day.and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc()),
        )
    }
}

impl From<RowRef<'_>> for Stored {
    fn from(row: RowRef<'_>) -> Self {
        let texts = [
            row.client_id,
            row.template_uri,
            row.http_method,
            row.user_id,
            row.organization_id,
            row.platform,
            row.client_name,
        ];
        Self {
            day: row.date.unwrap().date_naive(),
            texts: texts.map(|text| text.filter(|text| !text.is_empty()).map(str::to_owned)),
            counts: row.counts().map(Option::unwrap),
        }
    }
}

/// A row of a day with a client and requests.
pub(super) fn sent(day: u64, client: &str, requests: i64) -> Sent {
    let mut texts: [Option<String>; RowRef::TEXTS] = Default::default();
    texts[0] = Some(client.to_owned());
    Sent {
        day: self::day(day),
        texts,
        counts: [requests, 0, 0, 0, 0, requests],
    }
}

/// A day of November 2026.
pub(super) fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 31).unwrap() + Days::new(number)
}

pub(super) fn fetched() -> Fetched {
    Fetched {
        created_by: "test 1".to_owned(),
        profile: "007".to_owned(),
        source: SourceFamily::Query,
        interval: "2026-11-01/2026-11-30".to_owned(),
        execution_ids: vec!["e1".to_owned()],
        submitted_at: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
        fetched_at: DateTime::from_timestamp(1_795_000_060, 0).unwrap(),
    }
}

/// Adds the rows in batches of this size.
pub(super) fn sorted(rows: &[Sent], batch: usize, limits: Limits) -> Result<SortedRows> {
    let mut sorter = RowSorter::with_limits(std::env::temp_dir(), limits);
    for rows in rows.chunks(batch) {
        sorter.add(&rows.iter().map(Sent::row).collect::<RowBatch>())?;
    }
    sorter.finish()
}

/// The file of the only day that has rows.
pub(super) fn file(rows: &[Sent]) -> (DayInfo, Vec<u8>) {
    let mut sorted = sorted(rows, 100, Limits::default()).unwrap();
    let mut file = Vec::new();
    let day = rows.first().map_or(day(1), |row| row.day);
    let info = sorted.write_day(day, &fetched(), &mut file).unwrap();
    sorted.finish().unwrap();
    (info, file)
}

pub(super) fn path() -> Path {
    Path::from("usage.parquet")
}

pub(super) async fn stored(file: Vec<u8>) -> Arc<dyn ObjectStore> {
    let store = InMemory::new();
    store.put(&path(), file.into()).await.unwrap();
    Arc::new(store)
}

/// What a file says about itself, and its rows.
pub(super) async fn read(file: Vec<u8>) -> Result<(DayInfo, Vec<RowBatch>), Unreadable> {
    let size = file.len() as u64;
    let stored = read::open(stored(file).await, path(), size).await?;
    let info = stored.info().clone();
    Ok((info, stored.into_rows().try_collect().await?))
}

/// The rows of a file, in its order.
pub(super) async fn read_rows(file: Vec<u8>) -> (DayInfo, Vec<Stored>) {
    let (info, batches) = read(file).await.unwrap();
    (info, batches.iter().flatten().map(Stored::from).collect())
}
