//! The names of values of options: ours, and as aliases the API's names in any case and the headings of our tables.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use usage_client::{Dimension, Granularity, Metric};

use crate::export::SortKey;

/// A value, our name for it, and its aliases.
type Named<T> = (T, &'static str, &'static [&'static str]);

pub(super) const GRANULARITIES: &[Named<Granularity>] = &[
    (Granularity::Day, "day", &["daily", "days"]),
    (Granularity::Week, "week", &["weekly", "weeks"]),
    (Granularity::Month, "month", &["monthly", "months"]),
];

pub(super) const DIMENSIONS: &[Named<Dimension>] = &[
    (Dimension::OAuthClientId, "client", &["oauthclientid", "clientid"]),
    (Dimension::OrganizationId, "organization", &["organizationid"]),
    (Dimension::UserId, "user", &["userid"]),
    (
        Dimension::TemplateUri,
        "template-uri",
        &["endpoint", "templateuri"],
    ),
    (Dimension::HttpMethod, "method", &["httpmethod"]),
    (Dimension::Platform, "platform", &[]),
];

pub(super) const METRICS: &[Named<Metric>] = &[
    (Metric::Status200, "status200", &["2xx", "200"]),
    (Metric::Status300, "status300", &["3xx", "300"]),
    (Metric::Status400, "status400", &["4xx", "400"]),
    (Metric::Status500, "status500", &["5xx", "500"]),
    (Metric::Status429, "status429", &["429"]),
    (Metric::Requests, "requests", &[]),
];

pub(super) const SORT_KEYS: &[Named<SortKey>] = &[
    (SortKey::Count(Metric::Requests), "requests", &[]),
    (SortKey::Count(Metric::Status200), "status200", &["2xx", "200"]),
    (SortKey::Count(Metric::Status300), "status300", &["3xx", "300"]),
    (SortKey::Count(Metric::Status400), "status400", &["4xx", "400"]),
    (SortKey::Count(Metric::Status429), "status429", &["429"]),
    (SortKey::Count(Metric::Status500), "status500", &["5xx", "500"]),
    (SortKey::Date, "date", &["day"]),
    (SortKey::Client, "client", &["clientname", "clientid"]),
    (SortKey::Method, "method", &["httpmethod"]),
    (SortKey::TemplateUri, "template-uri", &["endpoint", "templateuri"]),
];

/// Parses the names of these values.
pub(super) fn parser<T: Copy + Send + Sync>(values: &'static [Named<T>]) -> impl TypedValueParser<Value = T> {
    let names = values
        .iter()
        .map(|(_, name, others)| PossibleValue::new(*name).aliases(*others));
    PossibleValuesParser::new(names).map(|given| {
        let has_name = |(_, name, others): &&Named<T>| {
            std::iter::once(name)
                .chain(*others)
                .any(|name| name.eq_ignore_ascii_case(&given))
        };
        let (value, ..) = values
            .iter()
            .find(has_name)
            .expect("clap accepts only these names");
        *value
    })
}

/// The name of a value.
pub(super) fn name<T: PartialEq>(values: &[Named<T>], value: T) -> Option<&'static str> {
    let (_, name, _) = values.iter().find(|(named, ..)| *named == value)?;
    Some(name)
}

#[cfg(test)]
mod tests {
    use usage_client::GroupBy;

    use super::*;

    #[test]
    fn options_have_a_name_for_each_member_of_the_api() {
        let check = |option: &str, list: &str, member: &str, name: Option<&str>| {
            assert!(
                name.is_some(),
                "`{option}` has no name for `{member}`: add one to {list} in gc-usage/src/args/names.rs"
            );
        };
        let of_queries = GroupBy::KNOWN.iter().map(|member| Dimension::from(*member));
        for dimension in of_queries.chain([Dimension::Platform]) {
            let name = name(DIMENSIONS, dimension);
            check("--group-by", "DIMENSIONS", &format!("{dimension:?}"), name);
        }
        for member in Metric::KNOWN {
            check("--metrics", "METRICS", member.as_str(), name(METRICS, *member));
            let key = SortKey::Count(*member);
            check("--sort", "SORT_KEYS", member.as_str(), name(SORT_KEYS, key));
        }
        for member in Granularity::KNOWN {
            let name = name(GRANULARITIES, *member);
            check("--granularity", "GRANULARITIES", member.as_str(), name);
        }
    }
}
