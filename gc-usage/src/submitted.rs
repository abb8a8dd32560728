//! What was submitted: one execution, or the jobs of one period.

use std::{fmt::Display, time::Duration};

use serde::Serialize;
use tokio::sync::mpsc::UnboundedSender;
use usage_client::{
    Client, Error, Execution, JobKind, JobSeries, JobStates, OneClient, Result, RowBatches, Waiting,
    types::JobStatus,
};

use crate::{
    progress::ProgressLine,
    request::Request,
    source::{Family, Source},
};

/// The handle of what was submitted.
#[derive(Clone, Debug)]
pub(crate) enum Submitted {
    Execution(Box<Execution>),
    Jobs(JobSeries<usage_client::Organization>),
    ClientJobs(JobSeries<OneClient>),
}

/// The ids with which other commands find it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ids {
    #[serde(rename = "executionId")]
    Execution(String),
    /// In the order of their rows.
    #[serde(rename = "jobIds")]
    Jobs(Vec<String>),
    /// Nothing was submitted: the rows are those of the data set at this place.
    #[cfg(feature = "sync")]
    DataSet(String),
}

impl Ids {
    pub(crate) fn list(&self) -> &[String] {
        match self {
            Self::Execution(id) => std::slice::from_ref(id),
            Self::Jobs(ids) => ids,
            #[cfg(feature = "sync")]
            Self::DataSet(_) => &[],
        }
    }

    /// The status of the service when all rows are there.
    pub(crate) fn final_status(&self) -> &'static str {
        match self {
            Self::Jobs(_) => "Succeeded",
            _ => "Complete",
        }
    }
}

impl Submitted {
    pub(crate) async fn new(client: &Client, request: Request) -> Result<Self> {
        let Source { family, client: of } = request.source.clone();
        Ok(match (family, of) {
            (Family::Query, None) => Self::Execution(Box::new(client.submit(request).await?)),
            (Family::Query, Some(of)) => {
                Self::Execution(Box::new(client.submit_for_client(&*of, request).await?))
            }
            (Family::Jobs, None) => Self::Jobs(client.submit_jobs(request).await?),
            (Family::Jobs, Some(of)) => Self::ClientJobs(client.submit_client_jobs(&*of, request).await?),
        })
    }

    /// What an earlier command submitted. It may be complete already, so the first poll does not wait.
    pub(crate) fn before(client: &Client, source: &Source, ids: &[String]) -> Self {
        let of = source.client.as_deref();
        let execution = execution(client, of, &ids.concat());
        let polling = execution.polling().clone().with_initial_wait(Duration::ZERO);
        match (source.family, of) {
            (Family::Query, _) => Self::Execution(Box::new(execution.with_polling(polling))),
            (Family::Jobs, None) => Self::Jobs(client.jobs(ids).with_polling(polling)),
            (Family::Jobs, Some(of)) => Self::ClientJobs(client.client_jobs(of, ids).with_polling(polling)),
        }
    }

    pub(crate) fn ids(&self) -> Ids {
        match self {
            Self::Execution(execution) => Ids::Execution(execution.id().to_owned()),
            Self::Jobs(series) => Ids::Jobs(job_ids(series)),
            Self::ClientJobs(series) => Ids::Jobs(job_ids(series)),
        }
    }

    /// Shows each poll that did not find it complete, and sends the error of the poll, if there was one, to `polled`.
    pub(crate) fn reporting(
        self,
        line: &ProgressLine,
        polled: Option<UnboundedSender<Option<Error>>>,
    ) -> Self {
        match self {
            Self::Execution(execution) => {
                Self::Execution(Box::new(execution.on_progress(report(line, polled))))
            }
            Self::Jobs(series) => Self::Jobs(series.on_progress(report(line, polled))),
            Self::ClientJobs(series) => Self::ClientJobs(series.on_progress(report(line, polled))),
        }
    }

    /// The status of the job at this place. Unknown if the poll fails, and of an execution.
    pub(crate) async fn job_status(&self, place: usize) -> Option<JobStatus> {
        match self {
            Self::Execution(_) => None,
            Self::Jobs(series) => series.jobs().get(place)?.poll().await.ok()?.query_status,
            Self::ClientJobs(series) => series.jobs().get(place)?.poll().await.ok()?.query_status,
        }
    }

    /// The polls of each job, with its id. There are none of an execution.
    pub(crate) fn job_states(&self) -> Vec<(&str, JobStates<JobStatus>)> {
        match self {
            Self::Execution(_) => Vec::new(),
            Self::Jobs(series) => states(series),
            Self::ClientJobs(series) => states(series),
        }
    }

    pub(crate) fn row_batches(&self) -> RowBatches {
        match self {
            Self::Execution(execution) => execution.row_batches(),
            Self::Jobs(series) => series.row_batches(),
            Self::ClientJobs(series) => series.row_batches(),
        }
    }
}

fn job_ids<K: JobKind>(series: &JobSeries<K>) -> Vec<String> {
    series.jobs().iter().map(|job| job.id().to_owned()).collect()
}

fn states<K: JobKind>(series: &JobSeries<K>) -> Vec<(&str, JobStates<K::Status>)> {
    series.jobs().iter().map(|job| (job.id(), job.states())).collect()
}

/// An execution of an earlier command, of the organization or of one client.
pub(crate) fn execution(client: &Client, of: Option<&str>, id: &str) -> Execution {
    match of {
        None => client.execution(id),
        Some(of) => client.client_execution(of, id),
    }
}

fn report<S: Display>(
    line: &ProgressLine,
    polled: Option<UnboundedSender<Option<Error>>>,
) -> impl Fn(&Waiting<S>) + Clone + Send + Sync + use<S> + 'static {
    let show = line.on_waiting();
    move |waiting| {
        show(waiting);
        if let Some(polled) = &polled {
            // The first poll ends the command, which may have ended already.
            let _ = polled.send(waiting.poll_error.clone());
        }
    }
}
