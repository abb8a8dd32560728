//! Makes the reports of the selected organizations, for `report` and `check`.

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
    let organizations = &connection.organizations;
    let sums = organizations.iter().map(|organization| {
        let profile = organization.profile.as_deref();
        (profile, ReportBuilder::new(period, needed))
    });
    let mut sums: Vec<_> = sums.collect();
    let query = Query::New(Box::new(query));
    let results = query_all(organizations, &query, printer, |profile, batch| {
        let found = sums.iter_mut().find(|(of, _)| *of == profile);
        found.map_or(Ok(()), |(_, builder)| builder.add(batch))
    });
    let results = results.await?;
    // The results are in the order of the organizations.
    let complete = sums
        .into_iter()
        .zip(&results)
        .filter(|(_, result)| result.outcome.is_ok());
    let reports = complete.map(|((profile, builder), _)| Report {
        profile: profile.map(str::to_owned),
        ..builder.report(allotment.clone())
    });
    Ok((reports.collect(), results))
}
