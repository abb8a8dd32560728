//! The data set in moto, which is a server of S3 with its own implementation of the protocol.
//!
//! The tests need `moto_server` of the Python package `moto[server]`: at the path in `GC_USAGE_TEST_MOTO`, or on the PATH.

use std::{
    env,
    io::{BufRead as _, BufReader, Seek as _, Write as _},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use object_store::{ObjectStoreExt as _, client::HttpClient};
use usage_client::reqwest;

use super::*;
use crate::{
    dataset::Dataset,
    location::Kind,
    testing::{answer, day, staged, store},
    writer::Replaced,
};

struct Moto {
    process: Child,
    url: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Moto {
    /// `None` if there is no moto, which CI must have.
    fn start() -> Option<Self> {
        let program = env::var("GC_USAGE_TEST_MOTO").unwrap_or_else(|_| "moto_server".to_owned());
        let started = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = match started {
            Ok(process) => process,
            Err(error) => {
                let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
                assert!(!is_ci, "cannot run {program}: {error}");
                eprintln!("skipped: cannot run {program}: {error}");
                return None;
            }
        };
        let output = BufReader::new(process.stderr.take().unwrap());
        let (sender, address) = mpsc::channel();
        // Reads to the end, so that the server never waits for its log.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some((_, url)) = line.split_once("Running on ") {
                    let _ = sender.send(url.trim().to_owned());
                }
            }
        });
        let Ok(url) = address.recv_timeout(Duration::from_secs(60)) else {
            let _ = process.kill();
            panic!("{program} did not say where it runs");
        };
        Some(Self { process, url })
    }

    async fn create_bucket(&self) {
        let response = client().put(format!("{}/lake", self.url)).send().await.unwrap();
        assert!(response.status().is_success(), "{response:?}");
    }

    fn environment(&self, key: &str, secret: &str) -> Vec<(String, String)> {
        [
            ("AWS_ACCESS_KEY_ID", key),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("AWS_ENDPOINT_URL", &self.url),
            ("AWS_ALLOW_HTTP", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    fn dataset(&self, location: &str, key: &str, secret: &str) -> Dataset {
        let location: Location = location.parse().unwrap();
        let Kind::Bucket(bucket) = &location.0 else {
            panic!("{location} is a directory");
        };
        let environment = self.environment(key, secret).into_iter();
        let http = HttpClient::new(client());
        let store = Store::bucket(location.clone(), bucket, http, environment).unwrap();
        Dataset {
            store: Arc::new(store),
        }
    }
}

/// The client that applications make, with the TLS of usage-client.
fn client() -> reqwest::Client {
    usage_client::Client::builder().build_http_client().unwrap()
}

#[tokio::test]
async fn days_are_stored_in_moto() {
    let Some(moto) = Moto::start() else { return };
    moto.create_bucket().await;
    for location in ["s3://lake", "s3://lake/a prefix=100%/ü"] {
        let dataset = moto.dataset(location, "key", "secret");
        assert!(dataset.organizations().await.unwrap().is_empty());
        let writer = dataset.writer().await.unwrap();
        for name in ["acme", "a/b=c 100%", "007", "zürich"] {
            let info = answer(name, "2026-11-24", 10);
            assert_eq!(store(&writer, &info).await.unwrap(), Replaced::Written);
            assert_eq!(store(&writer, &info).await.unwrap(), Replaced::Written);
            let older = answer(name, "2026-11-24", 9);
            assert_eq!(store(&writer, &older).await.unwrap(), Replaced::KeptNewer);
            assert_eq!(dataset.info(name, info.day).await.unwrap(), Some(info));
            assert_eq!(dataset.days(name).await.unwrap().len(), 1);
        }
        assert_eq!(
            dataset.organizations().await.unwrap(),
            ["007", "a/b=c 100%", "acme", "zürich"]
        );
        assert_eq!(dataset.info("acme", day("2026-11-25")).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_large_day_is_put_into_moto_in_parts() {
    let Some(moto) = Moto::start() else { return };
    moto.create_bucket().await;
    let dataset = moto.dataset("s3://lake/x", "key", "secret");
    let writer = dataset.writer().await.unwrap();
    let info = answer("acme", "2026-11-24", 1);
    let mut large = writer.stage().unwrap();
    large.write_all(&vec![0; 2 * upload::PART + 5]).unwrap();
    let mut small = staged(&writer, &info);
    let crate::staging::Staged::Anonymous(file) = &mut small.0 else {
        panic!("a store needs no name");
    };
    file.rewind().unwrap();
    std::io::copy(file, &mut large).unwrap();
    assert_eq!(writer.replace(large, &info).await.unwrap(), Replaced::Written);
    assert_eq!(dataset.info("acme", info.day).await.unwrap(), Some(info.clone()));
    let key = dataset
        .store
        .key(&crate::dataset::object("acme", info.day).unwrap())
        .unwrap();
    let object = dataset.store.objects.head(&key).await.unwrap();
    assert!(object.size > 2 * upload::PART as u64);
    // moto names the number of parts in the tag, as S3 does.
    assert!(object.e_tag.unwrap().ends_with("-3\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_write_the_same_days_into_moto() {
    let Some(moto) = Moto::start() else { return };
    moto.create_bucket().await;
    let runs = [1, 2].map(|run| {
        let dataset = moto.dataset("s3://lake/x", "key", "secret");
        tokio::spawn(async move {
            let writer = dataset.writer().await.unwrap();
            for date in 1..=9 {
                let info = answer("acme", &format!("2026-11-0{date}"), run);
                store(&writer, &info).await.unwrap();
                assert!(dataset.info("acme", info.day).await.unwrap().is_some());
            }
        })
    });
    for run in runs {
        run.await.unwrap();
    }
    let dataset = moto.dataset("s3://lake/x", "key", "secret");
    assert_eq!(dataset.days("acme").await.unwrap().len(), 9);
}

#[tokio::test]
async fn moto_refuses_missing_buckets_and_unknown_keys() {
    let Some(moto) = Moto::start() else { return };
    let dataset = moto.dataset("s3://lake", "key", "secret");
    let error = dataset.organizations().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Location);
    assert!(
        error.to_string().contains("does not exist (404 NoSuchBucket)"),
        "{error}"
    );
    moto.create_bucket().await;
    // Keys count from now on.
    let on = client()
        .post(format!("{}/moto-api/reset-auth", moto.url))
        .body("0");
    assert!(on.send().await.unwrap().status().is_success());
    let error = dataset.organizations().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Access);
    let message = error.to_string();
    assert!(
        message.contains("the store refuses the credentials (403 InvalidAccessKeyId)"),
        "{message}"
    );
    let writer = dataset.writer().await.unwrap();
    let error = store(&writer, &answer("acme", "2026-11-24", 1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Access);
}
