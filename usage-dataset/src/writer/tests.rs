//! Days are replaced whole, in directories and stores.

use std::{fs, path::Path};

use futures_util::TryStreamExt as _;
use object_store::ObjectStoreExt as _;
use tempfile::TempDir;

use chrono::NaiveDate;

use super::*;
use crate::{
    info::SourceFamily,
    testing::{answer, day, in_directory, in_memory, staged, store},
};

/// The same scenario in a directory and in a store.
struct Places {
    directory: TempDir,
    datasets: Vec<Dataset>,
}

impl Places {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let datasets = vec![in_directory(&directory.path().join("lake")), in_memory()];
        Self { directory, datasets }
    }
}

/// All files below a directory, without those that stage.
fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false => found.push(path.strip_prefix(root).unwrap().display().to_string()),
            }
        }
    }
    found.sort_unstable();
    found
}

/// Puts bytes where a day belongs.
async fn put(dataset: &Dataset, organization: &str, day: NaiveDate, bytes: &'static [u8]) {
    let key = dataset
        .store
        .key(&dataset::object(organization, day).unwrap())
        .unwrap();
    dataset.store.objects.put(&key, bytes.into()).await.unwrap();
}

#[tokio::test]
async fn a_day_is_stored_listed_and_read_back() {
    for dataset in Places::new().datasets {
        assert!(dataset.organizations().await.unwrap().is_empty());
        assert!(dataset.days("acme").await.unwrap().is_empty());
        let writer = dataset.writer().await.unwrap();
        let info = answer("acme", "2026-11-24", 1);
        assert_eq!(dataset.info("acme", info.day).await.unwrap(), None);
        assert_eq!(store(&writer, &info).await.unwrap(), Replaced::Written);
        assert_eq!(dataset.organizations().await.unwrap(), ["acme"]);
        let days = dataset.days("acme").await.unwrap();
        assert_eq!(days.keys().copied().collect::<Vec<_>>(), [info.day]);
        assert!(days[&info.day].size > 100);
        assert_eq!(dataset.info("acme", info.day).await.unwrap().unwrap(), info);
        assert_eq!(dataset.source("acme").await.unwrap(), Some(SourceFamily::Query));
        let rows = dataset.rows("acme", info.day).await.unwrap().unwrap();
        let batches: Vec<_> = rows.try_collect().await.unwrap();
        assert_eq!(batches.iter().map(|batch| batch.len()).sum::<usize>(), 0);
        assert!(dataset.rows("acme", day("2026-11-25")).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_answer_that_was_requested_later_stays() {
    for dataset in Places::new().datasets {
        let writer = dataset.writer().await.unwrap();
        let stored = async |submitted| {
            let replaced = store(&writer, &answer("acme", "2026-11-24", submitted))
                .await
                .unwrap();
            let info = dataset.info("acme", day("2026-11-24")).await.unwrap().unwrap();
            (replaced, info.submitted_at.timestamp())
        };
        assert_eq!(stored(20).await, (Replaced::Written, 20));
        assert_eq!(stored(10).await, (Replaced::KeptNewer, 20));
        assert_eq!(stored(20).await, (Replaced::Written, 20));
        assert_eq!(stored(30).await, (Replaced::Written, 30));
    }
}

#[tokio::test]
async fn a_damaged_day_counts_as_missing_and_is_replaced() {
    let date = day("2026-11-24");
    for bytes in [&b""[..], b"PAR1", b"PAR1 cut in the middle of its rows"] {
        for dataset in Places::new().datasets {
            let writer = dataset.writer().await.unwrap();
            store(&writer, &answer("acme", "2026-11-23", 1)).await.unwrap();
            put(&dataset, "acme", date, bytes).await;
            let error = dataset.info("acme", date).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt, "{error}");
            let is_listed = dataset.days("acme").await.unwrap().contains_key(&date);
            assert_eq!(is_listed, bytes.len() > 12);
            assert_eq!(dataset.source("acme").await.unwrap(), Some(SourceFamily::Query));
            let info = answer("acme", "2026-11-24", 1);
            assert_eq!(store(&writer, &info).await.unwrap(), Replaced::Written);
            assert_eq!(dataset.info("acme", date).await.unwrap(), Some(info));
        }
    }
}

#[tokio::test]
async fn days_of_a_newer_version_or_of_another_source_stay() {
    for dataset in Places::new().datasets {
        let writer = dataset.writer().await.unwrap();
        let mut newer = answer("acme", "2026-11-24", 1);
        newer.format += 1;
        let mut jobs = answer("acme", "2026-11-23", 1);
        jobs.source = SourceFamily::Jobs;
        for (stored, reason) in [
            (&newer, "newer"),
            (&jobs, "usage jobs, which count other requests"),
        ] {
            store(&writer, stored).await.unwrap();
            let date = stored.day.to_string();
            let error = store(&writer, &answer("acme", &date, 99)).await.unwrap_err();
            assert!(error.to_string().contains(reason), "{error}");
        }
        let days = dataset.days("acme").await.unwrap();
        assert_eq!(days.len(), 2);
        let error = dataset.source("acme").await.unwrap_err();
        assert!(error.to_string().contains("newer"), "{error}");
        let jobs = dataset.info("acme", jobs.day).await.unwrap().unwrap();
        assert_eq!(jobs.submitted_at.timestamp(), 1);
    }
}

#[tokio::test]
async fn names_of_organizations_survive_every_place() {
    let mut names = vec![
        " a b ",
        "%2F",
        ".",
        "..",
        ".hidden",
        "007",
        "2026-01-01",
        "__HIVE_DEFAULT_PARTITION__",
        "_x",
        "a/b",
        "a=b",
        "null",
        "true",
        "zürich 東京",
    ];
    names.sort_unstable();
    for dataset in Places::new().datasets {
        let writer = dataset.writer().await.unwrap();
        for name in &names {
            store(&writer, &answer(name, "2026-11-24", 1)).await.unwrap();
        }
        assert_eq!(dataset.organizations().await.unwrap(), names);
        for name in &names {
            assert_eq!(dataset.days(name).await.unwrap().len(), 1, "{name}");
            let info = dataset.info(name, day("2026-11-24")).await.unwrap().unwrap();
            assert_eq!(info.profile, **name);
        }
    }
}

#[tokio::test]
async fn a_name_that_differs_only_in_case_is_refused_in_a_directory() {
    let places = Places::new();
    for dataset in &places.datasets {
        let writer = dataset.writer().await.unwrap();
        store(&writer, &answer("Zürich", "2026-11-24", 1)).await.unwrap();
        let days = dataset.days("zÜrich").await;
        match dataset.location().as_directory() {
            Some(_) => {
                let error = days.unwrap_err().to_string();
                assert!(
                    error.contains("`Zürich`") && error.contains("choose another name"),
                    "{error}"
                );
            }
            None => assert!(days.unwrap().is_empty()),
        }
    }
    // A file system for which both names are one directory.
    let dataset = &places.datasets[0];
    let writer = dataset.writer().await.unwrap();
    let root = places.directory.path().join("lake");
    let object = |name| root.join(dataset::object(name, day("2026-11-24")).unwrap());
    fs::create_dir_all(object("zÜrich").parent().unwrap()).unwrap();
    fs::copy(object("Zürich"), object("zÜrich")).unwrap();
    let error = store(&writer, &answer("zÜrich", "2026-11-24", 2))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("does not distinguish upper and lower case"),
        "{error}"
    );
}

#[tokio::test]
async fn parquet_files_in_wrong_places_are_named_and_others_are_ignored() {
    for (path, of_organization) in [
        ("gc_usage/v1/x.parquet", false),
        (
            "gc_usage/v1/organization=a b/month=2026-11/day=2026-11-24/usage.parquet",
            false,
        ),
        ("gc_usage/v1/tmp/x.parquet", false),
        ("gc_usage/v1/organization=acme/x.parquet", true),
        (
            "gc_usage/v1/organization=acme/month=2026-10/day=2026-11-24/usage.parquet",
            true,
        ),
        (
            "gc_usage/v1/organization=acme/month=2026-11/day=2026-11-24/part-0.parquet",
            true,
        ),
    ] {
        for dataset in Places::new().datasets {
            let writer = dataset.writer().await.unwrap();
            store(&writer, &answer("acme", "2026-11-24", 1)).await.unwrap();
            for other in ["_SUCCESS", "x.parquet.crc", "tmp/notes.txt"] {
                let parent = path.rsplit_once('/').unwrap().0;
                let key = dataset.store.key(&format!("{parent}/{other}")).unwrap();
                dataset.store.objects.put(&key, "x".into()).await.unwrap();
            }
            assert_eq!(dataset.organizations().await.unwrap(), ["acme"]);
            assert_eq!(dataset.days("acme").await.unwrap().len(), 1);
            let key = dataset.store.key(path).unwrap();
            dataset.store.objects.put(&key, "x".into()).await.unwrap();
            let error = match of_organization {
                true => dataset.days("acme").await.unwrap_err(),
                false => dataset.organizations().await.unwrap_err(),
            };
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(error.to_string().contains(path), "{error}");
            assert!(error.to_string().contains("move it elsewhere"), "{error}");
            assert!(dataset.store.objects.head(&key).await.is_ok());
        }
    }
}

#[tokio::test]
async fn only_complete_days_are_ever_below_the_table() {
    let root = tempfile::tempdir().unwrap();
    let dataset = in_directory(root.path());
    let writer = dataset.writer().await.unwrap();
    store(&writer, &answer("acme", "2026-11-24", 1)).await.unwrap();
    let half = staged(&writer, &answer("acme", "2026-11-25", 1));
    let table = root.path().join("gc_usage/v1");
    let stored = "organization=acme/month=2026-11/day=2026-11-24/usage.parquet";
    assert_eq!(files(&table), [stored]);
    assert!(
        writer
            .scratch()
            .starts_with(root.path().join("_gc_usage_staging"))
    );
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    drop(half);
    drop(writer);
    assert_eq!(
        files(root.path()),
        [
            "_gc_usage_staging/lock".to_owned(),
            format!("gc_usage/v1/{stored}")
        ]
    );
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed_and_what_a_live_run_has_stays() {
    let root = tempfile::tempdir().unwrap();
    let dataset = in_directory(root.path());
    let live = dataset.writer().await.unwrap();
    let live_day = answer("acme", "2026-11-24", 1);
    let live_file = staged(&live, &live_day);
    let dead = root.path().join("_gc_usage_staging/run-dead");
    fs::create_dir(&dead).unwrap();
    fs::write(dead.join("lock"), "").unwrap();
    fs::write(dead.join(".tmp123"), "half a day").unwrap();
    let without_lock = root.path().join("_gc_usage_staging/run-without-lock");
    fs::create_dir(&without_lock).unwrap();
    let next = dataset.writer().await.unwrap();
    assert!(!dead.exists() && !without_lock.exists());
    assert!(live.scratch().exists() && next.scratch().exists());
    assert_eq!(
        live.replace(live_file, &live_day).await.unwrap(),
        Replaced::Written
    );
    assert_eq!(dataset.days("acme").await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_once_leave_each_day_whole() {
    for dataset in Places::new().datasets {
        let runs = (0..4).map(|run| {
            let dataset = dataset.clone();
            tokio::spawn(async move {
                let writer = dataset.writer().await.unwrap();
                for date in 1..=9 {
                    let info = answer("acme", &format!("2026-11-0{date}"), run);
                    store(&writer, &info).await.unwrap();
                    let stored = dataset.info("acme", info.day).await.unwrap().unwrap();
                    assert_eq!(stored.day, info.day);
                }
            })
        });
        for run in runs.collect::<Vec<_>>() {
            run.await.unwrap();
        }
        assert_eq!(dataset.days("acme").await.unwrap().len(), 9);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn others_may_read_the_days_as_they_may_read_all_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let root = tempfile::tempdir().unwrap();
    let dataset = in_directory(root.path());
    let writer = dataset.writer().await.unwrap();
    let info = answer("acme", "2026-11-24", 1);
    store(&writer, &info).await.unwrap();
    fs::write(root.path().join("usual"), "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let stored = root.path().join(dataset::object("acme", info.day).unwrap());
    assert_eq!(mode(&stored), mode(&root.path().join("usual")));
}

#[tokio::test]
async fn a_directory_that_cannot_be_used_is_an_error_that_says_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let dataset = in_directory(&path);
        let error = dataset.writer().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disk);
        let message = error.to_string();
        assert!(
            message.contains("is a file, not a directory; choose another"),
            "{message}"
        );
        let error = dataset.days("acme").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disk, "{error}");
    }
    for (kind, advice) in [
        (
            std::io::ErrorKind::StorageFull,
            "the disk is full; free some space",
        ),
        (std::io::ErrorKind::PermissionDenied, "change its permissions"),
        (std::io::ErrorKind::ReadOnlyFilesystem, "change its permissions"),
    ] {
        let error = Error::disk("write", Path::new("/lake"), kind.into());
        assert!(error.to_string().contains(advice), "{error}");
    }
}
