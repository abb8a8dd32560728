//! Asking organizations, side by side, and handing their rows to one reader.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::mpsc::{Sender, channel, unbounded_channel};
use usage_client::{ApiUsageQuery, Execution, RowBatch};

use crate::{
    error::{CliError, Code},
    organization::Organization,
    printer::Printer,
    progress::ProgressLine,
    result::OrganizationResult,
    resume::execution_id,
};

/// How many organizations are asked at once.
const SIDE_BY_SIDE: usize = 4;
/// How many batches wait for the reader.
const WAITING_BATCHES: usize = 2;

/// What to ask for.
#[derive(Clone)]
pub(crate) enum Query {
    New(Box<ApiUsageQuery>),
    /// One that was submitted before, and whether to wait for it.
    Submitted {
        id: Arc<str>,
        wait: bool,
    },
}

struct Batch {
    profile: Option<Arc<str>>,
    rows: RowBatch,
}

/// Asks all organizations, and gives each batch of rows to `read` as it comes. A failure of `read` ends everything; that
/// of an organization is its result.
pub(crate) async fn query_all<E>(
    organizations: &[Organization],
    query: &Query,
    printer: &Printer,
    mut read: impl FnMut(Option<&str>, &RowBatch) -> Result<(), E>,
) -> Result<Vec<OrganizationResult>, E> {
    let (out, mut batches) = channel::<Batch>(WAITING_BATCHES);
    let asked = stream::iter(organizations.iter().cloned()).map(move |organization| {
        let (query, printer, out) = (query.clone(), printer.clone(), out.clone());
        async move {
            let mut has_rows = false;
            let outcome = one(&organization, query, &printer, &out, &mut has_rows).await;
            OrganizationResult {
                is_cut: has_rows && outcome.is_err(),
                outcome,
                profile: organization.profile,
            }
        }
    });
    let asked = asked.buffered(SIDE_BY_SIDE).collect::<Vec<_>>();
    let reading = async {
        while let Some(batch) = batches.recv().await {
            read(batch.profile.as_deref(), &batch.rows)?;
        }
        Ok(())
    };
    let ((), results) = tokio::try_join!(reading, async { Ok(asked.await) })?;
    Ok(results)
}

async fn one(
    organization: &Organization,
    query: Query,
    printer: &Printer,
    out: &Sender<Batch>,
    has_rows: &mut bool,
) -> Result<String, CliError> {
    let line = printer.progress(organization.profile.as_deref(), organization.retry.clone());
    let waits = !matches!(query, Query::Submitted { wait: false, .. });
    let execution = execution(organization, query, &line).await?;
    let (told, mut polls) = unbounded_channel();
    let execution = execution.on_progress({
        let show = line.on_waiting();
        move |waiting| {
            show(waiting);
            if !waits {
                // The first one ends it.
                let _ = told.send(waiting.poll_error.clone());
            }
        }
    });
    let mut batches = execution.row_batches();
    loop {
        let next = tokio::select! {
            Some(error) = polls.recv(), if !waits => return Err(match error {
                Some(error) => organization.explain(error),
                None => CliError::not_done(execution.id(), &organization.options),
            }),
            next = batches.try_next() => next.map_err(|error| organization.explain(error))?,
        };
        let Some(rows) = next else { break };
        line.received(&rows);
        *has_rows = true;
        let profile = organization.profile.clone();
        if out.send(Batch { profile, rows }).await.is_err() {
            // The reader failed, and says so.
            break;
        }
    }
    Ok(execution.id().to_owned())
}

/// Submits a query. Its id is one that a person can take elsewhere.
pub(crate) async fn submit(organization: &Organization, query: ApiUsageQuery) -> Result<Execution, CliError> {
    let client = organization.client()?;
    let execution = client.submit(query).await;
    let execution = execution.map_err(|error| organization.explain(error))?;
    match execution_id(execution.id()) {
        Ok(id) => Ok(client.execution(id)),
        Err(reason) => Err(CliError::new(
            Code::Service,
            format!("the service took the query, but gave no usable id: {reason}"),
        )),
    }
}

async fn execution(
    organization: &Organization,
    query: Query,
    line: &ProgressLine,
) -> Result<Execution, CliError> {
    let policies = organization.policies.clone();
    let (execution, policies) = match query {
        Query::New(query) => (submit(organization, *query).await?, policies),
        Query::Submitted { id, .. } => (organization.client()?.execution(&*id), policies.at_once()),
    };
    organization.submitted(execution.id());
    line.submitted();
    Ok(policies.apply(execution))
}
