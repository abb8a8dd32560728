//! Makes the reports of the selected organizations, for `report` and `check`.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use usage_client::{ApiUsageQuery, Granularity, Interval};

use crate::{
    allotment::Allotment,
    calendar::Period,
    connection::Connection,
    error::CliError,
    printer::Printer,
    query::{Query, query_all},
    report::{DIMENSIONS, Report, ReportBuilder, needed_interval},
    result::OrganizationResult,
};

/// The options that fetch the rows of a report that was interrupted. The rows are by day.
pub(super) const ROWS: &str = " --granularity=day";

/// Queries each organization for the rows of its report, and sums them up.
pub(super) async fn reports(
    connection: &Connection,
    period: &Interval,
    compared: bool,
    today: NaiveDate,
    allotment: Option<Allotment>,
    printer: &Printer,
) -> Result<(Vec<Report>, Vec<OrganizationResult>), CliError> {
    let period = Period::of(period);
    let needed = needed_interval(period, compared, today - Days::new(1))?;
    let query = ApiUsageQuery::builder()
        .interval(needed)
        .granularity(Some(Granularity::Day))
        .group_by(DIMENSIONS.to_vec());
    let query: ApiUsageQuery = query
        .try_into()
        .map_err(|error| CliError::local(format!("{error}")))?;
    let mut sums: HashMap<Option<String>, ReportBuilder> = connection
        .organizations
        .iter()
        .map(|organization| {
            let profile = organization.profile.as_deref().map(str::to_owned);
            (profile, ReportBuilder::new(period, needed))
        })
        .collect();
    let query = Query::New(Box::new(query));
    let results = query_all(&connection.organizations, &query, printer, |profile, batch| {
        let builder = sums.get_mut(&profile.map(str::to_owned));
        builder.map_or(Ok(()), |builder| builder.add(batch))
    });
    let results = results.await?;
    let mut reports = Vec::new();
    for result in results.iter().filter(|result| result.outcome.is_ok()) {
        let profile = result.profile.as_deref().map(str::to_owned);
        if let Some(builder) = sums.remove(&profile) {
            reports.push(Report {
                profile,
                ..builder.report(allotment.clone())
            });
        }
    }
    Ok((reports, results))
}
