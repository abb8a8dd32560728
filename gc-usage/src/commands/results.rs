//! `gc-usage results`: shows the rows of a submitted query, or writes its response unchanged.

use std::{
    io::{self, Seek as _, Write as _},
    sync::Arc,
};

use futures_util::TryStreamExt as _;
use usage_client::{Execution, QueryStatus};

use super::rows::{Sink, show};
use crate::{
    args::ResultsArgs,
    connection::Connection,
    error::{CliError, Outcome},
    export::Context,
    organization::Organization,
    output::Output,
    printer::Printer,
    query::Query,
    resume::ResumeCommands,
};

pub(crate) async fn run(
    args: ResultsArgs,
    resume: &ResumeCommands,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    if args.raw {
        return raw(&args, resume, printer).await;
    }
    let sink = Sink::open(&args.show, printer)?;
    let again = args.show.again(args.granularity, &[], false);
    let connection = Connection::open_one(&args.connection.selection()?, "results", printer).await?;
    let mut connection = connection.asking(&args.source.source());
    connection.resume_with(&again, resume);
    let query = Query::Submitted {
        ids: Arc::from(&args.ids[..]),
        wait: args.wait,
    };
    show(&connection, query, context(&args), &args.show, sink, printer).await
}

pub(super) fn context(args: &ResultsArgs) -> Context {
    Context {
        query: None,
        granularity: args.granularity,
        has_profiles: false,
        has_platforms: !args.source.source().is_billed(),
        is_part: args.show.leaves_out(),
    }
}

/// Writes the response unchanged. It is stored in a temporary file until its end shows that it is complete.
async fn raw(args: &ResultsArgs, resume: &ResumeCommands, printer: &Printer) -> Result<Outcome, CliError> {
    let mut output = Output::open(args.show.output.path(), printer)?;
    let again = format!(" --raw{}", args.show.again(None, &[], false));
    let connection = Connection::open_one(&args.connection.selection()?, "results", printer).await?;
    let mut connection = connection.asking(&args.source.source());
    connection.resume_with(&again, resume);
    let organization = connection.one();
    let execution = organization.execution(&args.ids.concat())?;
    if args.wait {
        wait(organization, &execution, printer).await?;
    }
    let kept =
        |error: io::Error| CliError::local(format!("cannot store the response in a temporary file: {error}"));
    let mut file = tempfile::tempfile().map_err(kept)?;
    let decoded = organization.decode(&execution, |piece| file.write_all(piece).map_err(kept));
    let (decoder, refusal) = decoded.await?;
    if let Some(refusal) = refusal {
        return Err(organization.explain(refusal));
    }
    match decoder.query_status() {
        Some(QueryStatus::Complete) => {}
        _ => return Err(CliError::not_complete(&args.ids, &organization.options)),
    }
    file.rewind().map_err(kept)?;
    io::copy(&mut file, &mut output).map_err(|error| output.failed(&error))?;
    output.finish()?;
    Output::announce(args.show.output.path(), None, printer);
    Ok(Outcome::Success)
}

/// Waits until the first rows arrive, or the response ends without rows.
async fn wait(organization: &Organization, execution: &Execution, printer: &Printer) -> Result<(), CliError> {
    let line = printer.progress(organization.profile.as_deref(), organization.retry.clone());
    organization.submitted(&[execution.id().to_owned()]);
    line.submitted();
    let execution = execution.clone().on_progress(line.on_waiting());
    execution
        .row_batches()
        .try_next()
        .await
        .map_err(|error| organization.explain(error))?;
    Ok(())
}
