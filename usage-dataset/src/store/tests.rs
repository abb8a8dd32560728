//! Faults of object stores: what is sent again, and how failures read. No time passes, and nothing is sent.

use std::io::{Seek as _, Write as _};

use object_store::ObjectStoreExt as _;
use usage_client::reqwest::Method;

use super::*;
use crate::{
    testing::{FakeS3, Fault, answer, environment, store},
    writer::Replaced,
};

const LAKE: &str = "s3://lake/some prefix";

fn object(day: &str) -> String {
    format!(
        "some prefix/gc_usage/v1/organization=acme/month={}/day={day}/usage.parquet",
        &day[..7]
    )
}

/// One fault in each five PUTs.
fn one_put_in_five(fault: Fault) -> FakeS3 {
    let mut puts = 0;
    FakeS3::new(move |method, _| {
        puts += usize::from(method == Method::PUT);
        (method == Method::PUT && puts % 5 == 1).then(|| fault.clone())
    })
}

fn always(fault: Fault) -> FakeS3 {
    FakeS3::new(move |_, _| Some(fault.clone()))
}

#[tokio::test(start_paused = true)]
async fn days_are_stored_whole_although_one_put_in_five_fails() {
    for fault in [
        Fault::code(500, "InternalError"),
        Fault::code(503, "SlowDown"),
        Fault::code(429, "TooManyRequests"),
        Fault::Response(502, &[], "<html>gateway</html>".to_owned()),
        Fault::LostResponse,
        Fault::Hang,
    ] {
        let s3 = one_put_in_five(fault);
        let dataset = s3.dataset(LAKE);
        let writer = dataset.writer().await.unwrap();
        for day in 1..=9 {
            let info = answer("acme", &format!("2026-11-0{day}"), day);
            assert_eq!(store(&writer, &info).await.unwrap(), Replaced::Written);
            assert_eq!(dataset.info("acme", info.day).await.unwrap(), Some(info));
        }
        let puts = s3.log().iter().filter(|line| line.starts_with("PUT")).count();
        // The first, the sixth and the eleventh failed.
        assert_eq!(puts, 12, "{:?}", s3.log());
        // In pages.
        assert_eq!(dataset.days("acme").await.unwrap().len(), 9);
        assert_eq!(dataset.organizations().await.unwrap(), ["acme"]);
        let expected: Vec<_> = (1..=9).map(|day| object(&format!("2026-11-0{day}"))).collect();
        assert_eq!(s3.keys(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_responds_is_given_up() {
    for (fault, reason) in [
        (Fault::Hang, "did not respond in 60 s"),
        (
            Fault::code(503, "SlowDown"),
            "throttles the requests, after all attempts (503 SlowDown)",
        ),
        (
            Fault::code(500, "InternalError"),
            "internal error, after all attempts (500 InternalError)",
        ),
    ] {
        let s3 = always(fault);
        let dataset = s3.dataset(LAKE);
        let error = dataset
            .info("acme", crate::testing::day("2026-11-24"))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(s3.log().len(), 9);
    }
}

/// A file that takes several parts.
fn large() -> (File, Vec<u8>) {
    let bytes: Vec<u8> = (0..2 * upload::PART / 4 + 1000)
        .flat_map(|number| (number as u32).to_le_bytes())
        .collect();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    (file, bytes)
}

#[tokio::test(start_paused = true)]
async fn large_days_are_put_in_parts() {
    for fault in [None, Some(Fault::code(503, "SlowDown")), Some(Fault::Hang)] {
        let mut faults = 0;
        let s3 = FakeS3::new(move |method, _| {
            faults += usize::from(method == Method::PUT);
            fault.clone().filter(|_| method == Method::PUT && faults == 2)
        });
        let dataset = s3.dataset(LAKE);
        let (file, bytes) = large();
        dataset.store.put("x", file).await.unwrap();
        assert!(s3.object("some prefix/x").unwrap() == bytes);
        assert_eq!(s3.unfinished_uploads(), 0);
    }
    // What fits into one part is one request, also if it is exactly as long.
    for size in [0, 1, upload::PART - 1] {
        let s3 = FakeS3::new(|_, _| None);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&vec![7; size]).unwrap();
        s3.dataset(LAKE).store.put("x", file).await.unwrap();
        assert_eq!(s3.log().len(), 1);
        assert_eq!(s3.object("some prefix/x").unwrap().len(), size);
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_day_that_fails_leaves_the_old_one_and_no_parts() {
    for failing in [Method::PUT, Method::POST] {
        let mut seen = 0;
        let s3 = FakeS3::new(move |method, _| {
            seen += usize::from(*method == failing);
            (*method == failing && seen == 2).then(|| Fault::code(403, "AccessDenied"))
        });
        let dataset = s3.dataset(LAKE);
        let key = dataset.store.key("x").unwrap();
        dataset.store.objects.put(&key, "old".into()).await.unwrap();
        let (file, _) = large();
        let error = dataset.store.put("x", file).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Access);
        assert_eq!(s3.object("some prefix/x").unwrap(), "old");
        assert_eq!(s3.unfinished_uploads(), 0, "{:?}", s3.log());
    }
}

#[tokio::test(start_paused = true)]
async fn a_large_day_is_stored_although_the_response_is_lost() {
    let mut posts = 0;
    let s3 = FakeS3::new(move |method, _| {
        posts += usize::from(method == Method::POST);
        (method == Method::POST && posts == 2).then_some(Fault::LostResponse)
    });
    let dataset = s3.dataset(LAKE);
    let writer = dataset.writer().await.unwrap();
    // Parquet's readers begin at the end, so bytes before the day's own do not matter.
    let info = answer("acme", "2026-11-24", 1);
    let mut staged = writer.stage().unwrap();
    staged.write_all(&vec![0; upload::PART]).unwrap();
    let mut small = crate::testing::staged(&writer, &info);
    let crate::staging::Staged::Anonymous(file) = &mut small.0 else {
        panic!("a store needs no name");
    };
    file.rewind().unwrap();
    std::io::copy(file, &mut staged).unwrap();
    assert_eq!(writer.replace(staged, &info).await.unwrap(), Replaced::Written);
    assert_eq!(dataset.info("acme", info.day).await.unwrap(), Some(info));
    assert!(s3.log().iter().any(|line| line.contains("uploadId")));
}

/// The errors of listing, reading and writing with this fault, in a store of each provider.
async fn errors(fault: &Fault, location: &str) -> [Error; 3] {
    let dataset = always(fault.clone()).dataset(location);
    let info = answer("acme", "2026-11-24", 1);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"day").unwrap();
    [
        dataset.days("acme").await.unwrap_err(),
        dataset.info("acme", info.day).await.unwrap_err(),
        dataset.store.put("gc_usage/v1/x", file).await.unwrap_err(),
    ]
}

#[tokio::test(start_paused = true)]
async fn errors_name_the_object_the_operation_and_what_to_set() {
    let denied = Fault::code(403, "AccessDenied");
    let moved = Fault::Response(301, &[("x-amz-bucket-region", "eu-west-1")], String::new());
    for (location, fault, [list, read, write]) in [
        (
            LAKE,
            denied.clone(),
            [
                "cannot list s3://lake/some prefix/gc_usage/v1/organization=acme: access is denied (403 AccessDenied); it \
                 needs the permission s3:ListBucket on the bucket `lake`",
                "day=2026-11-24/usage.parquet: access is denied (403 AccessDenied); it needs the permission s3:GetObject",
                "cannot write s3://lake/some prefix/gc_usage/v1/x: access is denied (403 AccessDenied); it needs the \
                 permissions s3:PutObject and s3:AbortMultipartUpload",
            ],
        ),
        (
            "gs://lake/x",
            denied,
            [
                "storage.objects.list",
                "storage.objects.get",
                "storage.objects.delete",
            ],
        ),
        (
            "abfss://lake@account.dfs.core.windows.net/x",
            Fault::code(403, "AuthorizationPermissionMismatch"),
            [
                "cannot list abfss://lake@account.dfs.core.windows.net/x/gc_usage/v1/organization=acme: access is denied \
                 (403 AuthorizationPermissionMismatch); it needs the role `Storage Blob Data Reader`",
                "`Storage Blob Data Reader`",
                "`Storage Blob Data Contributor`",
            ],
        ),
        (
            "az://lake/x",
            Fault::code(403, "AuthenticationFailed"),
            ["set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_KEY"; 3],
        ),
        (
            LAKE,
            moved,
            ["the bucket is in the region eu-west-1 (301); set AWS_REGION=eu-west-1"; 3],
        ),
        (
            LAKE,
            Fault::Response(
                400,
                &[],
                "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>"
                    .to_owned(),
            ),
            ["set AWS_REGION=eu-west-3"; 3],
        ),
        (
            LAKE,
            Fault::code(301, "PermanentRedirect"),
            ["the bucket is in another region (301 PermanentRedirect); set AWS_REGION to the region of the bucket";
                3],
        ),
        (
            LAKE,
            Fault::code(404, "NoSuchBucket"),
            ["the bucket or container does not exist (404 NoSuchBucket); create it"; 3],
        ),
        (
            LAKE,
            Fault::code(403, "InvalidAccessKeyId"),
            ["refuses the credentials (403 InvalidAccessKeyId); they may have expired; set AWS_ACCESS_KEY_ID";
                3],
        ),
        (
            LAKE,
            Fault::code(400, "ExpiredToken"),
            ["refuses the credentials (400 ExpiredToken); they may have expired"; 3],
        ),
        (
            LAKE,
            Fault::code(403, "RequestTimeTooSkewed"),
            ["the clock of this machine is wrong"; 3],
        ),
        (
            LAKE,
            Fault::Response(405, &[], String::new()),
            ["the store refuses the request (405); check the endpoint"; 3],
        ),
    ] {
        let errors = errors(&fault, location).await;
        for (error, expected) in errors.iter().zip([list, read, write]) {
            assert!(
                error.to_string().contains(expected),
                "{error}\nexpected: {expected}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_contains_a_secret() {
    let echo = "<Error><Code>hidden secret</Code><Region>hidden/secret</Region></Error>";
    for location in [LAKE, "az://lake/x", "gs://lake/x"] {
        for fault in [
            Fault::code(400, "Other"),
            Fault::code(403, "SignatureDoesNotMatch"),
            Fault::code(404, "NoSuchBucket"),
            Fault::code(409, "Conflict"),
            Fault::code(412, "PreconditionFailed"),
            Fault::code(500, "InternalError"),
            Fault::Response(403, &[("x-amz-bucket-region", "hidden/secret")], echo.to_owned()),
            Fault::Response(302, &[("location", "https://x/?sig=hidden")], echo.to_owned()),
            Fault::Response(200, &[], "hidden, which is no XML".to_owned()),
            Fault::Hang,
            Fault::LostResponse,
        ] {
            let dataset = always(fault.clone()).dataset(location);
            let info = answer("acme", "2026-11-24", 1);
            let mut shown = format!("{dataset:?}");
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(b"day").unwrap();
            for error in [
                dataset.days("acme").await.err(),
                dataset.info("acme", info.day).await.err(),
                dataset.organizations().await.err(),
                dataset.store.put("x", file).await.err(),
            ]
            .into_iter()
            .flatten()
            {
                shown.push_str(&format!("{error} {error:?}"));
                let mut cause = std::error::Error::source(&error);
                while let Some(error) = cause {
                    shown.push_str(&format!("{error} {error:?}"));
                    cause = error.source();
                }
            }
            assert!(!shown.contains("hidden"), "{location} {fault:?}: {shown}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn missing_settings_are_named() {
    let without = |name: &str| {
        let mut variables = environment();
        variables.retain(|(variable, _)| !variable.starts_with(name));
        variables
    };
    let with = |name: &str, value: &str| {
        let mut variables = environment();
        variables.push((name.to_owned(), value.to_owned()));
        variables
    };
    let s3 = always(Fault::Hang);
    for (location, variables, expected) in [
        (
            LAKE,
            without("AWS_SECRET"),
            "cannot connect to s3://lake/some prefix: `SecretAccessKey` is missing; set AWS_ACCESS_KEY_ID",
        ),
        ("az://lake/x", without("AZURE_"), "set AZURE_STORAGE_ACCOUNT_NAME"),
        (
            "gs://lake/x",
            with("GOOGLE_SERVICE_ACCOUNT_KEY", "hidden"),
            "set GOOGLE_APPLICATION_CREDENTIALS",
        ),
    ] {
        let message = match s3.try_dataset(location, variables) {
            Err(error) => format!("{error} {error:?}"),
            Ok(dataset) => format!("{:?}", dataset.organizations().await),
        };
        assert!(message.contains(expected), "{message}\nexpected: {expected}");
        assert!(!message.contains("hidden"), "{message}");
    }
    // Without any, the services are asked that give credentials within a cloud. Elsewhere they do not respond.
    let s3 = always(Fault::Hang);
    let dataset = s3.try_dataset(LAKE, Vec::new()).unwrap();
    let error = dataset.organizations().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Access);
    let message = error.to_string();
    assert!(
        message.contains("there are no credentials for the store; set AWS_ACCESS_KEY_ID"),
        "{message}"
    );
    assert!(message.contains("aws configure export-credentials"), "{message}");
    assert_eq!(s3.log().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn plain_http_is_refused_unless_it_is_allowed() {
    let s3 = FakeS3::new(|_, _| None);
    let mut variables = environment();
    variables.push(("AWS_ENDPOINT_URL".to_owned(), "http://minio.corp:9000".to_owned()));
    let dataset = s3.try_dataset(LAKE, variables.clone()).unwrap();
    let error = dataset.organizations().await.unwrap_err().to_string();
    assert!(error.contains("use https, or set AWS_ALLOW_HTTP=true"), "{error}");
    assert!(s3.log().is_empty());
    variables.push(("AWS_ALLOW_HTTP".to_owned(), "true".to_owned()));
    let dataset = s3.try_dataset(LAKE, variables).unwrap();
    assert!(dataset.organizations().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_region_of_the_environment_is_used() {
    for (name, expected) in [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_OTHER", "us-east-1"),
    ] {
        let mut variables = environment();
        variables.push((name.to_owned(), "eu-west-1".to_owned()));
        let dataset = always(Fault::Hang).try_dataset(LAKE, variables).unwrap();
        let error = dataset.organizations().await.unwrap_err().to_string();
        assert!(
            error.contains(&format!("s3.{expected}.amazonaws.com did not respond")),
            "{error}"
        );
    }
}
