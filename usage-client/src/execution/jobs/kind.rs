//! What the kinds of jobs differ in.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};
use tracing::Span;

use super::{
    super::source::{Submitted, check},
    keys,
};
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
    rows::keys::Keys,
};

/// A kind of [`Job`](crate::Job): [`Organization`], [`OneClient`] or [`SimpleSearch`].
#[allow(private_bounds, reason = "no other crate has a kind of its own")]
pub trait JobKind: Paged + Clone + fmt::Debug + Send + Sync + 'static {
    /// The status in a page.
    type Status: Judged + DeserializeOwned + Clone + fmt::Debug + fmt::Display + Send + Sync + 'static;
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

/// The status of a job or of a search.
pub(crate) trait Judged {
    /// What it is the status of, for errors.
    const NOUN: &'static str;
    /// What the id of that is called in errors.
    const ID: &'static str;

    fn stage(&self) -> Stage;
}

/// How pages are requested and read.
pub(crate) trait Paged {
    /// The keys of its rows.
    const KEYS: Keys;

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

impl<K: JobKind> Submitted for K {
    type Status = K::Status;

    const NOUN: &'static str = K::Status::NOUN;
    const ID: &'static str = K::Status::ID;

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        Paged::check(self, id)
    }

    fn span(id: &str) -> Span {
        tracing::info_span!("usage_client.job", job.id = id)
    }
}

/// Sends a call for the first page or the page at a cursor. The builders of calls have no trait in common.
macro_rules! open {
    ($call:expr, $after:expr) => {
        match $after {
            Some(after) => $call.after(after).open().await,
            None => $call.open().await,
        }
    };
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
    const KEYS: Keys = keys::OF_ORGANIZATION;

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<JobId>("job_id", id)
    }

    async fn page(&self, client: &Client, id: &str, after: Option<&str>, size: i32) -> Result<Response> {
        let call = client.get_usage_aggregates_query_job();
        let call = call.job_id(id).page_size(size);
        open!(call, after)
    }
}

impl JobKind for OneClient {
    type Status = JobStatus;
    type Page = ClientPublicApiUsageResultsResponse;
    type Row = ClientPublicApiUsage;
}

impl Paged for OneClient {
    const KEYS: Keys = keys::OF_ONE_CLIENT;

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<ClientId>("client_id", &self.client_id)?;
        check::<JobId>("job_id", id)
    }

    async fn page(&self, client: &Client, id: &str, after: Option<&str>, size: i32) -> Result<Response> {
        let call = client.get_usage_client_client_id_aggregates_query_job();
        let call = call.client_id(self.client_id.as_str()).job_id(id).page_size(size);
        open!(call, after)
    }
}

impl JobKind for SimpleSearch {
    type Status = QueryStatus;
    type Page = ApiUsageQueryResult;
    type Row = ApiUsageRow;
}

impl Paged for SimpleSearch {
    const KEYS: Keys = Keys::Query;

    fn check(&self, id: &str) -> std::result::Result<(), String> {
        check::<ExecutionId>("execution_id", id)
    }

    async fn page(&self, client: &Client, id: &str, after: Option<&str>, size: i32) -> Result<Response> {
        let call = client.get_usage_simplesearch_execution_id_results();
        let call = call.execution_id(id).page_size(size);
        open!(call, after)
    }
}

impl Judged for JobStatus {
    const NOUN: &'static str = "job";
    const ID: &'static str = "job id";

    fn stage(&self) -> Stage {
        match self {
            Self::Succeeded => Stage::Done,
            Self::Failed => Stage::Failed,
            Self::Cancelled => Stage::Cancelled,
            _ => Stage::Unfinished,
        }
    }
}

impl Judged for QueryStatus {
    const NOUN: &'static str = "search";
    const ID: &'static str = "execution id";

    fn stage(&self) -> Stage {
        match self {
            Self::Complete => Stage::Done,
            Self::Failed => Stage::Failed,
            _ => Stage::Unfinished,
        }
    }
}
