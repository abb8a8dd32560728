//! The reports of the organizations that are asked, for `report` and `check`.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use usage_client::{ApiUsageQuery, Granularity, Interval};

use crate::{
    allotment::Allotment,
    ask::{Question, ask},
    calendar::Period,
    connection::Connection,
    exit::Failure,
    progress::Progress,
    report::{DIMENSIONS, Report, Summing, needed_interval},
    result::OrganizationResult,
    screen::Screen,
};

/// What fetches the rows of a report that was interrupted: they are by day.
pub(super) const ROWS: &str = " --granularity=day";

/// Asks each organization for what its report needs, and sums that up.
pub(super) async fn reports(
    connection: &Connection,
    period: &Interval,
    compared: bool,
    today: NaiveDate,
    allotment: Option<Allotment>,
    screen: &Screen,
) -> Result<(Vec<Report>, Vec<OrganizationResult>), Failure> {
    let period = Period::of(period);
    let asked = needed_interval(period, compared, today - Days::new(1))?;
    let query = ApiUsageQuery::builder()
        .interval(asked)
        .granularity(Some(Granularity::Day))
        .group_by(DIMENSIONS.to_vec());
    let query: ApiUsageQuery = query
        .try_into()
        .map_err(|error| Failure::local(format!("{error}")))?;
    let mut sums: HashMap<Option<String>, Summing> = connection
        .organizations
        .iter()
        .map(|organization| {
            let profile = organization.profile.as_deref().map(str::to_owned);
            (profile, Summing::new(period, asked))
        })
        .collect();
    let question = Question::Query(Box::new(query));
    let progress = Progress::new(screen);
    let answers = ask(
        &connection.organizations,
        &question,
        &progress,
        |profile, batch| {
            let summing = sums.get_mut(&profile.map(str::to_owned));
            summing.map_or(Ok(()), |summing| summing.add(batch))
        },
    );
    let answers = answers.await?;
    let mut reports = Vec::new();
    for answer in answers.iter().filter(|answer| answer.outcome.is_ok()) {
        let profile = answer.profile.as_deref().map(str::to_owned);
        if let Some(summing) = sums.remove(&profile) {
            reports.push(Report {
                profile,
                ..summing.report(allotment.clone())
            });
        }
    }
    Ok((reports, answers))
}
