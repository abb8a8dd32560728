//! What a data set holds, for people.

use std::io::{self, Write};

use indicatif::HumanBytes;

use super::status::OrganizationStatus;
use crate::{
    calendar::ranges,
    text::{counted, escape_control, grouped},
};

/// How many ranges of days a line names.
const RANGES: usize = 6;

/// Writes a block of lines for each organization.
pub(crate) fn write_status(out: &mut impl Write, all: &[OrganizationStatus]) -> io::Result<()> {
    for (place, status) in all.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", escape_control(&status.organization))?;
        let mut line = |name: &str, value: String| writeln!(out, "  {name:<10}{value}");
        let days = counted(status.days, "day");
        line(
            "days",
            match (status.first_day, status.last_day) {
                (Some(first), Some(last)) => format!("{days}, {first} to {last}"),
                _ => days,
            },
        )?;
        line(
            "missing",
            match &status.missing_days[..] {
                [] => "none".to_owned(),
                missing => format!("{}: {}", counted(missing.len(), "day"), ranges(missing, RANGES)),
            },
        )?;
        if !status.damaged_days.is_empty() {
            let damaged = &status.damaged_days;
            line(
                "damaged",
                format!("{}: {}", counted(damaged.len(), "day"), ranges(damaged, RANGES)),
            )?;
        }
        line("rows", grouped(status.rows))?;
        line("size", HumanBytes(status.bytes).to_string())?;
        if let Some(source) = status.source {
            line("source", source.to_string())?;
        }
        if let Some(last_run) = status.last_run {
            line("last run", last_run.format("%Y-%m-%d %H:%M UTC").to_string())?;
        }
    }
    Ok(())
}
