//! Connects to a bucket.

use std::{sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, RetryConfig, aws::AmazonS3Builder, azure::MicrosoftAzureBuilder,
    gcp::GoogleCloudStorageBuilder,
};

use super::http::Connector;
use crate::location::{Bucket, Provider};

/// A request fails for good after nine attempts, or with the first attempt that fails after three minutes.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(15),
            base: 2.0,
        },
        max_retries: 8,
        retry_timeout: Duration::from_secs(180),
    }
}

/// Connects with the variables that the store's own tools read.
pub(super) fn connect(
    bucket: &Bucket,
    connector: Connector,
    environment: impl Iterator<Item = (String, String)>,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let name = &bucket.name;
    let settings = |prefix: &'static str| {
        environment.filter_map(move |(variable, value)| {
            let is_set = variable.starts_with(prefix) && !value.is_empty();
            is_set.then(|| (variable.to_ascii_lowercase(), value))
        })
    };
    Ok(match &bucket.provider {
        Provider::S3 => {
            let mut builder = AmazonS3Builder::new();
            for (key, value) in settings("AWS_") {
                if let Ok(key) = key.parse() {
                    builder = builder.with_config(key, value);
                }
            }
            let builder = builder
                .with_bucket_name(name)
                .with_retry(retries())
                .with_http_connector(connector);
            Arc::new(builder.build()?)
        }
        Provider::Google => {
            let mut builder = GoogleCloudStorageBuilder::new();
            for (key, value) in settings("GOOGLE_") {
                if let Ok(key) = key.parse() {
                    builder = builder.with_config(key, value);
                }
            }
            let builder = builder
                .with_bucket_name(name)
                .with_retry(retries())
                .with_http_connector(connector);
            Arc::new(builder.build()?)
        }
        Provider::Azure { account } => {
            let mut builder = MicrosoftAzureBuilder::new();
            for (key, value) in settings("AZURE_") {
                if let Ok(key) = key.parse() {
                    builder = builder.with_config(key, value);
                }
            }
            if let Some(account) = account {
                builder = builder.with_account(account);
            }
            let builder = builder
                .with_container_name(name)
                .with_retry(retries())
                .with_http_connector(connector);
            Arc::new(builder.build()?)
        }
    })
}
