//! `gc-usage report`: the page that a person looks at.

use std::io::Write as _;

use super::usage::{ROWS, failures, reports, some_succeeded};
use crate::{
    args::{ReportArgs, ReportFormat},
    connection::Connection,
    exit::{Failure, Outcome},
    output::Output,
    report,
    screen::Screen,
};

pub(crate) async fn run(args: ReportArgs, screen: &Screen) -> Result<Outcome, Failure> {
    let period = args.period.interval()?;
    let mut output = Output::open(args.output.as_deref())?;
    let format = args.format()?;
    let mut connection = Connection::open(&args.connection).await?;
    connection.resume_with(ROWS);
    let (mut all, answers) = reports(&connection, &period, true, args.allotment.requests(), screen).await?;
    if some_succeeded(&answers) {
        for report in &mut all {
            report.price_per_request = args.price_per_request;
        }
        let screen = screen.for_output(args.output.as_deref());
        write(&mut output, format, args.top as usize, &all, &screen)
            .map_err(|error| output.failed(&error))?;
        output.finish()?;
    }
    failures(answers)?;
    Ok(Outcome::Fine)
}

fn write(
    output: &mut Output,
    format: ReportFormat,
    top: usize,
    all: &[report::Report],
    screen: &Screen,
) -> std::io::Result<()> {
    if format == ReportFormat::Json {
        return report::json(output, all);
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
