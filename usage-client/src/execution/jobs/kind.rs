//! What the kinds of jobs differ in.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::Result,
    generated::{
        client::Client,
        types::{
            ApiUsageQueryResult, ApiUsageRow, ClientId, ClientPublicApiUsage,
            ClientPublicApiUsageResultsResponse, ExecutionId, JobId, JobStatus, OrganizationPublicApiUsage,
            OrganizationPublicApiUsageResultsResponse, QueryStatus,
        },
    },
    http::response::Response,
};

/// A kind of [`Job`](crate::Job): [`Organization`], [`OneClient`] or [`SimpleSearch`].
#[allow(private_bounds, reason = "no other crate has a kind of its own")]
pub trait JobKind: Paged + Clone + fmt::Debug + Send + Sync + 'static {
    /// The status in a page.
    type Status: DeserializeOwned + Clone + fmt::Debug + fmt::Display + Send + Sync + 'static;
    /// A page of results, as the service sends it.
    type Page: DeserializeOwned + Clone + fmt::Debug + Send + Sync + 'static;
    /// A row of a page.
    type Row: DeserializeOwned + Serialize + Clone + fmt::Debug + Send + Sync + 'static;
}

/// What a status says about a job.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stage {
    /// Or a status that this crate does not know.
    Unfinished,
    Done,
    Failed,
    Cancelled,
}

/// How pages are requested and judged.
pub(crate) trait Paged {
    /// What it is called in errors.
    const NOUN: &'static str;
    /// What its id is called in errors.
    const ID: &'static str;

    fn stage(status: &Self::Status) -> Stage
    where
        Self: JobKind;

    /// Says why an id does not fit in a path.
    fn check(&self, id: &str) -> std::result::Result<(), String>;

    /// Requests one page.
    fn page(
        &self,
        client: &Client,
        id: &str,
        after: Option<&str>,
        size: i32,
    ) -> impl Future<Output = Result<Response>> + Send;
}

/// Jobs about all OAuth clients of the organization. They need the permission `usage:organization:view`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Organization;

/// Jobs about one OAuth client. They need the permission `usage:client:view`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OneClient {
    pub(super) client_id: String,
}

/// Simple searches. They need the permission `oauth:client:view` or `usage:simpleSearch:view`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct SimpleSearch;

impl JobKind for Organization {
    type Status = JobStatus;
    type Page = OrganizationPublicApiUsageResultsResponse;
    type Row = OrganizationPublicApiUsage;
}

impl Paged for Organization {
    const NOUN: &'static str = "job";
    const ID: &'static str = "job id";

    fn stage(status: &JobStatus) -> Stage {
        stage_of_job(status)
    }

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<JobId>("job_id", id)
    }

    async fn page(&self, client: &Client, id: &str, after: Option<&str>, size: i32) -> Result<Response> {
        let call = client.get_usage_aggregates_query_job();
        let call = call.job_id(id).page_size(size);
        match after {
            Some(after) => call.after(after).open().await,
            None => call.open().await,
        }
    }
}

impl JobKind for OneClient {
    type Status = JobStatus;
    type Page = ClientPublicApiUsageResultsResponse;
    type Row = ClientPublicApiUsage;
}

impl Paged for OneClient {
    const NOUN: &'static str = "job";
    const ID: &'static str = "job id";

    fn stage(status: &JobStatus) -> Stage {
        stage_of_job(status)
    }

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<ClientId>("client_id", &self.client_id)?;
        check::<JobId>("job_id", id)
    }

    async fn page(&self, client: &Client, id: &str, after: Option<&str>, size: i32) -> Result<Response> {
        let call = client.get_usage_client_client_id_aggregates_query_job();
        let call = call.client_id(self.client_id.as_str()).job_id(id).page_size(size);
        match after {
            Some(after) => call.after(after).open().await,
            None => call.open().await,
        }
    }
}

impl JobKind for SimpleSearch {
    type Status = QueryStatus;
    type Page = ApiUsageQueryResult;
    type Row = ApiUsageRow;
}

impl Paged for SimpleSearch {
    const NOUN: &'static str = "search";
    const ID: &'static str = "execution id";

    fn stage(status: &QueryStatus) -> Stage {
        match status {
            QueryStatus::Complete => Stage::Done,
            QueryStatus::Failed => Stage::Failed,
            _ => Stage::Unfinished,
        }
    }

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<ExecutionId>("execution_id", id)
    }

    async fn page(&self, client: &Client, id: &str, after: Option<&str>, size: i32) -> Result<Response> {
        let call = client.get_usage_simplesearch_execution_id_results();
        let call = call.execution_id(id).page_size(size);
        match after {
            Some(after) => call.after(after).open().await,
            None => call.open().await,
        }
    }
}

fn stage_of_job(status: &JobStatus) -> Stage {
    match status {
        JobStatus::Succeeded => Stage::Done,
        JobStatus::Failed => Stage::Failed,
        JobStatus::Cancelled => Stage::Cancelled,
        _ => Stage::Unfinished,
    }
}

fn check<T>(name: &str, id: &str) -> std::result::Result<(), String>
where
    T: std::str::FromStr<Err: fmt::Display>,
{
    match id.parse::<T>() {
        Ok(_) => Ok(()),
        Err(reason) => Err(format!("{name} `{id}`: {reason}")),
    }
}
