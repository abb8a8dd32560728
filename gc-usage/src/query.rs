//! Queries organizations in parallel, and passes their rows to one reader.

use std::{sync::Arc, time::Duration};

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

/// How many organizations are queried at the same time.
const MOST_AT_ONCE: usize = 4;
/// How many batches wait for the reader.
const WAITING_BATCHES: usize = 2;

/// A query to submit, or one that was submitted before.
#[derive(Clone)]
pub(crate) enum Query {
    New(Box<ApiUsageQuery>),
    /// `wait` is whether to wait until it is complete.
    Submitted {
        id: Arc<str>,
        wait: bool,
    },
}

struct Batch {
    profile: Option<Arc<str>>,
    rows: RowBatch,
}

/// Queries all organizations, and passes each batch of rows to `read` when it arrives. A failure of `read` ends all queries.
/// A failure of an organization is its result, and the others continue.
pub(crate) async fn query_all<E>(
    organizations: &[Organization],
    query: &Query,
    printer: &Printer,
    mut read: impl FnMut(Option<&str>, &RowBatch) -> Result<(), E>,
) -> Result<Vec<OrganizationResult>, E> {
    let (out, mut batches) = channel::<Batch>(WAITING_BATCHES);
    let queried = stream::iter(organizations.iter().cloned()).map(move |organization| {
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
    let queried = queried.buffered(MOST_AT_ONCE).collect::<Vec<_>>();
    let reading = async {
        while let Some(batch) = batches.recv().await {
            read(batch.profile.as_deref(), &batch.rows)?;
        }
        Ok(())
    };
    let ((), results) = tokio::try_join!(reading, async { Ok(queried.await) })?;
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
    let (polled, mut polls) = unbounded_channel();
    let execution = execution.on_progress({
        let show = line.on_waiting();
        move |waiting| {
            show(waiting);
            if !waits {
                // The first poll ends the query.
                let _ = polled.send(waiting.poll_error.clone());
            }
        }
    });
    let mut batches = execution.row_batches();
    loop {
        let next = tokio::select! {
            Some(error) = polls.recv(), if !waits => return Err(match error {
                Some(error) => organization.explain(error),
                None => CliError::not_complete(execution.id(), &organization.options),
            }),
            next = batches.try_next() => next.map_err(|error| organization.explain(error))?,
        };
        let Some(rows) = next else { break };
        line.received(&rows);
        *has_rows = true;
        let profile = organization.profile.clone();
        if out.send(Batch { profile, rows }).await.is_err() {
            // The reader failed, and reports it.
            break;
        }
    }
    Ok(execution.id().to_owned())
}

/// Submits a query. The id of the execution is checked, so that people can use it in other commands.
pub(crate) async fn submit(organization: &Organization, query: ApiUsageQuery) -> Result<Execution, CliError> {
    let client = organization.client()?;
    let execution = client.submit(query).await;
    let execution = execution.map_err(|error| organization.explain(error))?;
    match execution_id(execution.id()) {
        Ok(id) => Ok(client.execution(id)),
        Err(reason) => Err(CliError::new(
            Code::Service,
            format!("the service accepted the query, but sent no usable id: {reason}"),
        )),
    }
}

async fn execution(
    organization: &Organization,
    query: Query,
    line: &ProgressLine,
) -> Result<Execution, CliError> {
    let execution = match query {
        Query::New(query) => submit(organization, *query).await?,
        // It may be complete already, so the first poll does not wait.
        Query::Submitted { id, .. } => {
            let execution = organization.execution(&id)?;
            let polling = execution.polling().clone().with_initial_wait(Duration::ZERO);
            execution.with_polling(polling)
        }
    };
    organization.submitted(execution.id());
    line.submitted();
    Ok(execution)
}
