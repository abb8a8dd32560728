//! `gc-usage report`: shows a report for people.

use std::io::Write as _;

use super::{
    no_data,
    origin::Origin,
    reports::{ROWS, reports},
    verdict,
};
use crate::{
    args::{ReportArgs, ReportFormat},
    calendar::today,
    error::{CliError, Outcome},
    json::write_json,
    output::Output,
    printer::Printer,
    report,
    result::{failures, some_succeeded},
    resume::ResumeCommands,
    screen::Screen,
};

pub(crate) async fn run(
    args: ReportArgs,
    resume: &ResumeCommands,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    let today = today();
    let days = args.period.days(today)?;
    printer.notes(&days.note);
    let mut output = Output::open(args.output.path(), printer)?;
    let (format, top) = args.format_and_top()?;
    let origin = Origin::new(&args.from, &args.connection).await?;
    let source = origin.source(&args.source);
    args.allotment.check(source.family)?;
    let connection = origin.connection(&args.connection, printer).await?;
    let mut connection = connection.asking(&source);
    let Some(period) = days.interval else {
        let written = no_data::report(&mut output, format, &days, &connection.organizations);
        output.finish_with(written)?;
        Output::announce(args.output.path(), None, printer);
        return Ok(Outcome::Success);
    };
    connection.resume_with(ROWS, resume);
    let allotment = args.allotment.requests();
    let (mut all, results) = reports(&connection, &source, &period, true, today, allotment, printer).await?;
    let mut written = Ok(());
    if some_succeeded(&results) {
        for report in &mut all {
            report.price_per_request = args.price_per_request;
        }
        let screen = printer.screen.for_output(args.output.path());
        let page = write(&mut output, format, top, &all, &screen);
        written = output.finish_with(page);
        if written.is_ok() {
            Output::announce(args.output.path(), None, printer);
        }
    }
    verdict(
        written,
        failures(results, printer).map(|()| Outcome::Success),
        printer,
    )
}

pub(super) fn write(
    output: &mut Output,
    format: ReportFormat,
    top: usize,
    all: &[report::Report],
    screen: &Screen,
) -> std::io::Result<()> {
    if format == ReportFormat::Json {
        return write_json(output, all, |report| report.profile.as_deref());
    }
    for (place, report) in all.iter().enumerate() {
        if place > 0 {
            writeln!(output)?;
        }
        match format {
            ReportFormat::Markdown => report::markdown(output, report, top)?,
            _ => report::text(output, report, top, screen)?,
        }
    }
    Ok(())
}
