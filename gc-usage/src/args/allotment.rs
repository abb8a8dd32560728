//! What usage is compared with: shares, and the month's allotment.

use std::str::FromStr;

use clap::Args;

use super::values;
use crate::{
    allotment::{Allotment, FAIR_USE, fair_use},
    text::grouped,
};

#[derive(Args, Clone)]
#[command(next_help_heading = "Allotment of the month")]
#[group(id = "allotment_source", multiple = false)]
pub(crate) struct AllotmentArgs {
    /// Requests that a month includes, as your contract has it.
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub(crate) allotment: Option<u64>,

    /// Billable users of a month by licence, to compute the allotment of the fair-use table from.
    #[arg(long, visible_alias = "licenses", value_name = "cx3=120,…", long_help = licences())]
    pub(crate) licences: Option<Licences>,
}

fn licences() -> String {
    let lines = FAIR_USE.map(|(licence, requests)| format!("{licence:<15} {:>7}", grouped(requests)));
    format!(
        "Billable users of a month by licence, to compute the allotment of the fair-use table from. Requests that a user \
         of each includes:\n{}",
        lines.join("\n")
    )
}

impl AllotmentArgs {
    pub(crate) fn requests(&self) -> Option<Allotment> {
        let given = self.allotment.map(Allotment::from);
        given.or_else(|| Some(self.licences.clone()?.0))
    }
}

/// The allotment of some licences.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Licences(pub(crate) Allotment);

impl FromStr for Licences {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut allotment = Allotment::default();
        for part in text.split(',') {
            let (licence, users) = part.split_once('=').ok_or_else(|| {
                format!("`{part}`: expected a licence and how many users have it, such as cx3=120")
            })?;
            let users = values::count(users).map_err(|reason| format!("`{part}`: {reason}"))?;
            let each = fair_use(licence.trim()).map_err(|reason| format!("`{licence}` {reason}"))?;
            allotment.requests = users
                .checked_mul(each)
                .and_then(|requests| allotment.requests.checked_add(requests))
                .ok_or_else(|| format!("`{part}`: too many"))?;
            allotment.licences.push((users, each));
        }
        Ok(Self(allotment))
    }
}

/// A share of requests, between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Share(pub(crate) f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(',') {
            return Err("expected a share with a decimal point, such as 0.5%".to_owned());
        }
        let percent: Option<f64> = text
            .strip_suffix('%')
            .and_then(|number| number.trim().parse().ok());
        percent
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(|percent| Self(percent / 100.0))
            .ok_or_else(|| "expected a share from 0% to 100%, such as 1% or 0.5%".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_add_up_to_the_fair_use_allotment() {
        let requests = |text: &str| text.parse::<Licences>().map(|licences| licences.0.requests);
        assert_eq!(requests("cx3=120,cx2=40"), Ok(120 * 140_000 + 40 * 110_000));
        assert_eq!(requests("CX1-concurrent=2"), Ok(195_000));
        for (text, reason) in [
            ("cx3", "such as cx3=120"),
            ("cx3=many", "expected a whole number"),
            ("cx4=1", "did you mean `cx"),
            ("cx3=99999999999999999", "too many"),
        ] {
            assert!(
                requests(text).unwrap_err().contains(reason),
                "{:?}",
                requests(text)
            );
        }
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!("0.5%".parse(), Ok(Share(0.005)));
        for text in ["1", "101%", "-1%", "NaN%", "%"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
