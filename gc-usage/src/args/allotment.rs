//! The options for the allotment of the month.

use clap::Args;

use super::values;
use crate::{
    allotment::{Allotment, FAIR_USE, fair_use},
    error::CliError,
    source::Family,
    text::grouped,
};

#[derive(Args, Clone)]
#[command(next_help_heading = "Allotment of the month")]
#[group(id = "allotment_source", multiple = false)]
pub(crate) struct AllotmentArgs {
    /// Requests that a month includes, according to your contract.
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(crate) allotment: Option<u64>,

    /// Billable users in a month by licence; the allotment is computed from the fair-use table.
    #[arg(long, visible_alias = "licenses", value_name = "cx3=120,…", long_help = licences_help(), value_parser = licences)]
    pub(crate) licences: Option<Allotment>,
}

fn licences_help() -> String {
    let lines = FAIR_USE.map(|(licence, requests)| format!("{licence:<15} {:>7}", grouped(requests)));
    format!(
        "Billable users in a month by licence; the allotment is computed from the fair-use table. Requests that one user \
         includes:\n{}",
        lines.join("\n")
    )
}

impl AllotmentArgs {
    pub(crate) fn requests(&self) -> Option<Allotment> {
        let given = self.allotment.map(Allotment::from);
        given.or_else(|| self.licences.clone())
    }

    /// Refuses an allotment for counts of this family, if they are not in line with what is billed.
    pub(crate) fn check(&self, family: Family) -> Result<(), CliError> {
        let option = match (self.allotment, &self.licences) {
            (Some(_), _) => "--allotment",
            (_, Some(_)) => "--licences",
            _ => return Ok(()),
        };
        match family {
            Family::Query => Ok(()),
            Family::Jobs => Err(CliError::local(format!(
                "{option}: usage jobs count more requests than are billed, so they say nothing about the allotment or its \
                 price"
            ))
            .with_hint("use --source query, whose counts are in line with billing")),
        }
    }
}

/// The allotment of some licences.
fn licences(text: &str) -> Result<Allotment, String> {
    let mut allotment = Allotment::default();
    for part in text.split(',') {
        let (licence, users) = part.split_once('=').ok_or_else(|| {
            format!("`{part}`: expected a licence and its number of users, such as cx3=120")
        })?;
        let users = values::count(users).map_err(|reason| format!("`{part}`: {reason}"))?;
        let each = fair_use(licence.trim())?;
        allotment.requests = users
            .checked_mul(each)
            .and_then(|requests| allotment.requests.checked_add(requests))
            .ok_or_else(|| format!("`{part}`: the allotment is too large"))?;
        allotment.licences.push((users, each));
    }
    Ok(allotment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_add_up_to_the_fair_use_allotment() {
        let requests = |text: &str| licences(text).map(|allotment| allotment.requests);
        assert_eq!(requests("cx3=120,cx2=40"), Ok(120 * 140_000 + 40 * 110_000));
        assert_eq!(requests("CX1-concurrent=2,CX3_Concurrent=1"), Ok(377_000));
        for (text, reason) in [
            ("cx3", "such as cx3=120"),
            ("cx3=many", "expected a whole number"),
            ("cx4=1", "did you mean `cx"),
            ("gold=1", "unknown licence `gold`; allowed are communicate"),
            ("cx3=99999999999999999", "too large"),
        ] {
            assert!(
                requests(text).unwrap_err().contains(reason),
                "{:?}",
                requests(text)
            );
        }
    }
}
