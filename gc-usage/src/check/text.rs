//! The result of a check for people and mail.

use std::io::{self, Write};

use super::{finding::Checked, limits::ALLOTMENT};
use crate::text::{grouped, prefix};

pub(crate) fn text(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    let whose = prefix(checked.profile.as_deref());
    let period = &checked.period;
    for finding in &checked.findings {
        let state = if finding.is_over { "OVER" } else { "ok" };
        writeln!(out, "{state:<4} {whose}{}: {}", finding.limit, finding.text)?;
        // In the current month, it is not known which clients will make the projected requests.
        let days_left = checked.month.as_ref().map_or(0, |month| month.days_left);
        let is_projected = finding.limit == ALLOTMENT && days_left > 0;
        let so_far = if is_projected { " so far" } else { "" };
        for by in &finding.by {
            writeln!(out, "       {}{so_far} by {}", grouped(by.count), by.label)?;
        }
    }
    // The line of the allotment names its month.
    match checked.findings.iter().any(|finding| finding.limit != ALLOTMENT) {
        true => writeln!(out, "{whose}{} to {} (UTC days)", period.first, period.last),
        false => Ok(()),
    }
}
