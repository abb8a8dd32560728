//! The outcome for people and mail.

use std::io::{self, Write};

use super::{finding::Checked, limits::ALLOTMENT};
use crate::text::{grouped, prefix};

pub(crate) fn text(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let whose = prefix(checked.profile.as_deref());
    let period = &checked.period;
    for finding in &checked.findings {
        let state = if finding.is_over { "OVER" } else { "ok" };
        writeln!(out, "{state:<4} {whose}{}: {}", finding.limit, finding.text)?;
        // Of a month under way, who made those that are projected is not known.
        let is_projected = finding.limit == ALLOTMENT && checked.month.days_left > 0;
        let so_far = if is_projected { " so far" } else { "" };
        for by in &finding.by {
            writeln!(out, "       {}{so_far} by {}", grouped(by.count), by.label)?;
        }
    }
    // The allotment is that of a month, which its own line names.
    match checked.findings.iter().any(|finding| finding.limit != ALLOTMENT) {
        true => writeln!(out, "{whose}{} to {} (UTC days)", period.first, period.last),
        false => Ok(()),
    }
}
