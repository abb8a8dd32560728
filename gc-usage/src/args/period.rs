//! Which days.

use chrono::{Datelike as _, Days, Months, NaiveDate, Utc};
use clap::Args;
use usage_client::Interval;

use crate::exit::Failure;

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Period, in UTC days [default: --last 30d]")]
pub(crate) struct PeriodArgs {
    /// The last days, weeks or months until yesterday, such as 30d, 12w or 6m.
    #[arg(long, value_name = "30d|12w|6m", group = "period", value_parser = last)]
    pub(crate) last: Option<Last>,

    /// One calendar month; of this one, the days until yesterday.
    #[arg(long, value_name = "YYYY-MM|this|last", group = "period", value_parser = month)]
    pub(crate) month: Option<NaiveDate>,

    /// First day.
    #[arg(long, value_name = "YYYY-MM-DD", group = "period", value_parser = day)]
    pub(crate) since: Option<NaiveDate>,

    /// Last day, itself included [default: yesterday].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "since", value_parser = day)]
    pub(crate) until: Option<NaiveDate>,

    /// First and last day as the API writes them.
    #[arg(long, value_name = "START/END", group = "period")]
    pub(crate) interval: Option<Interval>,
}

/// A length of time that ends yesterday: today has no data yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Last {
    Days(u32),
    Months(u32),
}

impl PeriodArgs {
    pub(crate) fn interval(&self) -> Result<Interval, Failure> {
        let yesterday = yesterday();
        let (option, first, last) = match self {
            Self {
                interval: Some(interval),
                ..
            } => ("--interval", interval.first_day(), interval.last_day()),
            Self {
                month: Some(first), ..
            } => ("--month", *first, last_of_month(*first)),
            Self {
                since: Some(since),
                until,
                ..
            } => ("--since", *since, until.unwrap_or(yesterday.max(*since))),
            Self { last, .. } => {
                let first = last.unwrap_or(Last::Days(30)).first_day(yesterday)?;
                ("--last", first, yesterday)
            }
        };
        if first > yesterday {
            return Err(
                Failure::local(format!("{option}: there is no data of {first} yet"))
                    .with_hint(format!("data is a day old: the last day is {yesterday}, in UTC")),
            );
        }
        // Whoever names a month means what there is of it.
        if last > yesterday && self.month.is_none() {
            eprintln!("note: there is no data after {yesterday} yet; days until {last} are left out");
        }
        Ok(Interval::new(first, last.min(yesterday))?)
    }
}

impl Last {
    fn first_day(self, yesterday: NaiveDate) -> Result<NaiveDate, Failure> {
        let today = yesterday + Days::new(1);
        let first = match self {
            Self::Days(days) => today.checked_sub_days(Days::new(days.into())),
            Self::Months(months) => today.checked_sub_months(Months::new(months)),
        };
        first
            .filter(|first| first.year() > 0)
            .ok_or_else(|| Failure::local("--last: the calendar does not reach back that far".to_owned()))
    }
}

pub(crate) fn yesterday() -> NaiveDate {
    Utc::now().date_naive() - Days::new(1)
}

pub(crate) fn last_of_month(first: NaiveDate) -> NaiveDate {
    first
        .checked_add_months(Months::new(1))
        .map_or(NaiveDate::MAX, |next| next - Days::new(1))
}

fn last(text: &str) -> Result<Last, String> {
    let expected = || "expected a number above 0 with d, w or m behind it, such as 30d, 12w or 6m".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let number = text[..text.len() - unit.len_utf8()].parse().ok();
    let number: u32 = number.filter(|number| *number > 0).ok_or_else(expected)?;
    match unit {
        'd' => Ok(Last::Days(number)),
        'w' => number.checked_mul(7).map(Last::Days).ok_or_else(expected),
        'm' => Ok(Last::Months(number)),
        _ => Err(expected()),
    }
}

fn month(text: &str) -> Result<NaiveDate, String> {
    let this = Utc::now().date_naive().with_day(1);
    let named = match text {
        "this" => this,
        "last" => this.and_then(|this| this.checked_sub_months(Months::new(1))),
        _ => None,
    };
    if let Some(month) = named {
        return Ok(month);
    }
    day(&format!("{text}-01")).map_err(|_| "expected a month such as 2026-10, `this` or `last`".to_owned())
}

fn day(text: &str) -> Result<NaiveDate, String> {
    let is_written = text.len() == 10;
    let day = text.parse().ok().filter(|_| is_written);
    day.ok_or_else(|| "expected a day of the calendar such as 2026-10-31".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_end_yesterday() {
        let yesterday = NaiveDate::from_ymd_opt(2026, 3, 30).unwrap();
        for (text, first) in [
            ("1d", "2026-03-30"),
            ("30d", "2026-03-01"),
            ("2w", "2026-03-17"),
            // The months until the 31st; February has none, so its last day stands for it.
            ("1m", "2026-02-28"),
            ("12m", "2025-03-31"),
        ] {
            let first_day = last(text).unwrap().first_day(yesterday).unwrap();
            assert_eq!(first_day.to_string(), first, "{text}");
        }
    }

    #[test]
    fn what_is_no_length_month_or_day_is_refused() {
        for text in [
            "",
            "0d",
            "30",
            "d",
            "-1d",
            "3y",
            "5 d",
            "1ü",
            "99999999999d",
            "4294967295w",
        ] {
            assert!(last(text).is_err(), "{text}");
        }
        assert!(last("4000000000d").unwrap().first_day(yesterday()).is_err());
        for text in ["2026-13", "2026", "2026-1", "october", "2026-10-01"] {
            assert!(month(text).is_err(), "{text}");
        }
        for text in ["2026-02-30", "2026-2-3", "yesterday"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
