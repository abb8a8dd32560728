//! `gc-usage compare-sources`: the counts of usage queries and of usage jobs side by side.

use usage_client::{Aggregation, Dimension, Granularity, Interval};

use crate::{
    args::CompareSourcesArgs,
    calendar::{Period, today},
    compare::{self, Comparison},
    connection::Connection,
    error::{CliError, Outcome},
    organization::Organization,
    output::Output,
    printer::Printer,
    query::{Query, query_all},
    request::Request,
    result::failures,
    source::{Family, Source},
};

pub(crate) async fn run(args: CompareSourcesArgs, printer: &Printer) -> Result<Outcome, CliError> {
    let days = args.period.days(today())?;
    printer.notes(&days.note);
    let Some(interval) = days.interval else {
        return Err(CliError::local(days.no_data()));
    };
    let mut output = Output::open(args.output.path(), printer)?;
    let style = args.csv.style(&args.output)?;
    style.format.check(&output)?;
    let selection = args.connection.selection()?;
    let connection = Connection::open_one(&selection, "compare-sources", printer).await?;
    let of = |family| sums(connection.one(), family, interval, printer);
    let (query, jobs) = tokio::try_join!(of(Family::Query), of(Family::Jobs))?;
    let comparison = Comparison::new(Period::of(&interval), query, jobs);
    let screen = printer.screen.for_output(args.output.path());
    let written = compare::write(&mut output, style, &comparison, &screen);
    output.finish_with(written)?;
    Output::announce(args.output.path(), None, printer);
    Ok(Outcome::Success)
}

/// The requests of each client, counted by one family.
async fn sums(
    organization: &Organization,
    family: Family,
    interval: Interval,
    printer: &Printer,
) -> Result<Aggregation, CliError> {
    let source = Source { family, client: None };
    let organization = organization.clone().asking(&source);
    let mut request = Request::new(&source, interval);
    // Buckets, so that jobs can cut a long period.
    request.granularity = Some(Granularity::Month);
    request.group_by(Dimension::OAuthClientId)?;
    let mut sums = Aggregation::by([Dimension::OAuthClientId]);
    let query = Query::New(Box::new(request));
    let results = query_all(&[organization], &query, printer, |_, batch| {
        sums.add_batch(batch).map_err(CliError::from)
    })
    .await?;
    failures(results, printer)?;
    Ok(sums)
}
