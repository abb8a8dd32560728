//! Passes rows from the service to the output, for `query` and `results`.

use usage_client::RowBatch;

use crate::{
    args::ShowArgs,
    calendar::day_of,
    connection::Connection,
    error::{CliError, Code, Outcome},
    export::{Context, Export, Filter, Row, Sorted, Style},
    output::{Output, STANDARD_OUTPUT, WriteError},
    printer::Printer,
    query::{Query, query_all},
    result::{OrganizationResult, are_complete, failures, some_succeeded},
    text::{counted, escape_control, grouped},
};

/// The output of rows, and how they are written. It is opened before the query, because rows that cannot be written need no query.
pub(super) struct Sink {
    output: Output,
    style: Style,
}

impl Sink {
    pub(super) fn open(args: &ShowArgs, printer: &Printer) -> Result<Self, CliError> {
        let output = Output::open(args.output.path(), printer)?;
        let style = args.csv.style(&args.output)?;
        style.format.check(&output)?;
        Ok(Self { output, style })
    }
}

/// Runs the query, and shows the rows as they arrive.
pub(super) async fn show(
    connection: &Connection,
    query: Query,
    context: Context,
    args: &ShowArgs,
    Sink { mut output, style }: Sink,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    let mut shown = RowPipeline::new(context, args, style, printer, &mut output);
    let queried = query_all(&connection.organizations, &query, printer, |profile, batch| {
        shown.batch(profile, batch)
    });
    let mut outcome = queried.await;
    if let Ok(results) = &outcome
        && are_complete(results)
        && let Err(error) = shown.finish(results)
    {
        outcome = Err(error);
    }
    let rows = shown.rows;
    drop(shown);
    let results = outcome.map_err(|error| output.explain(error))?;
    if are_complete(&results) {
        output.finish()?;
        Output::announce(args.output.path(), Some(&counted(rows, "row")), printer);
    } else if some_succeeded(&results) {
        // Rows that were written to standard output cannot be taken back.
        let result = match args.output.path() {
            Some(path) if path.as_os_str() != STANDARD_OUTPUT => {
                format!("{} was not written", escape_control(&path.display().to_string()))
            }
            _ => "the output is incomplete".to_owned(),
        };
        printer.note(format_args!(
            "{result}: only part of an organization's rows arrived"
        ));
    }
    failures(results, printer)?;
    Ok(Outcome::Success)
}

/// Shows that there are no rows, without a query.
pub(super) fn show_nothing(
    context: Context,
    args: &ShowArgs,
    Sink { mut output, style }: Sink,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    let screen = printer.screen.for_output(args.output.path());
    let written = style.export(context, &[], &screen, &mut output).finish(&[]);
    output.finish_with(written)?;
    Output::announce(args.output.path(), Some(&counted(0, "row")), printer);
    Ok(Outcome::Success)
}

/// Filters, sorts and writes rows.
pub(super) struct RowPipeline<'o> {
    printer: &'o Printer,
    export: Box<dyn Export + 'o>,
    select: Filter,
    /// Holds the rows, if they must be sorted before the first is written.
    sorted: Option<Sorted>,
    /// How many were written.
    rows: u64,
}

impl<'o> RowPipeline<'o> {
    pub(super) fn new(
        context: Context,
        args: &ShowArgs,
        style: Style,
        printer: &'o Printer,
        output: &'o mut Output,
    ) -> Self {
        let metrics = context.query.as_ref().map_or(&[][..], |query| &query.metrics);
        let keys = args.sort(metrics);
        let screen = printer.screen.for_output(args.output.path());
        Self {
            printer,
            select: Filter::new(
                &args.filter.client,
                &args.filter.method,
                &args.filter.template_uri,
            ),
            export: style.export(context, &keys, &screen, output),
            sorted: (!keys.is_empty()).then(|| Sorted::new(keys, args.top)),
            rows: 0,
        }
    }

    pub(super) fn batch(&mut self, profile: Option<&str>, batch: &RowBatch) -> Result<(), WriteError> {
        for row in batch {
            day_of(&row).map_err(|reason| CliError::new(Code::Service, reason))?;
            if !self.select.wants(&row) {
                continue;
            }
            match &mut self.sorted {
                Some(sorted) => sorted.add(profile, &row)?,
                None => {
                    self.rows += 1;
                    self.export.row(&Row { profile, row: &row })?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn finish(&mut self, results: &[OrganizationResult]) -> Result<(), WriteError> {
        if let Some(sorted) = self.sorted.take() {
            let (rows, seen) = sorted.into_rows();
            self.rows = rows.len() as u64;
            for (profile, row) in rows.iter() {
                self.export.row(&Row { profile, row: &row })?;
            }
            let left_out = seen - rows.len() as u64;
            if left_out > 0 {
                self.printer.note(format_args!(
                    "--top leaves out {} of {}",
                    grouped(left_out),
                    counted(seen, "row")
                ));
            }
        }
        self.printer.notes(self.select.unmatched());
        self.export.finish(results)?;
        self.printer.notes(self.export.notes());
        Ok(())
    }
}
