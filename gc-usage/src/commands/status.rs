//! `gc-usage status`: shows whether a submitted query or job is complete.

use usage_client::{JobState, QueryStatus, types::JobStatus};

use super::verdict;
use crate::{
    args::StatusArgs,
    connection::Connection,
    error::{CliError, Code, Outcome},
    organization::Organization,
    printer::Printer,
    source::Family,
    submitted::Submitted,
    text::{counted, escape_control},
};

/// What a line says, and how the command ends because of it.
type Status = (String, Result<Outcome, CliError>);

pub(crate) async fn run(args: StatusArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let connection = Connection::open_one(&args.connection.selection()?, "status", printer).await?;
    let connection = connection.asking(&args.source.source());
    let organization = connection.one();
    let (line, outcome) = match args.source.source {
        Family::Query => of_execution(organization, &args.ids).await?,
        Family::Jobs => of_jobs(organization, &args.ids).await?,
    };
    verdict(printer.line(line), outcome, printer)
}

async fn of_execution(organization: &Organization, ids: &[String]) -> Result<Status, CliError> {
    let execution = organization.execution(&ids.concat())?;
    let explain = |error| organization.explain(error);
    let (decoder, refusal) = organization.decode(&execution, |_| Ok(())).await?;
    let rows = decoder.rows();
    let not_complete = || Err(CliError::not_complete(ids, &organization.options));
    Ok(match (decoder.query_status(), refusal) {
        (Some(QueryStatus::Failed), Some(refusal)) => ("Failed".to_owned(), Err(explain(refusal))),
        // The response contains no status of the query.
        (_, Some(refusal)) => return Err(explain(refusal)),
        (Some(QueryStatus::Complete), None) => (
            format!("Complete, {}", counted(rows, "row")),
            Ok(Outcome::Success),
        ),
        (Some(status), None) => (named(Some(status)), not_complete()),
        (None, None) => (named(None::<&QueryStatus>), not_complete()),
    })
}

/// One line for each job, with its id if there are several. A failed job decides how the command ends.
async fn of_jobs(organization: &Organization, ids: &[String]) -> Result<Status, CliError> {
    let jobs = Submitted::before(organization.client()?, &organization.source, ids);
    let (mut lines, mut ends) = (Vec::new(), Vec::new());
    for (place, (id, mut states)) in jobs.job_states().into_iter().enumerate() {
        let (status, end) = match states.next().await {
            Some(Ok(JobState::Waiting(waiting))) => match waiting.poll_error {
                Some(error) => return Err(organization.explain(error)),
                None => (
                    waiting.status,
                    Err(CliError::not_complete(ids, &organization.options)),
                ),
            },
            Some(Err(error)) if error.is_query_failed() => {
                let failure = organization.explain_of(error, ids);
                // The error does not contain the status.
                let status = jobs.job_status(place).await;
                (status.or(Some(JobStatus::Failed)), Err(failure))
            }
            Some(Err(error)) => return Err(organization.explain_of(error, ids)),
            _ => (Some(JobStatus::Succeeded), Ok(Outcome::Success)),
        };
        lines.push(match ids.len() {
            1 => named(status.as_ref()),
            _ => format!("{id} {}", named(status.as_ref())),
        });
        ends.push(end);
    }
    let has_failed = |end: &Result<_, CliError>| {
        let code = |failure: &CliError| {
            matches!(
                failure,
                CliError::Reported {
                    code: Code::QueryFailed,
                    ..
                }
            )
        };
        end.as_ref().is_err_and(code)
    };
    let decisive = ends
        .iter()
        .position(has_failed)
        .or(ends.iter().position(Result::is_err));
    let outcome = decisive.map_or(Ok(Outcome::Success), |place| ends.swap_remove(place));
    Ok((lines.join("\n"), outcome))
}

/// A status that the service named.
fn named(status: Option<&impl ToString>) -> String {
    let status = status.map(ToString::to_string).unwrap_or_default();
    match status.trim() {
        "" => "no status".to_owned(),
        status => escape_control(status).into_owned(),
    }
}
