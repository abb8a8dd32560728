//! `gc-usage submit`: submit a query, and print its execution id.

use crate::{
    args::{FilterArgs, SubmitArgs},
    calendar::today,
    connection::Connection,
    error::{CliError, Code, Outcome},
    printer::Printer,
    query,
    resume::results_command,
    text::{escape_control, is_hidden},
};

pub(crate) async fn run(args: SubmitArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let (query, days) = args.select.query(&FilterArgs::default(), today())?;
    printer.notes(&days.note);
    if days.interval.is_none() {
        return Err(CliError::local(days.no_data()));
    }
    let connection = Connection::open_one(&args.connection.selection()?, "submit", printer).await?;
    let organization = connection.one();
    let execution = query::submit(organization, query).await?;
    if !is_plain(execution.id()) {
        let id = escape_control(execution.id());
        return Err(CliError::new(
            Code::Service,
            format!(
                "the service took the query, but gave no usable id: a script would take `{id}` for something else"
            ),
        )
        .with_hint("gc-usage query waits for a query without printing its id"));
    }
    printer.line(execution.id()).map_err(|failure| {
        let command = results_command(execution.id(), true, &organization.options);
        failure.with_hint(format!("the query was submitted; this shows its rows: {command}"))
    })?;
    if connection.is_demo {
        printer.note("the simulated organization ends with this command, and the execution with it");
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
