//! The options that make the query.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use usage_client::{ApiUsageQuery, Granularity, GroupBy, Metric};

use super::{
    names::{DIMENSIONS, GRANULARITIES, METRICS, parser},
    period::PeriodArgs,
    query_file,
    rows::FilterArgs,
};
use crate::{calendar::NamedDays, error::CliError};

/// The options that make the query.
#[derive(Args)]
pub(crate) struct SelectArgs {
    /// Length of time that a row covers [default: the whole period].
    #[arg(long, value_parser = parser(GRANULARITIES), ignore_case = true)]
    pub(crate) granularity: Option<Granularity>,

    /// Dimensions to group rows by, separated by commas [default: client].
    #[arg(
        long,
        value_parser = parser(DIMENSIONS),
        value_delimiter = ',',
        value_name = "DIMENSION,…",
        ignore_case = true
    )]
    pub(crate) group_by: Vec<GroupBy>,

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
    /// The query and its days. Rows are also grouped by the dimensions of the filters.
    pub(crate) fn query(
        &self,
        filter: &FilterArgs,
        today: NaiveDate,
    ) -> Result<(ApiUsageQuery, NamedDays), CliError> {
        let (mut query, days) = match &self.file {
            Some(file) => query_file::read(file, today)?,
            None => {
                let days = self.period.days(today)?;
                let query = ApiUsageQuery::builder()
                    .interval(days.queried())
                    .granularity(self.granularity)
                    .group_by(self.group_by.clone())
                    .metrics(self.metrics.clone());
                let query: ApiUsageQuery = query
                    .try_into()
                    .map_err(|error| CliError::local(format!("{error}")))?;
                (query, days)
            }
        };
        let needed = [
            (!filter.client.is_empty(), GroupBy::OAuthClientId),
            (!filter.method.is_empty(), GroupBy::HttpMethod),
            (!filter.template_uri.is_empty(), GroupBy::TemplateUri),
        ];
        let group_by = &mut query.group_by;
        for (_, dimension) in needed.into_iter().filter(|(needed, _)| *needed) {
            if group_by.is_empty() {
                group_by.push(GroupBy::OAuthClientId);
            }
            if !group_by.contains(&dimension) {
                group_by.push(dimension);
            }
        }
        Ok((query, days))
    }
}
