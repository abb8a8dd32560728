//! `gc-usage check`: usage against limits, for cron and CI.

use super::{
    no_data,
    origin::Origin,
    reports::{ROWS, reports},
    verdict,
};
use crate::{
    args::{CheckArgs, CheckFormat},
    calendar::today,
    check::{self, Checked},
    error::{CliError, Outcome},
    json::write_json,
    output::Output,
    printer::Printer,
    report::Entry,
    result::failures,
    resume::ResumeCommands,
};

pub(crate) async fn run(
    args: CheckArgs,
    resume: &ResumeCommands,
    printer: &Printer,
) -> Result<Outcome, CliError> {
    let today = today();
    let days = args.period.days(today)?;
    printer.notes(&days.note);
    let mut output = Output::open(args.output.path(), printer)?;
    let format = args.output.format()?;
    let limits = args.limits();
    let origin = Origin::new(&args.from, &args.connection).await?;
    let source = origin.source(&args.source);
    args.allotment.check(source.family)?;
    let connection = origin.connection(&args.connection, printer).await?;
    let mut connection = connection.asking(&source);
    let Some(period) = days.interval else {
        let written = no_data::check(&mut output, &limits, format, &days, &connection.organizations);
        return verdict(output.finish_with(written), Ok(Outcome::Success), printer);
    };
    connection.resume_with(ROWS, resume);
    let allotment = limits.allotment.clone();
    let (all, results) = reports(&connection, &source, &period, false, today, allotment, printer).await?;
    let all: Vec<_> = all
        .iter()
        .filter_map(Entry::report)
        .map(|report| Checked::new(report, &limits, printer.screen.unicode))
        .collect();
    let written = if all.is_empty() {
        Ok(())
    } else {
        let written = write(&mut output, format, &all);
        output.finish_with(written)
    };
    if written.is_ok() && !all.is_empty() {
        Output::announce(args.output.path(), None, printer);
    }
    let is_over = all.iter().any(|checked| checked.is_over);
    let outcome = match failures(results, printer) {
        // That a limit is exceeded is certain, so the failures of the others do not change the exit code.
        Err(failure) if is_over => {
            printer.failure(&failure);
            Ok(Outcome::OverLimit)
        }
        Err(failure) => Err(failure),
        Ok(()) if is_over => Ok(Outcome::OverLimit),
        Ok(()) => Ok(Outcome::Success),
    };
    verdict(written, outcome, printer)
}

pub(super) fn write(output: &mut Output, format: CheckFormat, all: &[Checked]) -> std::io::Result<()> {
    match format {
        CheckFormat::Text => all.iter().try_for_each(|checked| check::text(output, checked)),
        CheckFormat::Json => write_json(output, all, |checked| checked.profile.as_deref()),
        CheckFormat::Openmetrics => check::openmetrics(output, all),
    }
}
