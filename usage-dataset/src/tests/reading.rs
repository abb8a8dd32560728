//! Files of others, of other versions, and damaged ones.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Int64Array, LargeStringArray, RecordBatch, StringArray,
    types::Int8Type,
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{ObjectStoreExt as _, memory::InMemory};
use parquet::{arrow::ArrowWriter, file::metadata::KeyValue};
use proptest::prelude::*;

use super::rows::{Stored, fetched, file, path, read, read_rows, sent, stored};
use crate::{
    ErrorKind, Sums,
    info::KEY,
    read::{self, Unreadable},
};

/// A file with these columns and this metadata.
fn foreign(columns: Vec<(&str, ArrayRef)>, metadata: Option<String>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    if let Some(metadata) = metadata {
        writer.append_key_value_metadata(KeyValue::new(KEY.to_owned(), metadata));
    }
    writer.close().unwrap();
    file
}

/// Metadata of a day with two rows.
fn metadata(sums: Sums) -> serde_json::Value {
    let (mut info, _) = file(&[]);
    info.rows = 2;
    info.sums = sums;
    serde_json::to_value(info).unwrap()
}

fn requests() -> (&'static str, ArrayRef) {
    ("requests", Arc::new(Int64Array::from(vec![3, 4])))
}

fn seven() -> Sums {
    Sums {
        requests: 7,
        ..Sums::default()
    }
}

#[tokio::test]
async fn columns_are_found_by_name_in_any_order_and_form() {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("unknown", Arc::new(Int64Array::from(vec![1, 2]))),
        requests(),
        (
            "method",
            Arc::new(LargeStringArray::from(vec![Some("GET"), None])),
        ),
        (
            "client_id",
            Arc::new(DictionaryArray::<Int8Type>::from_iter(["b", "b"])),
        ),
        ("endpoint", Arc::new(StringArray::from(vec!["x", "y"]))),
        ("date", Arc::new(Date32Array::from(vec![20_000, 20_001]))),
    ];
    let (_, batches) = read(foreign(columns, Some(metadata(seven()).to_string())))
        .await
        .unwrap();
    let rows: Vec<_> = batches.iter().flatten().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].client_id, Some("b"));
    assert_eq!(rows[0].http_method, Some("GET"));
    assert_eq!(rows[1].http_method, None);
    assert_eq!(rows[1].template_uri, Some("y"));
    assert_eq!(rows[1].requests, Some(4));
    assert_eq!(rows[0].date.unwrap().to_string(), "2024-10-04 00:00:00 UTC");
    assert_eq!(
        (rows[0].user_id, rows[0].status200),
        (None, None),
        "the file has no such columns"
    );
}

#[tokio::test]
async fn a_file_of_a_newer_version_says_so_whatever_else_its_metadata_has() {
    let newer = r#"{"format": 2, "rows": "many"}"#.to_owned();
    let Err(Unreadable::Newer(error)) = read(foreign(vec![requests()], Some(newer))).await else {
        panic!("it was read");
    };
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    for part in ["usage.parquet", "format 2", "newer version"] {
        assert!(error.to_string().contains(part), "{error} has no {part}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_one_of_the_data_set_is_damaged_and_the_error_says_why() {
    let mut wrong_rows = metadata(seven());
    wrong_rows["rows"] = 3.into();
    let text: ArrayRef = Arc::new(StringArray::from(vec!["3", "4"]));
    for (file, part) in [
        (Vec::new(), "it is empty"),
        (b"PAR1".to_vec(), "usage.parquet"),
        (b"not Parquet at all".to_vec(), "usage.parquet"),
        (foreign(vec![requests()], None), "no metadata `gc_usage`"),
        (
            foreign(vec![requests()], Some("{}".to_owned())),
            "missing field `format`",
        ),
        (
            foreign(vec![requests()], Some(wrong_rows.to_string())),
            "2 rows and its metadata says 3",
        ),
        (
            foreign(vec![requests()], Some(metadata(Sums::default()).to_string())),
            "sums",
        ),
        (
            foreign(vec![("requests", text)], Some(metadata(seven()).to_string())),
            "the column requests",
        ),
    ] {
        let Err(Unreadable::Damaged(error)) = read(file).await else {
            panic!("it was read, without an error about {part}");
        };
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        for part in ["usage.parquet", part] {
            assert!(error.to_string().contains(part), "{error} has no {part}");
        }
    }
}

#[tokio::test]
async fn a_size_that_is_no_longer_true_is_noticed() {
    let (info, bytes) = file(&[sent(1, "a", 1)]);
    let size = bytes.len() as u64;
    let store = stored(bytes).await;
    for listed in [size - 100, size] {
        let day = read::open(store.clone(), path(), listed).await.unwrap();
        assert_eq!(day.info(), &info);
    }
}

#[tokio::test]
async fn an_object_that_is_replaced_while_it_is_read_is_an_error_of_the_store() {
    // Larger than what is read with the footer.
    let many: Vec<_> = (0..100_000u64)
        .map(|number| sent(1, &format!("{:x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15)), 1))
        .collect();
    let (info, bytes) = file(&many);
    let size = bytes.len() as u64;
    let store = Arc::new(InMemory::new());
    store.put(&path(), bytes.clone().into()).await.unwrap();
    let day = read::open(store.clone(), path(), size).await.unwrap();
    assert_eq!(day.info(), &info);
    store.put(&path(), bytes.into()).await.unwrap();
    let Some(Err(Unreadable::Store(error))) = Box::pin(day.into_rows()).next().await else {
        panic!("rows of two versions were mixed");
    };
    assert!(
        matches!(error, object_store::Error::Precondition { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn an_object_that_is_not_there_is_an_error_of_the_store() {
    let error = read::open(Arc::new(InMemory::new()), path(), 100).await.err();
    let Some(Unreadable::Store(object_store::Error::NotFound { .. })) = error else {
        panic!("{error:?}");
    };
}

/// Reads the file as far as it can be read.
async fn try_read(bytes: Vec<u8>) -> Result<(), Unreadable> {
    let size = bytes.len() as u64;
    let day = read::open(stored(bytes).await, path(), size).await?;
    day.into_rows().try_for_each(|_| async { Ok(()) }).await
}

proptest! {
    #[test]
    fn a_damaged_file_is_an_error_or_has_other_values_but_never_panics(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in prop::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        let rows: Vec<_> = (0..40).map(|number| sent(1, &format!("client {}", number % 7), number)).collect();
        let (_, mut bytes) = file(&rows);
        for (place, byte) in damage {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len()));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        if let Err(Unreadable::Damaged(error) | Unreadable::Newer(error)) = runtime.block_on(try_read(bytes)) {
            prop_assert_eq!(error.kind(), ErrorKind::Corrupt);
        }
    }
}

#[tokio::test]
async fn rows_are_read_in_their_order_over_several_batches() {
    let rows: Vec<_> = (0..20_000)
        .map(|number| sent(1, &format!("{number:05}"), number))
        .collect();
    let (info, bytes) = file(&rows);
    let (read_info, read) = read_rows(bytes).await;
    assert_eq!(read_info, info);
    assert_eq!(info.profile, fetched().profile);
    assert!(
        read.iter()
            .eq(&rows.iter().map(|row| Stored::from(row.row())).collect::<Vec<_>>())
    );
}
