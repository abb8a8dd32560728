//! Sums up rows by day, client and endpoint. The memory depends on their number, not on the number of rows.

use chrono::{Days, NaiveDate};
use usage_client::{Dimension, Interval, RowBatch, RowRef};

use super::{
    contributors::Contributors,
    counts::{Counts, add},
    model::{Day, Report},
    pairs::Pairs,
    series::Series,
};
use crate::{
    allotment::Allotment,
    calendar::{Period, day_of, first_of_month, last_of_month},
    error::{CliError, Code},
    projection::{DailyRequests, HISTORY, MonthUsage},
    text::counted,
};

/// The memory for the clients, endpoints and pairs of one organization, enough for about a million. A typical organization
/// has hundreds.
const MOST_BYTES: usize = 256 << 20;
/// The dimensions that [`ReportBuilder`] needs.
pub(crate) const DIMENSIONS: [Dimension; 2] = [Dimension::OAuthClientId, Dimension::TemplateUri];

/// The interval to query: the period; if `projected`, the month in which it ends and enough days for the projection; and, if
/// `compared`, the previous period.
pub(crate) fn needed_interval(
    period: Period,
    compared: bool,
    projected: bool,
    yesterday: NaiveDate,
) -> usage_client::Result<Interval> {
    let Period { mut first, mut last } = period;
    if projected {
        let month = first_of_month(last);
        last = last_of_month(month).min(yesterday).max(last);
        first = first.min(month).min(last - Days::new(HISTORY - 1));
    }
    if compared {
        first = first.min(period.before().first);
    }
    Interval::new(first, last)
}

pub(crate) struct ReportBuilder {
    period: Period,
    before: Period,
    queried: Period,
    /// The id of the client of rows that name none.
    client: String,
    totals: Counts,
    totals_before: Counts,
    daily: DailyRequests,
    /// The days of the period.
    days: Vec<Day>,
    clients: Contributors,
    series: Series,
    endpoints: Contributors,
    pairs: Pairs,
    most_bytes: usize,
}

impl ReportBuilder {
    pub(crate) fn new(period: Period, queried: Interval) -> Self {
        let queried = Period::of(&queried);
        let days_of_period = period.each_day().map(|date| Day {
            date,
            counts: Counts::default(),
        });
        Self {
            period,
            before: period.before(),
            queried,
            client: String::new(),
            totals: Counts::default(),
            totals_before: Counts::default(),
            // The service sends no rows for days without requests.
            daily: queried.each_day().map(|day| (day, 0)).collect(),
            days: days_of_period.collect(),
            clients: Contributors::default(),
            series: Series::new(period),
            endpoints: Contributors::default(),
            pairs: Pairs::default(),
            most_bytes: MOST_BYTES,
        }
    }

    /// For rows that are all of one client and do not name it.
    pub(crate) fn of_client(mut self, client: Option<&str>) -> Self {
        client.unwrap_or_default().clone_into(&mut self.client);
        self
    }

    #[cfg(test)]
    pub(super) fn limit_bytes(&mut self, most: usize) {
        self.most_bytes = most;
    }

    pub(crate) fn add(&mut self, batch: &RowBatch) -> Result<(), CliError> {
        for row in batch {
            let day = day_of(&row).map_err(|reason| CliError::new(Code::Service, reason))?;
            let Some(day) = day else {
                return Err(CliError::new(
                    Code::Service,
                    "the service sent a row without a date for a query with the granularity Day",
                ));
            };
            if self.queried.contains(day) {
                self.row(day, &row)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, day: NaiveDate, row: &RowRef<'_>) -> Result<(), CliError> {
        *self.daily.entry(day).or_default() += i128::from(row.requests.unwrap_or(0));
        let is_of_month = first_of_month(day) == first_of_month(self.queried.last);
        let (is_of_period, is_before) = (self.period.contains(day), self.before.contains(day));
        if !(is_of_month || is_of_period || is_before) {
            return Ok(());
        }
        let text = Option::unwrap_or_default;
        let client_id = row.client_id.filter(|id| !id.is_empty()).unwrap_or(&self.client);
        let client = self.clients.place(client_id, text(row.client_name), day);
        let sums = self.clients.sums(client);
        if is_of_month {
            add(&mut sums.month, "requests", row.requests)?;
        }
        if is_of_period {
            sums.counts.add(row)?;
            self.totals.add(row)?;
            self.series.add(client, day, row)?;
            let place = usize::try_from((day - self.period.first).num_days()).unwrap_or(0);
            self.days[place].counts.add(row)?;
        } else if is_before {
            add(&mut sums.before, "requests", row.requests)?;
            self.totals_before.add(row)?;
        }
        if is_of_period || is_before {
            let endpoint = self.endpoints.place(text(row.template_uri), "", day);
            let sums = self.endpoints.sums(endpoint);
            if is_of_period {
                sums.counts.add(row)?;
                self.pairs.add(client, endpoint, day, row)?;
            } else {
                add(&mut sums.before, "requests", row.requests)?;
                self.pairs.add_before(client, endpoint, row)?;
            }
        }
        self.fits()
    }

    fn fits(&self) -> Result<(), CliError> {
        let bytes = self.clients.bytes() + self.endpoints.bytes() + self.pairs.bytes();
        if bytes <= self.most_bytes {
            return Ok(());
        }
        Err(CliError::local(format!(
            "{} with {} are too many to sum up: they take more than {} MiB of memory",
            counted(self.clients.len(), "client"),
            counted(self.endpoints.len(), "endpoint"),
            self.most_bytes >> 20
        ))
        .with_hint(
            "use a shorter period, such as --last 1d, or fetch the rows: gc-usage query --granularity day \
             --group-by client,template-uri --output usage.csv",
        ))
    }

    pub(crate) fn report(mut self, allotment: Option<Allotment>) -> Report {
        self.clients.finish();
        self.endpoints.finish();
        self.pairs.finish(&self.clients, &self.endpoints);
        Report {
            profile: None,
            period: self.period,
            totals: self.totals,
            before: self.before,
            totals_before: self.totals_before,
            days: self.days,
            clients: self.clients,
            series: self.series,
            endpoints: self.endpoints,
            pairs: self.pairs,
            month: Some(MonthUsage::new(&self.daily, self.queried.last, allotment)),
            price_per_request: None,
        }
    }
}
