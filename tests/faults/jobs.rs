//! Jobs and searches: what the caller gets when a page is odd, lost or repeated, and what the service saw of it.

use std::time::Duration;

use futures_util::TryStreamExt as _;
use proptest::prelude::*;
use usage_client::{
    Client, Error, Granularity, Interval, Job, JobKind, JobPlan, JobState, OrganizationJob, Result, RowRef,
    RowsPolicy,
    types::{
        ApiUsageSimpleSearch, ClientJobGroupBy, ClientPublicApiUsageQueryRequest, JobGroupBy, JobStatus,
        OrganizationPublicApiUsage, OrganizationPublicApiUsageQueryRequest, QueryStatus,
    },
};
use usage_sim::{Fault, Simulator};

use crate::{HOUR, assert_says, builder, client, pass, quick_polls, service, service_with, until_seen};

const ONE_CLIENT: &str = "some-client";

/// The last 30 days by endpoint.
fn request() -> OrganizationPublicApiUsageQueryRequest {
    OrganizationPublicApiUsageQueryRequest::builder()
        .interval(Interval::last_days(30))
        .group_by([JobGroupBy::TemplateUri])
        .try_into()
        .unwrap()
}

async fn submit(client: &Client) -> Result<OrganizationJob> {
    Ok(client.submit_job(request()).await?.with_polling(quick_polls()))
}

/// All rows until the end, and the error that was the last item, if there was one.
async fn rows_of<K: JobKind>(job: &Job<K>) -> (Vec<K::Row>, Option<Error>)
where
    usage_client::JobRows<K>: futures_util::Stream<Item = Result<K::Row>> + Unpin,
    Job<K>: Streams<K>,
{
    let mut rows = Vec::new();
    let mut stream = job.stream();
    loop {
        match stream.try_next().await {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => return (rows, None),
            Err(error) => {
                assert!(stream.try_next().await.unwrap().is_none(), "an error is the last item");
                return (rows, Some(error));
            }
        }
    }
}
