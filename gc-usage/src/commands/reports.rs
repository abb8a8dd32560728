//! Makes the reports of the selected organizations, for `report` and `check`.

use chrono::{Days, NaiveDate};
use usage_client::{Granularity, Interval};

use crate::{
    allotment::Allotment,
    calendar::Period,
    connection::Connection,
    error::CliError,
    printer::Printer,
    query::{Query, query_all},
    report::{DIMENSIONS, Entry, Failed, ReportBuilder, needed_interval},
    request::Request,
    result::OrganizationResult,
    source::Source,
};

/// The options that fetch the rows of a report that was interrupted. The rows are by day.
pub(super) const ROWS: &str = " --granularity=day";

/// Queries each organization for the rows of its report, and sums them up.
pub(super) async fn reports(
    connection: &Connection,
    source: &Source,
    period: &Interval,
    compared: bool,
    today: NaiveDate,
    allotment: Option<Allotment>,
    printer: &Printer,
) -> Result<(Vec<Entry>, Vec<OrganizationResult>), CliError> {
    let period = Period::of(period);
    let needed = needed_interval(period, compared, source.is_billed(), today - Days::new(1))?;
    let mut request = Request::new(source, needed);
    request.granularity = Some(Granularity::Day);
    for dimension in DIMENSIONS {
        // The rows of one client need not name it.
        if source.names(dimension).is_ok() {
            request.group_by(dimension)?;
        }
    }
    let organizations = &connection.organizations;
    let sums = organizations.iter().map(|organization| {
        let profile = organization.profile.as_deref();
        let builder = ReportBuilder::new(period, needed).of_client(source.client.as_deref());
        (profile, builder)
    });
    let mut sums: Vec<_> = sums.collect();
    let query = Query::New(Box::new(request));
    let results = query_all(organizations, &query, printer, |profile, batch| {
        let found = sums.iter_mut().find(|(of, _)| *of == profile);
        found.map_or(Ok(()), |(_, builder)| builder.add(batch))
    });
    let results = results.await?;
    // The results are in the order of the organizations.
    let entries = sums
        .into_iter()
        .zip(&results)
        .map(|((profile, builder), result)| {
            let profile = profile.map(str::to_owned);
            if let Err(error) = &result.outcome {
                let error = error.message().to_owned();
                return Entry::Failed(Failed { profile, error });
            }
            let mut report = builder.report(allotment.clone());
            report.profile = profile;
            report.month = report.month.filter(|_| source.is_billed());
            Entry::Report(Box::new(report))
        });
    Ok((entries.collect(), results))
}
