//! The options for the period.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use clap::Args;
use usage_client::Interval;

use crate::{
    calendar::{NamedDays, first_of_month, last_of_month},
    error::CliError,
};

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Period, in UTC days [default: --last 30d]")]
pub(crate) struct PeriodArgs {
    /// The last days, weeks or months until yesterday or --until, such as 30d, 12w or 6m.
    #[arg(long, value_name = "30d|12w|6m", groups = ["period", "start"], value_parser = last)]
    pub(crate) last: Option<Last>,

    /// One calendar month; of the current month, the days until yesterday.
    #[arg(long, value_name = "YYYY-MM|this|last", group = "period", value_parser = month)]
    pub(crate) month: Option<Month>,

    /// First day.
    #[arg(long, value_name = "YYYY-MM-DD", groups = ["period", "start"], value_parser = day)]
    pub(crate) since: Option<NaiveDate>,

    /// Last day (included), with --since or --last [default: yesterday].
    #[arg(long, value_name = "YYYY-MM-DD", requires = "start", conflicts_with_all = ["month", "interval"], value_parser = day)]
    pub(crate) until: Option<NaiveDate>,

    /// First and last day, as the API writes them.
    #[arg(long, value_name = "START/END", group = "period", value_parser = interval)]
    pub(crate) interval: Option<Interval>,
}

/// The length of a period.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Last {
    Days(u32),
    Months(u32),
}

/// A month. `This` and `Last` depend on the current day.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Month {
    This,
    Last,
    /// The month that begins with this day.
    Of(NaiveDate),
}

impl PeriodArgs {
    /// The days that the options name, relative to `today`.
    ///
    /// # Errors
    ///
    /// The days are in the wrong order, before the year 1, or all in the future.
    pub(crate) fn days(&self, today: NaiveDate) -> Result<NamedDays, CliError> {
        let yesterday = today - Days::new(1);
        let (option, first, last) = match (&self.interval, self.month, self.since) {
            (Some(interval), ..) => ("--interval", interval.first_day(), interval.last_day()),
            (_, Some(month), _) => {
                let first = month.first_day(today);
                ("--month", first, last_of_month(first))
            }
            (.., Some(since)) => {
                if let Some(until) = self.until.filter(|until| *until < since) {
                    return Err(CliError::local(format!(
                        "--since {since} is after --until {until}: swap them"
                    )));
                }
                ("--since", since, self.until.unwrap_or(yesterday.max(since)))
            }
            (None, None, None) => {
                let until = self.until.unwrap_or(yesterday);
                let first = self.last.unwrap_or(Last::Days(30)).first_day(until)?;
                ("--last", first, until)
            }
        };
        let days = NamedDays::new(first, last, today)?.ok_or_else(|| {
            CliError::local(format!("{option}: there is no data for {first} yet")).with_hint(format!(
                "data arrives a day later; the last day with data is {yesterday} (UTC)"
            ))
        })?;
        // For a month, it is clear that later days have no data.
        Ok(match self.month {
            Some(_) => days,
            None => days.noting_days_ahead(),
        })
    }
}

impl Last {
    fn first_day(self, until: NaiveDate) -> Result<NaiveDate, CliError> {
        let next = until + Days::new(1);
        let first = match self {
            Self::Days(days) => next.checked_sub_days(Days::new(days.into())),
            Self::Months(months) => next.checked_sub_months(Months::new(months)),
        };
        first
            .filter(|first| first.year() > 0)
            .ok_or_else(|| CliError::local("--last: the period starts before the year 1".to_owned()))
    }
}

impl Month {
    fn first_day(self, today: NaiveDate) -> NaiveDate {
        let this = first_of_month(today);
        match self {
            Self::This => this,
            Self::Last => this.checked_sub_months(Months::new(1)).unwrap_or(this),
            Self::Of(first) => first,
        }
    }
}

