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
    calendar::{Period, time_of_files, today},
    error::{CliError, Outcome},
    json::write_json,
    output::{Output, WriteError},
    printer::Printer,
    report::{self, About, Entry},
    result::{failures, some_succeeded},
    resume::ResumeCommands,
    screen::Screen,
    workbook::refuse_terminal,
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
    if format == ReportFormat::Xlsx {
        refuse_terminal(&output)?;
    }
    let origin = Origin::new(&args.from, &args.connection).await?;
    let source = origin.source(&args.source);
    args.allotment.check(source.family)?;
    let connection = origin.connection(&args.connection, printer).await?;
    let mut connection = connection.asking(&source);
    let mut about = About {
        is_demo: connection.is_demo,
        created: time_of_files().map_err(CliError::local)?,
        command: args.command(days.named),
        top,
    };
    let Some(period) = days.interval else {
        let written = no_data::report(&mut output, format, &days, &connection.organizations, &about);
        output.finish_with(written)?;
        announce(&args, printer);
        return Ok(Outcome::Success);
    };
    let days = Period::of(&period);
    about.command = args.command(days);
    connection.resume_with(ROWS, resume);
    let allotment = args.allotment.requests();
    let (mut all, results) = reports(&connection, &source, &period, true, today, allotment, printer).await?;
    let mut written = Ok(());
    if some_succeeded(&results) {
        for entry in &mut all {
            if let Entry::Report(report) = entry {
                report.price_per_request = args.price_per_request;
            }
        }
        let screen = printer.screen.for_output(args.output.path());
        let page = write(&mut output, format, &all, days, &about, &screen);
        written = output.finish_with(page);
        if written.is_ok() {
            announce(&args, printer);
        }
    }
    verdict(
        written,
        failures(results, printer).map(|()| Outcome::Success),
        printer,
    )
}

/// Says what was written, and opens it if this is wanted.
fn announce(args: &ReportArgs, printer: &Printer) {
    let path = args.output.path();
    Output::announce(path, None, printer);
    if let Some(path) = path.filter(|_| args.open)
        && let Err(error) = open::that_detached(path)
    {
        printer.warnings(vec![format!(
            "cannot open {}: {error}; open it yourself",
            path.display()
        )]);
    }
}

pub(super) fn write(
    output: &mut Output,
    format: ReportFormat,
    all: &[Entry],
    period: Period,
    about: &About,
    screen: &Screen,
) -> Result<(), WriteError> {
    match format {
        ReportFormat::Json => return Ok(write_json(output, all, Entry::profile)?),
        ReportFormat::Html => return Ok(report::html(output, all, period, about)?),
        ReportFormat::Xlsx => return report::workbook(output, all, period, about),
        ReportFormat::Text | ReportFormat::Markdown => {}
    }
    let top = about.top;
    for (place, entry) in all.iter().enumerate() {
        if place > 0 {
            writeln!(output)?;
        }
        match (format, entry) {
            (ReportFormat::Markdown, Entry::Report(report)) => report::markdown(output, report, top)?,
            (ReportFormat::Markdown, Entry::Failed(failed)) => report::failed_as_markdown(output, failed)?,
            (_, Entry::Report(report)) => report::text(output, report, top, screen)?,
            (_, Entry::Failed(failed)) => report::failed_as_text(output, failed, screen)?,
        }
    }
    Ok(())
}
