//! The options that make the query.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use usage_client::{Dimension, Granularity, Metric};

use super::{
    names::{DIMENSIONS, GRANULARITIES, METRICS, parser},
    period::PeriodArgs,
    query_file,
    rows::FilterArgs,
};
use crate::{calendar::NamedDays, error::CliError, exact::ExactFilters, request::Request, source::Source};

/// The options that make the query.
#[derive(Args)]
pub(crate) struct SelectArgs {
    /// Length of time that a row covers [default: the whole period].
    #[arg(long, value_parser = parser(GRANULARITIES), ignore_case = true)]
    pub(crate) granularity: Option<Granularity>,

    /// Dimensions to group rows by, separated by commas [default: client]. Only --source jobs counts by platform.
    #[arg(
        long,
        value_parser = parser(DIMENSIONS),
        value_delimiter = ',',
        value_name = "DIMENSION,…",
        ignore_case = true
    )]
    pub(crate) group_by: Vec<Dimension>,

    /// Counts to compute, separated by commas [default: all of them].
    #[arg(
        long,
        value_parser = parser(METRICS),
        value_delimiter = ',',
        value_name = "METRIC,…",
        ignore_case = true
    )]
    pub(crate) metrics: Vec<Metric>,

    /// File with the query as JSON, such as {"interval": "2026-10-01/2026-10-31", "groupBy": ["UserId"]}; - reads standard
    /// input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["granularity", "group_by", "metrics", "period"])]
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) period: PeriodArgs,
}

impl SelectArgs {
    /// The request to a source, and its days. Rows are also grouped by the dimensions of the filters.
    pub(crate) fn request(
        &self,
        source: &Source,
        filter: &FilterArgs,
        today: NaiveDate,
    ) -> Result<(Request, NamedDays), CliError> {
        let (mut request, days) = match &self.file {
            Some(file) => query_file::read(file, source, today)?,
            None => {
                let days = self.period.days(today)?;
                let mut request = Request::new(source, days.queried());
                request.granularity = self.granularity;
                request.metrics.clone_from(&self.metrics);
                for dimension in &self.group_by {
                    request.group_by(*dimension)?;
                }
                (request, days)
            }
        };
        let needed = [
            (!filter.client.is_empty(), Dimension::OAuthClientId),
            (!filter.method.is_empty(), Dimension::HttpMethod),
            (!filter.template_uri.is_empty(), Dimension::TemplateUri),
        ];
        for (_, dimension) in needed.into_iter().filter(|(needed, _)| *needed) {
            request.group_by_filter(dimension)?;
        }
        request.filter(ExactFilters::of(
            &filter.client,
            &filter.method,
            &filter.template_uri,
        ));
        Ok((request, days))
    }
}
