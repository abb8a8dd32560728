//! The sheet Summary: whether something is wrong, the numbers behind it, and the charts.

use rust_xlsxwriter::Chart;

use super::{charts, lines::Rows, lines::share};
use crate::{
    calendar::{NamedDays, Period},
    error::CliError,
    projection::MonthUsage,
    report::{
        about::About,
        counts::Counts,
        model::{Entry, Failed, Report},
        palette::{BAD, LIMITED, SUCCEEDED},
        sentences,
        verdict::{Level, Verdict, facts, verdict},
    },
    workbook::{Kind, Look, Page, Value, Workbook},
};

const NAME: &str = "Summary";
/// The first column has names, the others numbers.
const WIDTHS: [u16; 8] = [38, 16, 16, 16, 16, 16, 16, 16];
const GOOD: &str = "#1a7f37";

pub(super) struct Summary {
    page: Page,
}

impl Summary {
    pub(super) fn new(workbook: &Workbook, period: Period) -> Result<Self, CliError> {
        let mut page = workbook.page(NAME, &WIDTHS)?;
        let title = format!("API usage, {} to {}", period.first, period.last);
        page.sentence(&title, Look::Title)?;
        Ok(Self { page })
    }

    /// Whether the data is made up.
    pub(super) fn about(&mut self, about: &About) -> Result<(), CliError> {
        match about.is_demo {
            true => self.page.sentence(
                "Demo: a simulated organization; all of this data is made up.",
                Look::Bold(BAD.1),
            ),
            false => Ok(()),
        }
    }

    /// The organizations side by side.
    pub(super) fn organizations(&mut self, entries: &[Entry]) -> Result<(), CliError> {
        self.page.gap();
        let headings = [
            "Organization",
            "Requests",
            "Before",
            "Change",
            "429 share",
            "Failed share",
            "Result",
        ];
        let rows = entries.iter().map(|entry| {
            let profile = Value::Text(entry.profile().unwrap_or_default().to_owned());
            let rest = match entry {
                Entry::Failed(failed) => {
                    let error = Value::Text(format!("No data: {}", failed.line()));
                    [const { Value::Empty }; 5]
                        .into_iter()
                        .chain([error])
                        .collect::<Vec<_>>()
                }
                Entry::Report(report) => {
                    let (now, before) = (&report.totals, &report.totals_before);
                    vec![
                        Value::Count(now.requests.into()),
                        Value::Count(before.requests.into()),
                        ratio(Kind::Change, report.change_ratio(now.requests, before.requests)),
                        ratio(Kind::Share, share(now.status429, now.requests)),
                        ratio(Kind::Share, share(now.errors(), now.requests)),
                        Value::Text(verdict(report).headline),
                    ]
                }
            };
            [vec![profile], rest].concat()
        });
        self.page.table(&headings, rows)
    }

    pub(super) fn failed(&mut self, failed: &Failed) -> Result<(), CliError> {
        self.heading(failed.profile.as_deref())?;
        self.page
            .sentence(&format!("No data: {}", failed.line()), Look::Bold(BAD.1))
    }

    /// The headline, the numbers and the charts of an organization. Its days and its month are in these rows.
    pub(super) fn report(
        &mut self,
        report: &Report,
        rows: Option<(Rows, Option<Rows>)>,
    ) -> Result<(), CliError> {
        self.heading(report.profile.as_deref())?;
        let Verdict {
            state,
            headline,
            detail,
        } = verdict(report);
        self.page.sentence(&headline, Look::Bold(colour(state.level())))?;
        if !detail.is_empty() {
            self.page.sentence(&detail, Look::Plain)?;
        }
        for fact in facts(report) {
            self.page.sentence(&fact, Look::Plain)?;
        }
        self.page.gap();
        self.by_status(report)?;
        if let Some(month) = &report.month {
            self.page.gap();
            self.month(report, month)?;
        }
        let Some((days, month_rows)) = rows else {
            return Ok(());
        };
        self.chart(charts::days(report, &days))?;
        match (&report.month, month_rows) {
            (Some(month), Some(rows)) => self.chart(charts::month(month, &rows)),
            _ => Ok(()),
        }
    }

