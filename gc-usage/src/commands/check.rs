//! `gc-usage check`: usage against limits, for cron and CI.

use super::usage::{ROWS, failures, reports};
use crate::{
    args::{CheckArgs, CheckFormat},
    check::{self, Checked},
    connection::Connection,
    exit::{Failure, Outcome},
    output::Output,
    screen::Screen,
};

pub(crate) async fn run(args: CheckArgs, screen: &Screen) -> Result<Outcome, Failure> {
    let period = args.period.interval()?;
    let mut output = Output::open(args.output.as_deref())?;
    let format = args.format()?;
    let mut connection = Connection::open(&args.connection).await?;
    connection.resume_with(ROWS);
    let (all, answers) = reports(&connection, &period, false, args.allotment.requests(), screen).await?;
    let all: Vec<_> = all.iter().map(|report| Checked::new(report, &args)).collect();
    if !all.is_empty() {
        let written = match format {
            CheckFormat::Text => all
                .iter()
                .try_for_each(|checked| check::text(&mut output, checked)),
            CheckFormat::Json => check::json(&mut output, &all),
            CheckFormat::Openmetrics => check::openmetrics(&mut output, &all),
        };
        written.map_err(|error| output.failed(&error))?;
        output.finish()?;
    }
    // What could not be told outweighs what is over: who reads the code must look.
    failures(answers)?;
    Ok(match all.iter().any(|checked| checked.is_over) {
        true => Outcome::OverLimit,
        false => Outcome::Fine,
    })
}
