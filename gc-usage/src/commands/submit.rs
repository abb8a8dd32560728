//! `gc-usage submit`: submits a query, and prints the id of its execution, or of each of its jobs.

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
    let source = args.source.source();
    let (query, days) = args.select.request(&source, &FilterArgs::default(), today())?;
    printer.notes(&days.note);
    if days.interval.is_none() {
        return Err(CliError::local(days.no_data()));
    }
    let connection = Connection::open_one(&args.connection.selection()?, "submit", printer).await?;
    let connection = connection.asking(&source);
    let organization = connection.one();
    let ids = query::submit(organization, query).await?.ids();
    let ids = ids.list();
    if let Some(id) = ids.iter().find(|id| !is_plain(id)) {
        let id = escape_control(id);
        return Err(CliError::new(
            Code::Service,
            format!("the service accepted the query, but sent no usable id: a script could misread `{id}`"),
        )
        .with_hint("use gc-usage query, which needs no id"));
    }
    printer.line(ids.join("\n")).map_err(|failure| {
        let command = results_command(ids, true, &organization.options);
        failure.with_hint(format!("the query was submitted; show its rows with: {command}"))
    })?;
    if connection.is_demo {
        printer
            .note("the simulated organization ends with this command, so its rows cannot be fetched later");
    }
    Ok(Outcome::Success)
}

/// Whether an id is one argument in any script. In `gc-usage results $(gc-usage submit)`, the shell would split it at spaces
/// and expand its asterisks, and an id that begins with a hyphen would be an option.
fn is_plain(id: &str) -> bool {
    let is_special = |character: char| {
        character.is_whitespace() || is_hidden(character) || "*?[]\\'\"".contains(character)
    };
    !id.starts_with('-') && !id.contains(is_special)
}
