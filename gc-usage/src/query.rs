//! Queries organizations in parallel, and passes their rows to one reader.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::mpsc::{Sender, channel, unbounded_channel};
use usage_client::RowBatch;

use crate::{
    error::{CliError, Code},
    organization::Organization,
    printer::Printer,
    progress::ProgressLine,
    request::Request,
    result::OrganizationResult,
    resume::execution_id,
    submitted::{Ids, Submitted},
};

/// How many organizations are queried at the same time.
const MOST_AT_ONCE: usize = 4;
/// How many batches wait for the reader.
const WAITING_BATCHES: usize = 2;

/// A query to submit, or one that was submitted before.
#[derive(Clone)]
pub(crate) enum Query {
    New(Box<Request>),
    /// `wait` is whether to wait until it is complete.
    Submitted {
        ids: Arc<[String]>,
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
) -> Result<Ids, CliError> {
    let line = printer.progress(organization.profile.as_deref(), organization.retry.clone());
    #[cfg(feature = "sync")]
    if let (Some(stored), Query::New(request)) = (&organization.stored, &query) {
        let reading = stored.read(request, async |rows| {
            line.received(&rows);
            *has_rows = true;
            let profile = organization.profile.clone();
            // The reader of the rows failed, and reports it.
            let sent = out.send(Batch { profile, rows }).await;
            sent.map_err(|_| CliError::ClosedPipe)
        });
        reading.await?;
        return Ok(Ids::DataSet(stored.dataset.location().to_string()));
    }
    let waits = !matches!(query, Query::Submitted { wait: false, .. });
    let submitted = submitted(organization, query, &line).await?;
    let ids = submitted.ids();
    let (polled, mut polls) = unbounded_channel();
    let submitted = submitted.reporting(&line, (!waits).then_some(polled));
    let explain = |error| organization.explain_of(error, ids.list());
    let mut batches = submitted.row_batches();
    loop {
        let next = tokio::select! {
            // The first poll ends the query.
            Some(error) = polls.recv(), if !waits => return Err(match error {
                Some(error) => explain(error),
                None => CliError::not_complete(ids.list(), &organization.options),
            }),
            next = batches.try_next() => next.map_err(explain)?,
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
    Ok(ids)
}

/// Submits a request. The ids are checked, so that people can use them in other commands.
pub(crate) async fn submit(organization: &Organization, request: Request) -> Result<Submitted, CliError> {
    let client = organization.client()?;
    let way_out = request.way_out();
    let submitted = Submitted::new(client, request).await.map_err(|error| {
        let is_impossible = error.is_invalid_request();
        let failure = organization.explain(error);
        match way_out.filter(|_| is_impossible) {
            Some(way_out) => failure.with_hint(way_out),
            None => failure,
        }
    })?;
    let ids: Result<Vec<_>, _> = submitted.ids().list().iter().map(|id| execution_id(id)).collect();
    match ids {
        Ok(ids) if ids == submitted.ids().list() => Ok(submitted),
        Ok(ids) => Ok(Submitted::before(client, &organization.source, &ids)),
        Err(reason) => Err(CliError::new(
            Code::Service,
            format!("the service accepted the query, but sent no usable id: {reason}"),
        )),
    }
}

async fn submitted(
    organization: &Organization,
    query: Query,
    line: &ProgressLine,
) -> Result<Submitted, CliError> {
    let submitted = match query {
        Query::New(request) => submit(organization, *request).await?,
        Query::Submitted { ids, .. } => Submitted::before(organization.client()?, &organization.source, &ids),
    };
    organization.submitted(submitted.ids().list());
    line.submitted();
    Ok(submitted)
}