fn last(text: &str) -> Result<Last, String> {
    let expected = || "expected a number above 0 followed by d, w or m, such as 30d, 12w or 6m".to_owned();
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

fn month(text: &str) -> Result<Month, String> {
    match text.to_ascii_lowercase().as_str() {
        "this" => Ok(Month::This),
        "last" => Ok(Month::Last),
        _ => day(&format!("{text}-01"))
            .map(Month::Of)
            .map_err(|_| "expected a month such as 2026-10, `this` or `last`".to_owned()),
    }
}

pub(super) fn day(text: &str) -> Result<NaiveDate, String> {
    let is_written = text.len() == 10;
    let day = text.parse().ok().filter(|_| is_written);
    day.ok_or_else(|| "expected a date such as 2026-10-31".to_owned())
}

/// Parses an interval. [`PeriodArgs::days`] checks whether it has data.
pub(crate) fn interval(text: &str) -> Result<Interval, usage_client::Error> {
    Interval::parse_at(text, NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::{args::testing::table, testing::day as date};

    /// The days that options name on a day, and which of them have data.
    fn days(options: &str, today: &str) -> Result<NamedDays, CliError> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            period: PeriodArgs,
        }
        let line = Line::try_parse_from(std::iter::once("test").chain(options.split_whitespace()));
        line.map_err(|error| CliError::local(error.to_string()))?
            .period
            .days(date(today))
    }

    #[test]
    fn periods_end_yesterday_in_months_of_any_length() {
        let cases = "
             | 2024-03-01 | 2024-01-31/2024-02-29
             | 2023-03-01 | 2023-01-30/2023-02-28
            --last 1d | 2024-01-01 | 2023-12-31/2023-12-31
            --last 1d | 2024-03-01 | 2024-02-29/2024-02-29
            --last 2w | 2023-03-31 | 2023-03-17/2023-03-30
            // The months until the 31st; in February, until its last day.
            --last 1m | 2023-03-31 | 2023-02-28/2023-03-30
            --last 1m | 2024-03-31 | 2024-02-29/2024-03-30
            --last 12m | 2024-02-29 | 2023-02-28/2024-02-28
            --month this | 2024-02-29 | 2024-02-01/2024-02-28
            --month this | 2024-12-31 | 2024-12-01/2024-12-30
            --month this | 2024-01-02 | 2024-01-01/2024-01-01
            --month last | 2024-01-01 | 2023-12-01/2023-12-31
            --month LAST | 2024-03-31 | 2024-02-01/2024-02-29
            --month last | 2023-03-01 | 2023-02-01/2023-02-28
            --month 2024-02 | 2024-03-01 | 2024-02-01/2024-02-29
            --since 2024-02-28 | 2024-03-02 | 2024-02-28/2024-03-01
            --since 2023-12-31 --until 2024-01-01 | 2024-02-01 | 2023-12-31/2024-01-01
            --since 2023-12-31 --until 2024-01-09 | 2024-01-02 | 2023-12-31/2024-01-01
            // A period may end with another day than yesterday.
            --last 7d --until 2023-12-31 | 2024-02-01 | 2023-12-25/2023-12-31
            --until 2024-02-29 --last 1m | 2024-05-01 | 2024-02-01/2024-02-29
            --until 2024-03-31 --last 2m | 2024-05-01 | 2024-02-01/2024-03-31
            --last 3d --until 2024-03-01 | 2024-03-01 | 2024-02-28/2024-02-29
            --interval 2023-12/2024-02 | 2024-02-29 | 2023-12-01/2024-02-28";
        for [options, today, interval] in table(cases) {
            let days = days(options, today).unwrap();
            assert_eq!(days.queried(), interval, "{options} on {today}");
            assert!(days.interval.is_some(), "{options} on {today}");
        }
    }

    #[test]
    fn a_period_that_starts_today_has_no_data_yet_and_a_later_period_is_an_error() {
        let cases = "
            --month this | 2024-12-01 | 2024-12-01/2024-12-31
            --month this | 2024-02-01 | 2024-02-01/2024-02-29
            --month this | 2023-02-01 | 2023-02-01/2023-02-28
            --month 2024-01 | 2024-01-01 | 2024-01-01/2024-01-31
            --since 2024-02-29 | 2024-02-29 | 2024-02-29/2024-02-29
            --since 2024-02-29 --until 2024-03-05 | 2024-02-29 | 2024-02-29/2024-03-05
            --last 1d --until 2024-03-01 | 2024-03-01 | 2024-03-01/2024-03-01
            --interval 2023-12-31/2024-01-01 | 2023-12-31 | 2023-12-31/2024-01-01
            --interval 2024-01/2024-01 | 2024-01-01 | 2024-01-01/2024-01-31";
        for [options, today, named] in table(cases) {
            let days = days(options, today).unwrap();
            assert_eq!(days.interval, None, "{options} on {today}");
            assert_eq!(days.queried(), named, "{options} on {today}");
            let yesterday = date(today) - Days::new(1);
            let expected = format!("the last day with data is {yesterday} (UTC)");
            assert!(days.no_data().contains(&expected), "{}", days.no_data());
        }
        let cases = "
            --month 2024-02 | 2024-01-31
            --since 2024-03-01 | 2024-02-29
            --since 2024-03-01 --until 2024-03-02 | 2024-02-29
            --last 1d --until 2024-03-02 | 2024-03-01
            --interval 2025-01-01/2025-01-02 | 2024-12-31";
        for [options, today] in table(cases) {
            let failure = days(options, today).unwrap_err().to_string();
            assert!(failure.contains("there is no data for 202"), "{failure}");
        }
    }

    #[test]
    fn options_that_name_two_ends_are_refused() {
        let cases = "
            --until 2024-02-01 | --since <YYYY-MM-DD>
            --month 2024-03 --until 2024-03-10 | cannot be used with
            --interval 2024-03-01/2024-03-10 --until 2024-03-10 | cannot be used with
            --last 7d --since 2024-01-01 | cannot be used with
            --since 2024-03-31 --until 2024-03-01 | --since 2024-03-31 is after --until 2024-03-01: swap them
            --interval 2024-03-31/2024-03-01 | ends before it starts";
        for [options, text] in table(cases) {
            let failure = days(options, "2024-05-01").unwrap_err().to_string();
            assert!(failure.contains(text), "{options}: {failure}");
        }
    }

    #[test]
    fn invalid_lengths_months_and_days_are_refused() {
        for text in "|0d|30|d|-1d|3y|5 d|1ü|99999999999d|4294967295w".split('|') {
            assert!(last(text).is_err(), "{text}");
        }
        let long = last("4000000000d").unwrap();
        assert!(long.first_day(date("2026-03-30")).is_err());
        for text in ["2026-13", "2026", "2026-1", "october", "2026-10-01"] {
            assert!(month(text).is_err(), "{text}");
        }
        for text in ["2026-02-30", "2026-2-3", "yesterday"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
