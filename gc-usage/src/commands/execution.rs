//! `gc-usage submit`, `results` and `status`: a query, its answer and its state apart from each other.

use std::{
    io::{self, Seek as _, Write as _},
    sync::Arc,
};

use futures_util::TryStreamExt as _;
use usage_client::{Execution, QueryStatus, RowDecoder};

use super::usage::{Sink, show};
use crate::{
    args::{Filter, ResultsArgs, StatusArgs, SubmitArgs, again, today},
    ask::{self, Question},
    connection::Connection,
    exit::{self, Code, Failure, Outcome},
    export::Context,
    organization::Organization,
    output::Output,
    progress::Progress,
    screen::Screen,
    stderr,
    text::{counted, is_hidden, visible},
};

pub(crate) async fn submit(args: SubmitArgs) -> Result<Outcome, Failure> {
    let (query, days) = args.select.query(&Filter::default(), today())?;
    if days.interval.is_none() {
        return Err(Failure::local(days.no_data()));
    }
    let (connection, organization) = Connection::open_one(&args.connection, "submit", "").await?;
    let execution = ask::submit(&organization, query).await?;
    if !is_plain(execution.id()) {
        let id = visible(execution.id());
        return Err(Failure::new(
            Code::Service,
            format!(
                "the service took the query, but gave no usable id: a script would take `{id}` for something else"
            ),
        )
        .with_hint("gc-usage query waits for a query without printing its id"));
    }
    let written = writeln!(io::stdout(), "{}", execution.id());
    written.map_err(|error| {
        let command = again::results(execution.id(), true, &organization.options);
        Failure::writing(&error).with_hint(format!("the query was submitted; this shows its rows: {command}"))
    })?;
    if connection.is_demo {
        stderr::say("note: the simulated organization ends with this command, and the execution with it");
    }
    Ok(Outcome::Fine)
}

/// Whether an id is one argument wherever a script puts it: `gc-usage results $(gc-usage submit)` splits it at blanks, looks
/// for files where it has asterisks, and passes on what looks like an option.
fn is_plain(id: &str) -> bool {
    let is_special =
        |letter: char| letter.is_whitespace() || is_hidden(letter) || "*?[]\\'\"".contains(letter);
    !id.starts_with('-') && !id.contains(is_special)
}

pub(crate) async fn status(args: StatusArgs) -> Result<Outcome, Failure> {
    let (_connection, organization) = Connection::open_one(&args.connection, "status", "").await?;
    let execution = execution(&organization, &args.id)?;
    let mut decoder = RowDecoder::new();
    let explain = |error| organization.explain(error);
    let mut body = execution.body().await.map_err(explain)?;
    while let Some(chunk) = body.chunk().await.map_err(explain)? {
        let mut input = &chunk[..];
        while decoder.decode(&mut input)?.is_some() {}
    }
    decoder.finish()?;
    let rows = decoder.rows();
    let not_done = || Err(Failure::not_done(&args.id).asking_with(&organization.options));
    let (line, outcome) = match (decoder.query_status(), body.refusal(&decoder)) {
        (Some(QueryStatus::Failed), Some(refusal)) => ("Failed".to_owned(), Err(explain(refusal))),
        // The response is no answer to the question.
        (_, Some(refusal)) => return Err(explain(refusal)),
        (Some(QueryStatus::Complete), None) => {
            (format!("Complete, {}", counted(rows, "row")), Ok(Outcome::Fine))
        }
        (Some(status), None) if !status.as_str().trim().is_empty() => {
            (visible(status.as_str()).into_owned(), not_done())
        }
        (_, None) => ("no status".to_owned(), not_done()),
    };
    let written = writeln!(io::stdout(), "{line}").map_err(|error| Failure::writing(&error));
    exit::verdict(written, outcome)
}

pub(crate) async fn results(args: ResultsArgs, screen: &Screen) -> Result<Outcome, Failure> {
    if args.raw {
        return raw(&args, screen).await;
    }
    let sink = Sink::open(&args.show)?;
    let again = args.show.again(args.granularity.map(Into::into), &[], false);
    let (connection, _) = Connection::open_one(&args.connection, "results", &again).await?;
    let context = Context {
        query: None,
        granularity: args.granularity.map(Into::into),
        has_profiles: false,
        is_part: args.show.leaves_out(),
    };
    let question = Question::Execution {
        id: Arc::from(args.id.as_str()),
        wait: args.wait,
    };
    show(&connection, question, context, &args.show, sink, screen).await
}

/// Writes the answer as it came. It is kept in a temporary file until its end says that it is complete.
async fn raw(args: &ResultsArgs, screen: &Screen) -> Result<Outcome, Failure> {
    let mut output = Output::open(args.show.output.as_deref())?;
    let again = format!(" --raw{}", args.show.again(None, &[], false));
    let (_connection, organization) = Connection::open_one(&args.connection, "results", &again).await?;
    let execution = execution(&organization, &args.id)?;
    if args.wait {
        wait(&organization, &execution, screen).await?;
    }
    let kept =
        |error: io::Error| Failure::local(format!("cannot keep the answer in a temporary file: {error}"));
    let mut file = tempfile::tempfile().map_err(kept)?;
    let mut decoder = RowDecoder::new();
    let explain = |error| organization.explain(error);
    let mut body = execution.body().await.map_err(explain)?;
    while let Some(chunk) = body.chunk().await.map_err(explain)? {
        let mut input = &chunk[..];
        while decoder.decode(&mut input)?.is_some() {}
        file.write_all(&chunk).map_err(kept)?;
    }
    decoder.finish()?;
    if let Some(refusal) = body.refusal(&decoder) {
        return Err(explain(refusal));
    }
    match decoder.query_status() {
        Some(QueryStatus::Complete) => {}
        _ => return Err(Failure::not_done(&args.id).asking_with(&organization.options)),
    }
    file.rewind().map_err(kept)?;
    io::copy(&mut file, &mut output).map_err(|error| output.failed(&error))?;
    output.finish()?;
    Output::tell(args.show.output.as_deref(), None, screen);
    Ok(Outcome::Fine)
}

/// Waits until there are rows, or the end of none.
async fn wait(organization: &Organization, execution: &Execution, screen: &Screen) -> Result<(), Failure> {
    let line = Progress::new(screen).line(organization);
    line.submitted(organization, execution.id());
    let mut batches = execution.row_batches().on_waiting(line.on_waiting());
    batches
        .try_next()
        .await
        .map_err(|error| organization.explain(error))?;
    Ok(())
}

fn execution(organization: &Organization, id: &str) -> Result<Execution, Failure> {
    let execution = organization.client()?.execution(id);
    Ok(organization.patience.clone().apply(execution))
}
