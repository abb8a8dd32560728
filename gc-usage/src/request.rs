//! What is asked of the service, with the names of its operations.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use usage_client::{
    ApiUsageQuery, Dimension, Granularity, Interval, Metric,
    types::{
        ApiUsageClientQuery, ClientPublicApiUsageQueryRequest, HttpMethod,
        OrganizationPublicApiUsageQueryRequest,
    },
};

use crate::{
    calendar::Period,
    error::CliError,
    exact::ExactFilters,
    source::{Family, Source},
};

/// The longest period of one job. A longer one is cut between two buckets.
const LONGEST_JOB: i64 = 90;

/// The body of a submit. Its source decides which type the service reads it as.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    #[serde(skip)]
    pub(crate) source: Source,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) granularity: Option<Granularity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    group_by: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    http_methods: Vec<HttpMethod>,
    pub(crate) interval: String,
    /// The counts to compute. If empty, all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) metrics: Vec<Metric>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    oauth_client_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    template_uris: Vec<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

macro_rules! bodies {
    ($($body:ty)*) => {
        $(impl TryFrom<Request> for $body {
            type Error = serde_json::Error;

            fn try_from(request: Request) -> serde_json::Result<Self> {
                serde_json::from_value(serde_json::to_value(request)?)
            }
        })*
    };
}

bodies! {
    ApiUsageQuery
    ApiUsageClientQuery
    OrganizationPublicApiUsageQueryRequest
    ClientPublicApiUsageQueryRequest
}

impl Request {
    /// A request for all counts of an interval.
    pub(crate) fn new(source: &Source, interval: impl ToString) -> Self {
        Self {
            source: source.clone(),
            interval: interval.to_string(),
            ..Self::default()
        }
    }

    /// Reads a body. A member that is null counts as absent. A member that the source does not know is an error, since a
    /// misspelt one would change the request.
    pub(crate) fn read(source: &Source, mut body: Value) -> serde_json::Result<Self> {
        if let Some(members) = body.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        let mut request: Self = serde_json::from_value(body)?;
        request.source = source.clone();
        let body = request.clone();
        match (source.family, &source.client) {
            (Family::Query, None) => ApiUsageQuery::try_from(body).map(drop),
            (Family::Query, Some(_)) => ApiUsageClientQuery::try_from(body).map(drop),
            (Family::Jobs, None) => OrganizationPublicApiUsageQueryRequest::try_from(body).map(drop),
            (Family::Jobs, Some(_)) => ClientPublicApiUsageQueryRequest::try_from(body).map(drop),
        }?;
        Ok(request)
    }

    /// Also groups rows by this dimension.
    ///
    /// # Errors
    ///
    /// The source does not count by it.
    pub(crate) fn group_by(&mut self, dimension: Dimension) -> Result<(), CliError> {
        for name in self.source.names(dimension)? {
            if !self.group_by.iter().any(|known| known == name) {
                self.group_by.push((*name).to_owned());
            }
        }
        Ok(())
    }

    /// Also groups rows by the dimension of a filter. What they are grouped by otherwise stays.
    pub(crate) fn group_by_filter(&mut self, dimension: Dimension) -> Result<(), CliError> {
        if self.group_by.is_empty() {
            self.group_by(self.source.default_dimension())?;
        }
        self.group_by(dimension)
    }

    /// Whether rows are grouped by this dimension.
    pub(crate) fn groups_by(&self, dimension: Dimension) -> bool {
        if self.group_by.is_empty() {
            return dimension == self.source.default_dimension();
        }
        let is_grouped = |name: &&str| self.group_by.iter().any(|known| known == name);
        let names = self.source.names(dimension);
        names.is_ok_and(|names| names.iter().any(is_grouped))
    }

    /// Lets the service filter, if it can. A list that the request has already stays as it is.
    pub(crate) fn filter(&mut self, filters: ExactFilters) {
        if self.source.family == Family::Jobs {
            set(&mut self.oauth_client_ids, filters.client_ids);
            set(&mut self.http_methods, filters.methods);
            set(&mut self.template_uris, filters.template_uris);
        }
    }

