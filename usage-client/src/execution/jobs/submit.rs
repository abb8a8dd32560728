//! Submits jobs and searches.

use std::fmt;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::{
    super::{named_id, source::Source},
    ClientJob, Job, OrganizationJob, Search,
    kind::{JobKind, OneClient, Organization, SimpleSearch},
    plan::JobPlan,
    series::JobSeries,
};
use crate::{
    error::{Error, Result},
    generated::{
        client::Client,
        types::{
            ApiUsageSimpleSearch, ClientJobGroupBy, ClientPublicApiUsageQueryRequest, Granularity,
            JobGroupBy, OrganizationPublicApiUsageQueryRequest,
        },
    },
    interval::{Interval, today},
};

/// How many pieces of an interval are submitted at the same time.
const SUBMITTED_AT_ONCE: usize = 4;

impl Client {
    /// Submits a job about the organization. [`submit_jobs`](Self::submit_jobs) also takes an interval of more than 90
    /// days.
    ///
    /// Without `groupBy`, the service does not add up what it counted. So a request without it is grouped by OAuth
    /// client, as queries are. [`post_usage_aggregates_query_jobs`](Self::post_usage_aggregates_query_jobs) sends it as
    /// it is. Whole days as `interval` are sent with their times, which is the form that the service documents.
    ///
    /// A job changes nothing, so it is sent again after a failure, according to the [`RetryPolicy`](crate::RetryPolicy).
    ///
    /// # Errors
    ///
    /// The request is not valid, the service cannot be reached, or it refused the request.
    pub async fn submit_job<R>(&self, request: R) -> Result<OrganizationJob>
    where
        R: TryInto<OrganizationPublicApiUsageQueryRequest>,
        R::Error: fmt::Display,
    {
        self.submit_organization(valid(request)?).await
    }

    /// Submits a job about one OAuth client. Its default group is the organization. See
    /// [`submit_job`](Self::submit_job).
    ///
    /// # Errors
    ///
    /// Those of [`submit_job`](Self::submit_job).
    pub async fn submit_client_job<R>(&self, client_id: impl Into<String>, request: R) -> Result<ClientJob>
    where
        R: TryInto<ClientPublicApiUsageQueryRequest>,
        R::Error: fmt::Display,
    {
        self.submit_one_client(client_id.into(), valid(request)?).await
    }

    /// Submits a simple search.
    ///
    /// # Errors
    ///
    /// Those of [`submit_job`](Self::submit_job).
    pub async fn submit_search<S>(&self, search: S) -> Result<Search>
    where
        S: TryInto<ApiUsageSimpleSearch>,
        S::Error: fmt::Display,
    {
        let accepted = self.post_usage_simplesearch().body(search).send().await?;
        let id = named_id(&accepted, accepted.execution_id.as_deref())?;
        Ok(self.search(id))
    }

    /// Submits one job for each piece of an interval of any length within the last year, several at a time. See
    /// [`JobPlan`]. Their rows are joined in the order of the pieces.
    ///
    /// # Errors
    ///
    /// Those of [`submit_job`](Self::submit_job) and [`JobPlan::new`].
    pub async fn submit_jobs<R>(&self, request: R) -> Result<JobSeries<Organization>>
    where
        R: TryInto<OrganizationPublicApiUsageQueryRequest>,
        R::Error: fmt::Display,
    {
        let request = valid(request)?;
        let requests = planned(&request.interval, request.granularity)?.map(|interval| {
            OrganizationPublicApiUsageQueryRequest {
                interval,
                ..request.clone()
            }
        });
        let jobs = stream::iter(requests).map(|request| self.submit_organization(request));
        Ok(JobSeries(jobs.buffered(SUBMITTED_AT_ONCE).try_collect().await?))
    }

