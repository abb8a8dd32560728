//! Names that options take: ours, the API's own beside them in any case, and the headings of our tables.

use clap::ValueEnum;
use usage_client::{Granularity, GroupBy, Metric};

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SortKey {
    Requests,
    #[value(aliases = ["2xx", "200"])]
    Status200,
    #[value(aliases = ["3xx", "300"])]
    Status300,
    #[value(aliases = ["4xx", "400"])]
    Status400,
    #[value(alias = "429")]
    Status429,
    #[value(aliases = ["5xx", "500"])]
    Status500,
    #[value(alias = "day")]
    Date,
    #[value(aliases = ["clientname", "clientid"])]
    Client,
    #[value(alias = "httpmethod")]
    Method,
    #[value(aliases = ["endpoint", "templateuri"])]
    TemplateUri,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GranularityArg {
    #[value(aliases = ["daily", "days"])]
    Day,
    #[value(aliases = ["weekly", "weeks"])]
    Week,
    #[value(aliases = ["monthly", "months"])]
    Month,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum GroupByArg {
    #[value(aliases = ["oauthclientid", "clientid"])]
    Client,
    #[value(alias = "organizationid")]
    Organization,
    #[value(alias = "userid")]
    User,
    #[value(aliases = ["endpoint", "templateuri"])]
    TemplateUri,
    #[value(alias = "httpmethod")]
    Method,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MetricArg {
    #[value(aliases = ["2xx", "200"])]
    Status200,
    #[value(aliases = ["3xx", "300"])]
    Status300,
    #[value(aliases = ["4xx", "400"])]
    Status400,
    #[value(aliases = ["5xx", "500"])]
    Status500,
    #[value(alias = "429")]
    Status429,
    Requests,
}

/// A value as the command line spells it.
pub(super) fn spelt(value: impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

impl SortKey {
    /// The metric that it sorts by, if it is one.
    pub(crate) fn metric(self) -> Option<Metric> {
        match self {
            Self::Requests => Some(Metric::Requests),
            Self::Status200 => Some(Metric::Status200),
            Self::Status300 => Some(Metric::Status300),
            Self::Status400 => Some(Metric::Status400),
            Self::Status429 => Some(Metric::Status429),
            Self::Status500 => Some(Metric::Status500),
            Self::Date | Self::Client | Self::Method | Self::TemplateUri => None,
        }
    }

    pub(super) fn of(metric: Metric) -> Option<Self> {
        let keys = Self::value_variants().iter().copied();
        keys.into_iter().find(|key| key.metric() == Some(metric))
    }
}

impl From<GranularityArg> for Granularity {
    fn from(arg: GranularityArg) -> Self {
        match arg {
            GranularityArg::Day => Self::Day,
            GranularityArg::Week => Self::Week,
            GranularityArg::Month => Self::Month,
        }
    }
}

impl From<GroupByArg> for GroupBy {
    fn from(arg: GroupByArg) -> Self {
        match arg {
            GroupByArg::Client => Self::OAuthClientId,
            GroupByArg::Organization => Self::OrganizationId,
            GroupByArg::User => Self::UserId,
            GroupByArg::TemplateUri => Self::TemplateUri,
            GroupByArg::Method => Self::HttpMethod,
        }
    }
}

impl From<MetricArg> for Metric {
    fn from(arg: MetricArg) -> Self {
        match arg {
            MetricArg::Status200 => Self::Status200,
            MetricArg::Status300 => Self::Status300,
            MetricArg::Status400 => Self::Status400,
            MetricArg::Status500 => Self::Status500,
            MetricArg::Status429 => Self::Status429,
            MetricArg::Requests => Self::Requests,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_have_a_value_for_each_member_of_the_api() {
        let place = "in gc-usage/src/args/names.rs";
        let group_by: Vec<GroupBy> = GroupByArg::value_variants()
            .iter()
            .map(|arg| (*arg).into())
            .collect();
        for member in GroupBy::KNOWN {
            assert!(
                group_by.contains(member),
                "`--group-by` has no value for `{member}`: add one to GroupByArg {place}"
            );
        }
        let metrics: Vec<Metric> = MetricArg::value_variants()
            .iter()
            .map(|arg| (*arg).into())
            .collect();
        for member in Metric::KNOWN {
            assert!(
                metrics.contains(member),
                "`--metrics` has no value for `{member}`: add one to MetricArg {place}"
            );
            assert!(
                SortKey::of(*member).is_some(),
                "`--sort` has no value for `{member}`: add one to SortKey {place}, and to `compare` in \
                 gc-usage/src/export/sorted.rs"
            );
        }
        let granularities: Vec<Granularity> = GranularityArg::value_variants()
            .iter()
            .map(|arg| (*arg).into())
            .collect();
        for member in Granularity::KNOWN {
            assert!(
                granularities.contains(member),
                "`--granularity` has no value for `{member}`: add one to GranularityArg {place}"
            );
        }
    }
}
