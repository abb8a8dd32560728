//! What the bodies of the five kinds of submit can contain, in the names of the service.

use crate::selection::Dimension::{
    self, ClientId, ClientName, Method, Organization, Platform, Template, User,
};
use crate::selection::{Granularity, SortField};

/// A name, and what it stands for.
pub(super) type Named<T> = (&'static str, T);

/// What one kind of body can contain.
pub(crate) struct Model {
    pub(super) name: &'static str,
    /// The keys.
    pub(super) members: &'static [&'static str],
    pub(super) group_by: &'static [Named<&'static [Dimension]>],
    pub(super) metrics: &'static [Named<Column>],
    pub(super) methods: &'static [&'static str],
    /// The lists of strings that filter requests.
    pub(super) filters: &'static [Named<Dimension>],
    pub(super) sort_by: &'static [Named<SortField>],
    /// What it means if the query names nothing to group by.
    pub(super) ungrouped: Ungrouped,
    /// Whether the requests of the platform's own clients are counted.
    pub(super) platform_clients: bool,
}

/// What a metric adds to the rows.
#[derive(Clone, Copy)]
pub(super) enum Column {
    /// The position of a count in the history's order.
    Count(usize),
    Dimensions(&'static [Dimension]),
    Date,
}

/// The rows of a query that names nothing to group by.
#[derive(Clone, Copy)]
pub(super) enum Ungrouped {
    /// One for each client.
    Client,
    /// Not aggregated: one for each call and day.
    Raw,
    /// One for each combination of the metrics that are no counts.
    Metrics,
}

pub(super) const GRANULARITIES: [Named<Granularity>; 3] = [
    ("Day", Granularity::Day),
    ("Week", Granularity::Week),
    ("Month", Granularity::Month),
];

/// In the order of the rows' keys.
const DIMENSIONS: [Named<&[Dimension]>; 5] = [
    ("OAuthClientId", &[ClientId, ClientName]),
    ("OrganizationId", &[Organization]),
    ("UserId", &[User]),
    ("TemplateUri", &[Template]),
    ("HttpMethod", &[Method]),
];

/// In the order of the rows' keys.
const METRICS: [Named<Column>; 6] = [
    ("Status200", Column::Count(0)),
    ("Status300", Column::Count(1)),
    ("Status400", Column::Count(2)),
    ("Status500", Column::Count(3)),
    ("Status429", Column::Count(4)),
    ("Requests", Column::Count(5)),
];

pub(crate) const ORGANIZATION_QUERY: Model = Model {
    name: "ApiUsageOrganizationQuery",
    members: &["interval", "granularity", "groupBy", "metrics"],
    group_by: &DIMENSIONS,
    metrics: &METRICS,
    methods: &[],
    filters: &[],
    sort_by: &[],
    ungrouped: Ungrouped::Client,
    platform_clients: false,
};

pub(crate) const CLIENT_QUERY: Model = Model {
    name: "ApiUsageClientQuery",
    group_by: &[
        ("OAuthClientId", &[ClientId, ClientName]),
        ("OrganizationId", &[Organization]),
        ("TemplateUri", &[Template]),
        ("HttpMethod", &[Method]),
    ],
    ..ORGANIZATION_QUERY
};

pub(crate) const SIMPLE_SEARCH: Model = Model {
    name: "ApiUsageSimpleSearch",
    members: &[
        "interval",
        "metrics",
        "oauthClientNames",
        "httpMethods",
        "templateUris",
    ],
    group_by: &[],
    metrics: &[
        ("Date", Column::Date),
        ("ClientName", Column::Dimensions(&[ClientId, ClientName])),
        ("HttpMethod", Column::Dimensions(&[Method])),
        ("TemplateUri", Column::Dimensions(&[Template])),
        ("Status200", Column::Count(0)),
        ("Status300", Column::Count(1)),
        ("Status400", Column::Count(2)),
        ("Status500", Column::Count(3)),
        ("Status429", Column::Count(4)),
    ],
    methods: &[
        "GET", "POST", "DELETE", "PATCH", "PUT", "HEAD", "CONNECT", "OPTIONS", "TRACE",
    ],
    filters: &[("oauthClientNames", ClientName), ("templateUris", Template)],
    sort_by: &[],
    ungrouped: Ungrouped::Metrics,
    platform_clients: false,
};

pub(crate) const ORGANIZATION_JOB: Model = Model {
    name: "OrganizationPublicApiUsageQueryRequest",
    members: &[
        "interval",
        "granularity",
        "groupBy",
        "metrics",
        "sortBy",
        "templateUris",
        "httpMethods",
        "platforms",
        "userIds",
        "oauthClientIds",
    ],
    group_by: &[
        ("OauthClientName", &[ClientName]),
        ("OauthClientId", &[ClientId]),
        ("UserId", &[User]),
        ("HttpMethod", &[Method]),
        ("TemplateUri", &[Template]),
        ("Platform", &[Platform]),
    ],
    metrics: &METRICS,
    methods: &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
    filters: &[
        ("templateUris", Template),
        ("platforms", Platform),
        ("userIds", User),
        ("oauthClientIds", ClientId),
    ],
    sort_by: &[
        ("date", SortField::Date),
        ("platform", SortField::Dimension(Platform)),
        ("httpMethod", SortField::Dimension(Method)),
        ("templateUri", SortField::Dimension(Template)),
        ("oauthClient.id", SortField::Dimension(ClientId)),
        ("oauthClient.name", SortField::Dimension(ClientName)),
        ("user.id", SortField::Dimension(User)),
        ("requestCount", SortField::Count(5)),
        ("status200", SortField::Count(0)),
        ("status300", SortField::Count(1)),
        ("status400", SortField::Count(2)),
        ("status429", SortField::Count(4)),
        ("status500", SortField::Count(3)),
    ],
    ungrouped: Ungrouped::Raw,
    platform_clients: true,
};

pub(crate) const CLIENT_JOB: Model = Model {
    name: "ClientPublicApiUsageQueryRequest",
    members: &[
        "interval",
        "granularity",
        "groupBy",
        "metrics",
        "sortBy",
        "templateUris",
        "httpMethods",
        "platforms",
        "organizationIds",
    ],
    group_by: &[
        ("OrganizationId", &[Organization]),
        ("HttpMethod", &[Method]),
        ("TemplateUri", &[Template]),
        ("Platform", &[Platform]),
    ],
    filters: &[
        ("templateUris", Template),
        ("platforms", Platform),
        ("organizationIds", Organization),
    ],
    sort_by: &[
        ("date", SortField::Date),
        ("platform", SortField::Dimension(Platform)),
        ("httpMethod", SortField::Dimension(Method)),
        ("templateUri", SortField::Dimension(Template)),
        ("organizationId", SortField::Dimension(Organization)),
        ("requestCount", SortField::Count(5)),
        ("status200", SortField::Count(0)),
        ("status300", SortField::Count(1)),
        ("status400", SortField::Count(2)),
        ("status429", SortField::Count(4)),
        ("status500", SortField::Count(3)),
    ],
    ..ORGANIZATION_JOB
};