    /// Submits one job about one OAuth client for each piece of an interval. See [`submit_jobs`](Self::submit_jobs).
    ///
    /// # Errors
    ///
    /// Those of [`submit_jobs`](Self::submit_jobs).
    pub async fn submit_client_jobs<R>(
        &self,
        client_id: impl Into<String>,
        request: R,
    ) -> Result<JobSeries<OneClient>>
    where
        R: TryInto<ClientPublicApiUsageQueryRequest>,
        R::Error: fmt::Display,
    {
        let (client_id, request) = (client_id.into(), valid(request)?);
        let requests = planned(&request.interval, request.granularity)?.map(|interval| {
            ClientPublicApiUsageQueryRequest {
                interval,
                ..request.clone()
            }
        });
        let jobs = stream::iter(requests).map(|request| self.submit_one_client(client_id.clone(), request));
        Ok(JobSeries(jobs.buffered(SUBMITTED_AT_ONCE).try_collect().await?))
    }

    /// A job that was submitted before, perhaps by another process. An invalid id is an error when the job is used.
    pub fn job(&self, id: impl Into<String>) -> OrganizationJob {
        self.job_of(Organization, id.into())
    }

    /// A job about one OAuth client that was submitted before.
    pub fn client_job(&self, client_id: impl Into<String>, id: impl Into<String>) -> ClientJob {
        let client_id = client_id.into();
        self.job_of(OneClient { client_id }, id.into())
    }

    /// A search that was submitted before.
    pub fn search(&self, id: impl Into<String>) -> Search {
        self.job_of(SimpleSearch, id.into())
    }

    /// Jobs that were submitted before. Their rows are joined in the order of the ids.
    pub fn jobs(&self, ids: impl IntoIterator<Item = impl Into<String>>) -> JobSeries<Organization> {
        JobSeries(ids.into_iter().map(|id| self.job(id)).collect())
    }

    /// Jobs about one OAuth client that were submitted before.
    pub fn client_jobs(
        &self,
        client_id: impl Into<String>,
        ids: impl IntoIterator<Item = impl Into<String>>,
    ) -> JobSeries<OneClient> {
        let client_id = client_id.into();
        let ids = ids.into_iter();
        JobSeries(ids.map(|id| self.client_job(client_id.as_str(), id)).collect())
    }

    fn job_of<K: JobKind>(&self, kind: K, id: String) -> Job<K> {
        Job(Source::new(self, kind, id))
    }

    async fn submit_organization(
        &self,
        mut request: OrganizationPublicApiUsageQueryRequest,
    ) -> Result<OrganizationJob> {
        if request.group_by.is_empty() {
            request.group_by = vec![JobGroupBy::OauthClientId, JobGroupBy::OauthClientName];
        }
        with_times(&mut request.interval);
        let accepted = self
            .post_usage_aggregates_query_jobs()
            .body(request)
            .send()
            .await?;
        let id = named_id(&accepted, accepted.id.as_deref())?;
        Ok(self.job(id))
    }

    async fn submit_one_client(
        &self,
        client_id: String,
        mut request: ClientPublicApiUsageQueryRequest,
    ) -> Result<ClientJob> {
        if request.group_by.is_empty() {
            request.group_by = vec![ClientJobGroupBy::OrganizationId];
        }
        with_times(&mut request.interval);
        let call = self.post_usage_client_client_id_aggregates_query_jobs();
        let accepted = call.client_id(client_id.as_str()).body(request).send().await?;
        let id = named_id(&accepted, accepted.id.as_deref())?;
        Ok(self.client_job(client_id, id))
    }
}

fn valid<T, R>(request: R) -> Result<T>
where
    R: TryInto<T>,
    R::Error: fmt::Display,
{
    request
        .try_into()
        .map_err(|reason| Error::invalid_request(reason.to_string()))
}

/// The pieces of an interval.
fn planned(interval: &str, granularity: Option<Granularity>) -> Result<impl Iterator<Item = String>> {
    let interval: Interval = interval.parse()?;
    let plan = JobPlan::new(interval, granularity, today())?;
    let pieces = plan.pieces().to_vec();
    Ok(pieces.into_iter().map(|piece| piece.to_string()))
}

/// Writes whole days as the service documents it. Any other interval is sent as it is.
fn with_times(interval: &mut String) {
    if let Ok(days) = interval.parse::<Interval>() {
        *interval = format!("{}T00:00:00/{}T23:59:59", days.first_day(), days.last_day());
    }
}
