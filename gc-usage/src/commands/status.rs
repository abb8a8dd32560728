//! `gc-usage status`: shows whether a submitted query is complete.

use usage_client::QueryStatus;

use super::verdict;
use crate::{
    args::StatusArgs,
    connection::Connection,
    error::{CliError, Outcome},
    printer::Printer,
    text::{counted, escape_control},
};

pub(crate) async fn run(args: StatusArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let connection = Connection::open_one(&args.connection.selection()?, "status", printer).await?;
    let organization = connection.one();
    let execution = organization.execution(&args.id)?;
    let explain = |error| organization.explain(error);
    let (decoder, refusal) = organization.decode(&execution, |_| Ok(())).await?;
    let rows = decoder.rows();
    let not_complete = || Err(CliError::not_complete(&args.id, &organization.options));
    let (line, outcome) = match (decoder.query_status(), refusal) {
        (Some(QueryStatus::Failed), Some(refusal)) => ("Failed".to_owned(), Err(explain(refusal))),
        // The response contains no status of the query.
        (_, Some(refusal)) => return Err(explain(refusal)),
        (Some(QueryStatus::Complete), None) => (
            format!("Complete, {}", counted(rows, "row")),
            Ok(Outcome::Success),
        ),
        (Some(status), None) if !status.as_str().trim().is_empty() => {
            (escape_control(status.as_str()).into_owned(), not_complete())
        }
        (_, None) => ("no status".to_owned(), not_complete()),
    };
    verdict(printer.line(line), outcome, printer)
}
