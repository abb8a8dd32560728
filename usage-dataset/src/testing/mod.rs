//! What tests of data sets share.

mod fake_s3;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use object_store::{ObjectStore, memory::InMemory, path::Path as Key};
use parquet::{
    arrow::ArrowWriter,
    file::{metadata::KeyValue, properties::WriterProperties},
};

pub(crate) use self::fake_s3::{FakeS3, Fault, environment};
use crate::{
    dataset::Dataset,
    error::Result,
    info::{DayInfo, FORMAT, KEY, SourceFamily},
    schema::SCHEMA,
    staging::StagedDay,
    store::Store,
    sums::Sums,
    writer::{Replaced, Writer},
};

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A day without requests, of a query that was submitted at this second.
pub(crate) fn answer(organization: &str, day: &str, submitted: i64) -> DayInfo {
    DayInfo {
        format: FORMAT,
        created_by: "test 1.0".to_owned(),
        profile: organization.to_owned(),
        organization_id: None,
        day: day.parse().unwrap(),
        granularity: "Day".to_owned(),
        source: SourceFamily::Query,
        interval: format!("{day}/{day}"),
        execution_ids: vec!["execution-1".to_owned()],
        submitted_at: DateTime::from_timestamp(submitted, 0).unwrap(),
        fetched_at: DateTime::from_timestamp(submitted + 60, 0).unwrap(),
        rows: 0,
        sums: Sums::default(),
    }
}

pub(crate) fn staged(writer: &Writer, info: &DayInfo) -> StagedDay {
    let mut staged = writer.stage().unwrap();
    let value = serde_json::to_string(info).unwrap();
    let properties = WriterProperties::builder()
        .set_key_value_metadata(Some(vec![KeyValue::new(KEY.to_owned(), value)]))
        .build();
    let parquet = ArrowWriter::try_new(&mut staged, SCHEMA.clone(), Some(properties)).unwrap();
    parquet.close().unwrap();
    staged
}

/// Stores a day as a run does it.
pub(crate) async fn store(writer: &Writer, info: &DayInfo) -> Result<Replaced> {
    writer.replace(staged(writer, info), info).await
}

/// A data set in the memory of a store without HTTP.
pub(crate) fn in_memory() -> Dataset {
    in_store(Arc::new(InMemory::new()))
}

pub(crate) fn in_store(objects: Arc<dyn ObjectStore>) -> Dataset {
    let location = "s3://lake/some prefix".parse().unwrap();
    Dataset {
        store: Arc::new(Store::new(location, objects, Key::parse("some prefix").unwrap())),
    }
}

pub(crate) fn in_directory(path: &std::path::Path) -> Dataset {
    let location = crate::Location::directory(path).unwrap();
    Dataset::open(location, || unreachable!("a directory needs no HTTP")).unwrap()
}
