//! Cuts an interval into pieces that the limits of jobs allow.

use chrono::{Datelike as _, Days, Months, NaiveDate};

use crate::{
    error::{Error, Result},
    generated::types::Granularity,
    interval::Interval,
};

/// The longest job, in days. The service counts 90 days from the start, so this fits in any case.
const MAX_DAYS: u64 = 90;
/// Three months can have more days than a job.
const MAX_MONTHS: u32 = 2;
const MAX_WEEKS: u64 = 12;

/// The intervals of jobs that together count an interval. A job begins at most a year ago and has at most 90 days. The
/// pieces are in order, have no day twice and none too few, and no date bucket is in two of them.
///
/// ```
/// use usage_client::{Granularity, Interval, JobPlan};
///
/// let today = "2026-11-26".parse()?;
/// let interval = Interval::parse_at("2026-01-15/2026-06-30", today)?;
/// let plan = JobPlan::new(interval, Some(Granularity::Month), today)?;
/// let pieces: Vec<_> = plan.pieces().iter().map(ToString::to_string).collect();
/// assert_eq!(pieces, ["2026-01-15/2026-02-28", "2026-03-01/2026-04-30", "2026-05-01/2026-06-30"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JobPlan(Vec<Interval>);

impl JobPlan {
    /// Cuts an interval. Pieces of days have at most 90 of them, pieces of weeks 12 from Monday, and pieces of months
    /// 2. An interval of at most 90 days is not cut. Pieces that would begin on `today` or later are left out.
    ///
    /// # Errors
    ///
    /// [`is_invalid_request`](Error::is_invalid_request): the interval begins more than a year before `today`, or it
    /// has more than 90 days but no granularity. Then it is one bucket, which cannot be cut.
    pub fn new(interval: Interval, granularity: Option<Granularity>, today: NaiveDate) -> Result<Self> {
        let refused = |reason: &str| Err(Error::invalid_request(format!("interval `{interval}`: {reason}")));
        let first_possible = today
            .checked_sub_months(Months::new(12))
            .unwrap_or(NaiveDate::MIN);
        if interval.first_day() < first_possible {
            return refused(&format!(
                "a usage job begins at most a year ago, so the first possible day is {first_possible}; a usage query \
                 (`POST /api/v2/usage/query`) has older data"
            ));
        }
        if days(interval) <= MAX_DAYS {
            return Ok(Self(vec![interval]));
        }
        let Some(granularity) = granularity else {
            return refused(&format!(
                "without a granularity it is counted as a whole, and a usage job has at most {MAX_DAYS} days; set the \
                 granularity `Day`, `Week` or `Month`, and add the rows"
            ));
        };
        let (mut pieces, mut first, last) = (Vec::new(), interval.first_day(), interval.last_day());
        // Days from today on have no data, and a job cannot begin there.
        while first <= last && first < today {
            let end = end_of_piece(first, &granularity).min(last);
            pieces.push(interval.part(first, end));
            first = end + Days::new(1);
        }
        Ok(Self(pieces))
    }

    /// The intervals, in order.
    pub fn pieces(&self) -> &[Interval] {
        &self.0
    }
}

/// How many days an interval has.
fn days(interval: Interval) -> u64 {
    let days = interval.last_day() - interval.first_day();
    // An interval is in order.
    days.num_days().unsigned_abs() + 1
}

/// The last day of the piece that begins on a day.
fn end_of_piece(first: NaiveDate, granularity: &Granularity) -> NaiveDate {
    let next = match granularity {
        Granularity::Day => first.checked_add_days(Days::new(MAX_DAYS)),
        Granularity::Week => {
            let since_monday = first.weekday().num_days_from_monday();
            first.checked_add_days(Days::new(7 * MAX_WEEKS - u64::from(since_monday)))
        }
        Granularity::Month => first
            .with_day(1)
            .and_then(|month| month.checked_add_months(Months::new(MAX_MONTHS))),
    };
    next.map_or(NaiveDate::MAX, |next| next - Days::new(1))
}
