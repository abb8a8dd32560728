//! The interval of a query: `start/end`, in the forms of the official samples.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, Utc};

/// Whole UTC days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) first: NaiveDate,
    pub(crate) last: NaiveDate,
}

impl Interval {
    /// `None` if the text is not an interval, or ends before it begins.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (start, end) = text.split_once('/')?;
        let first = day(start).or_else(|| month(start))?;
        // A month as the end counts completely, as a day does. This is a choice: no sample shows the days of its result.
        let last = day(end).or_else(|| month(end)?.checked_add_months(Months::new(1))?.pred_opt())?;
        (first <= last).then_some(Self { first, last })
    }
}

/// `2020-02-01`, or the day of `2020-02-01T00:00:00` with or without a fraction and an offset.
fn day(text: &str) -> Option<NaiveDate> {
    if let Some([year, month, day]) = digits(text, [4, 2, 2]) {
        return NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    }
    if !text.as_bytes().first()?.is_ascii_digit() {
        return None;
    }
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.with_timezone(&Utc).date_naive());
    }
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()
        .map(|time| time.date())
}

/// The first day of `2020-02`.
fn month(text: &str) -> Option<NaiveDate> {
    let [year, month] = digits(text, [4, 2])?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, 1)
}

/// Numbers with exactly these numbers of digits, separated by dashes.
fn digits<const N: usize>(text: &str, widths: [usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split('-');
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// The Monday on or before a day.
pub(crate) fn monday(day: NaiveDate) -> NaiveDate {
    day - chrono::Days::new(u64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<(String, String)> {
        Interval::parse(text).map(|interval| (interval.first.to_string(), interval.last.to_string()))
    }

    #[test]
    fn the_forms_of_the_samples_are_understood() {
        let february = Some(("2020-02-01".to_owned(), "2020-02-28".to_owned()));
        assert_eq!(parsed("2020-02-01/2020-02-28"), february);
        assert_eq!(parsed("2020-02-01T00:00:00/2020-02-28T00:00:00"), february);
        assert_eq!(
            parsed("2020-02-01T00:00:00.000Z/2020-02-28T23:59:59.999Z"),
            february
        );
        assert_eq!(
            parsed("2021-01/2021-02"),
            Some(("2021-01-01".to_owned(), "2021-02-28".to_owned()))
        );
        assert_eq!(
            parsed("2020-02-29/2020-02-29"),
            Some(("2020-02-29".to_owned(), "2020-02-29".to_owned()))
        );
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "/",
            "2020-02-01",
            "2020-02-01/",
            "2020-02-30/2020-03-01",
            "2020-02-28/2020-02-01",
            "2020-2-1/2020-2-28",
            "20200201/20200228",
            "+2020-02-01/2020-02-28",
            "2020-02-01/P1D",
            "2020-02-01/2020-02-28/2020-03-01",
            "2020-13/2020-14",
            " 2020-02-01/2020-02-28",
            "last month",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