    /// What to change if the request is not possible, because of the limits of jobs.
    pub(crate) fn way_out(&self) -> Option<&'static str> {
        let is_longer = |interval: Interval| Period::of(&interval).days() > LONGEST_JOB;
        match (self.source.family, self.granularity) {
            (Family::Query, _) => None,
            (Family::Jobs, None) if self.interval.parse().is_ok_and(is_longer) => {
                Some("add --granularity day, week or month, or choose a shorter period")
            }
            (Family::Jobs, _) => Some(
                "choose a period that begins later (a report also reads the period before it), or --source query: usage \
                 queries have older data",
            ),
        }
    }
}

fn set<T>(list: &mut Vec<T>, values: Vec<T>) {
    if list.is_empty() {
        *list = values;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use usage_client::GroupBy;

    use super::*;

    fn sources() -> [Source; 4] {
        let source = |family, client: Option<&str>| Source {
            family,
            client: client.map(std::sync::Arc::from),
        };
        [
            source(Family::Query, None),
            source(Family::Query, Some("a")),
            source(Family::Jobs, None),
            source(Family::Jobs, Some("a")),
        ]
    }

    #[test]
    fn each_source_groups_by_its_own_dimensions_and_says_why_not_by_the_others() {
        let of_queries = GroupBy::KNOWN.iter().map(|member| Dimension::from(*member));
        let all = of_queries.chain([Dimension::Platform]);
        let grouped = sources().map(|source| {
            let mut request = Request::new(&source, "2026-10-01/2026-10-31");
            let mut refused = Vec::new();
            for dimension in all.clone() {
                match request.group_by(dimension) {
                    Ok(()) => assert!(request.groups_by(dimension)),
                    Err(failure) => {
                        assert!(!request.groups_by(dimension) && failure.to_string().contains("hint: "));
                        refused.push(format!("{dimension:?}"));
                    }
                }
            }
            let body = serde_json::to_value(&request).unwrap();
            (body["groupBy"].to_string(), refused.join(" "))
        });
        let expected = [
            (
                r#"["OAuthClientId","OrganizationId","UserId","TemplateUri","HttpMethod"]"#,
                "Platform",
            ),
            (
                r#"["OAuthClientId","OrganizationId","TemplateUri","HttpMethod"]"#,
                "UserId Platform",
            ),
            (
                r#"["OauthClientId","OauthClientName","UserId","TemplateUri","HttpMethod","Platform"]"#,
                "OrganizationId",
            ),
            (
                r#"["OrganizationId","TemplateUri","HttpMethod","Platform"]"#,
                "OAuthClientId UserId",
            ),
        ];
        assert_eq!(
            grouped,
            expected.map(|(body, refused)| (body.to_owned(), refused.to_owned()))
        );
    }

    #[test]
    fn a_body_with_filters_keeps_them() {
        let [.., jobs, _] = sources();
        let body = json!({"interval": "2026-10-01/2026-10-31", "templateUris": ["a"], "groupBy": null});
        let mut request = Request::read(&jobs, body).unwrap();
        let texts = |text: &str| [text.to_owned()];
        request.filter(ExactFilters::of(&[], &texts("GET"), &texts("b")));
        let sent =
            json!({"interval": "2026-10-01/2026-10-31", "templateUris": ["a"], "httpMethods": ["GET"]});
        assert_eq!(serde_json::to_value(&request).unwrap(), sent);
        assert!(request.groups_by(Dimension::OAuthClientId) && !request.groups_by(Dimension::HttpMethod));
        let misspelt = json!({"interval": "2026-10-01/2026-10-31", "templateUri": ["a"]});
        assert!(
            Request::read(&jobs, misspelt)
                .unwrap_err()
                .to_string()
                .contains("unknown field `templateUri`")
        );
    }
}
