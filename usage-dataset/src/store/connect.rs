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
    // The builders of stores have no trait in common.
    macro_rules! configured {
        ($builder:ident, $prefix:literal) => {{
            let mut builder = $builder::new()
                .with_retry(retries())
                .with_http_connector(connector);
            for (variable, value) in environment {
                let is_set = variable.starts_with($prefix) && !value.is_empty();
                if let (true, Ok(key)) = (is_set, variable.to_ascii_lowercase().parse()) {
                    builder = builder.with_config(key, value);
                }
            }
            builder
        }};
    }
    Ok(match &bucket.provider {
        Provider::S3 => {
            let builder = configured!(AmazonS3Builder, "AWS_");
            Arc::new(builder.with_bucket_name(name).build()?)
        }
        Provider::Google => {
            let builder = configured!(GoogleCloudStorageBuilder, "GOOGLE_");
            Arc::new(builder.with_bucket_name(name).build()?)
        }
        Provider::Azure { account } => {
            let mut builder = configured!(MicrosoftAzureBuilder, "AZURE_");
            if let Some(account) = account {
                builder = builder.with_account(account);
            }
            Arc::new(builder.with_container_name(name).build()?)
        }
    })
}