    /// That there is no data yet.
    pub(super) fn no_data(&mut self, profiles: &[Option<&str>], days: &NamedDays) -> Result<(), CliError> {
        let mut sentence = days.no_data();
        sentence.replace_range(..1, "T");
        for profile in profiles {
            self.heading(*profile)?;
            self.page.sentence(&format!("{sentence}."), Look::Plain)?;
        }
        Ok(())
    }

    /// What the numbers mean, and how the workbook was made.
    pub(super) fn notes(&mut self, reports: &[&Report], about: &About) -> Result<(), CliError> {
        self.page.gap();
        let mut notes = vec![
            "All days are UTC days. 429 means rate limited. It is a part of 4xx, so do not add it to the other counts. Failed \
             is 4xx and 5xx together."
                .to_owned(),
        ];
        if let Some(report) = reports.first() {
            notes.push(format!(
                "The period has {}. Before is the number of requests then. Change is empty if there were none.",
                sentences::period(report)
            ));
        }
        notes.push(format!(
            "Created with gc-usage {} on {}.",
            env!("CARGO_PKG_VERSION"),
            about.created.format("%-d %b %Y, %H:%M UTC")
        ));
        if !about.command.is_empty() {
            notes.push(about.command.clone());
        }
        notes
            .iter()
            .try_for_each(|note| self.page.sentence(note, Look::Small))
    }

    pub(super) fn end(self) -> Page {
        self.page
    }

    /// The name of the organization, if there are several.
    fn heading(&mut self, profile: Option<&str>) -> Result<(), CliError> {
        self.page.gap();
        match profile {
            Some(profile) => {
                self.page.break_page();
                self.page.sentence(profile, Look::Heading)
            }
            None => Ok(()),
        }
    }

    fn by_status(&mut self, report: &Report) -> Result<(), CliError> {
        type Line = (&'static str, fn(&Counts) -> i64);
        const LINES: [Line; 6] = [
            ("All requests", |counts| counts.requests),
            ("2xx, succeeded", |counts| counts.status200),
            ("3xx, redirected", |counts| counts.status300),
            ("4xx, refused", |counts| counts.status400),
            ("429, rate limited (a part of 4xx)", |counts| counts.status429),
            ("5xx, failed", |counts| counts.status500),
        ];
        let (now, before) = (&report.totals, &report.totals_before);
        let rows = LINES.iter().map(|(name, of)| {
            let (count, count_before) = (of(now), of(before));
            vec![
                Value::Text((*name).to_owned()),
                Value::Count(count.into()),
                ratio(Kind::Share, share(count, now.requests)),
                Value::Count(count_before.into()),
                ratio(Kind::Change, report.change_ratio(count, count_before)),
            ]
        });
        self.page
            .table(&["Status", "Requests", "Share", "Before", "Change"], rows)
    }

    fn month(&mut self, report: &Report, month: &MonthUsage) -> Result<(), CliError> {
        let name = month.month.format("%B %Y").to_string();
        let count = |name: String, count: Option<i128>| {
            count.map(|count| vec![Value::Text(name), Value::Count(count)])
        };
        let is_ahead = month.days_left > 0;
        let ahead = |count: i128| is_ahead.then_some(count);
        let price = report.price_per_request.map(|price| {
            let name = Value::Text("Price of a request beyond it".to_owned());
            vec![name, Value::Number(Kind::Number, price)]
        });
        let lines = [
            count(format!("Requests until {}", month.until), Some(month.requests)),
            count(
                "Projected for the end of the month".to_owned(),
                ahead(month.projected),
            ),
            count(
                "  four in five: from".to_owned(),
                month.range.and_then(|(low, _)| ahead(low)),
            ),
            count(
                "  four in five: to".to_owned(),
                month.range.and_then(|(_, high)| ahead(high)),
            ),
            count("Allotment".to_owned(), month.allotted().map(i128::from)),
            count("Beyond the allotment".to_owned(), month.overage()),
            price,
        ];
        self.page.table(&[&name, "Requests"], lines.into_iter().flatten())
    }

    fn chart(&mut self, chart: Chart) -> Result<(), CliError> {
        self.page.gap();
        self.page.chart(chart)
    }
}

fn ratio(kind: Kind, ratio: Option<f64>) -> Value {
    ratio.map_or(Value::Empty, |ratio| Value::Number(kind, ratio))
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::Neutral => SUCCEEDED.1,
        Level::Good => GOOD,
        Level::Doubtful | Level::Warning => LIMITED.1,
        Level::Bad => BAD.1,
    }
}
