//! The operations of the service, and which of them a path belongs to.

use http::Method;
use percent_encoding::percent_decode_str;

/// One operation.
pub(crate) struct Operation {
    pub(crate) method: Method,
    path: &'static str,
    pub(crate) family: Family,
    pub(crate) action: Action,
    /// The permissions. Any one of them is enough.
    pub(crate) permissions: &'static [&'static str],
}

/// Operations that share their models of requests and responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Query,
    Search,
    Jobs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Submit,
    /// Submits a query of the last days, without a body.
    Summary,
    Results,
}

const OF_CLIENT: [&str; 2] = ["oauth:client:view", "usage:client:view"];
const OF_ORGANIZATION: [&str; 2] = ["oauth:client:view", "usage:organization:view"];
const OF_SEARCH: [&str; 2] = ["oauth:client:view", "usage:simpleSearch:view"];

/// In a path, `{clientId}` stands for the OAuth client, and `{id}` for what was submitted.
static OPERATIONS: [Operation; 11] = [
    Operation {
        method: Method::POST,
        path: "/api/v2/usage/query",
        family: Family::Query,
        action: Action::Submit,
        permissions: &OF_ORGANIZATION,
    },
    Operation {
        method: Method::GET,
        path: "/api/v2/usage/query/{id}/results",
        family: Family::Query,
        action: Action::Results,
        permissions: &OF_ORGANIZATION,
    },
    Operation {
        method: Method::POST,
        path: "/api/v2/oauth/clients/{clientId}/usage/query",
        family: Family::Query,
        action: Action::Submit,
        permissions: &OF_CLIENT,
    },
    Operation {
        method: Method::GET,
        path: "/api/v2/oauth/clients/{clientId}/usage/query/results/{id}",
        family: Family::Query,
        action: Action::Results,
        permissions: &OF_CLIENT,
    },
    Operation {
        method: Method::GET,
        path: "/api/v2/oauth/clients/{clientId}/usage/summary",
        family: Family::Query,
        action: Action::Summary,
        permissions: &OF_CLIENT,
    },
    Operation {
        method: Method::POST,
        path: "/api/v2/usage/simplesearch",
        family: Family::Search,
        action: Action::Submit,
        permissions: &OF_SEARCH,
    },
    Operation {
        method: Method::GET,
        path: "/api/v2/usage/simplesearch/{id}/results",
        family: Family::Search,
        action: Action::Results,
        permissions: &OF_SEARCH,
    },
    Operation {
        method: Method::POST,
        path: "/api/v2/usage/aggregates/query/jobs",
        family: Family::Jobs,
        action: Action::Submit,
        permissions: &["usage:organization:view"],
    },
    Operation {
        method: Method::GET,
        path: "/api/v2/usage/aggregates/query/jobs/{id}",
        family: Family::Jobs,
        action: Action::Results,
        permissions: &["usage:organization:view"],
    },
    Operation {
        method: Method::POST,
        path: "/api/v2/usage/client/{clientId}/aggregates/query/jobs",
        family: Family::Jobs,
        action: Action::Submit,
        permissions: &["usage:client:view"],
    },
    Operation {
        method: Method::GET,
        path: "/api/v2/usage/client/{clientId}/aggregates/query/jobs/{id}",
        family: Family::Jobs,
        action: Action::Results,
        permissions: &["usage:client:view"],
    },
];

/// What the path of a request leads to.
pub(crate) struct Target {
    pub(crate) operation: &'static Operation,
    /// The OAuth client that the path names.
    pub(crate) client: Option<String>,
    /// The id that the path names. It is empty for a submit.
    pub(crate) id: String,
}

impl Target {
    /// The target of a path, which may have any method.
    pub(crate) fn of(path: &str) -> Option<Self> {
        OPERATIONS.iter().find_map(|operation| operation.matched(path))
    }

    /// The path to the results of what is submitted here.
    pub(crate) fn results_path(&self, id: &str) -> String {
        let client = self.client.as_deref().unwrap_or_default();
        let results = OPERATIONS.iter().find(|operation| {
            operation.family == self.operation.family
                && operation.action == Action::Results
                && operation.is_of_client() == self.client.is_some()
        });
        let path = results.expect("each submit has results").path;
        path.replace("{clientId}", client).replace("{id}", id)
    }
}

impl Operation {
    fn matched(&'static self, path: &str) -> Option<Target> {
        let mut target = Target {
            operation: self,
            client: None,
            id: String::new(),
        };
        let mut segments = path.split('/');
        for expected in self.path.split('/') {
            let segment = segments.next()?;
            let value = || percent_decode_str(segment).decode_utf8_lossy().into_owned();
            match expected {
                "{clientId}" | "{id}" if segment.is_empty() => return None,
                "{clientId}" => target.client = Some(value()),
                "{id}" => target.id = value(),
                _ if expected == segment => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(target)
    }

    fn is_of_client(&self) -> bool {
        self.path.contains("{clientId}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_leads_to_its_operation_alone() {
        for (number, operation) in OPERATIONS.iter().enumerate() {
            let path = operation.path.replace("{clientId}", "a%20b").replace("{id}", "c");
            let target = Target::of(&path).unwrap();
            assert!(
                std::ptr::eq(target.operation, &raw const OPERATIONS[number]),
                "{path}"
            );
            assert_eq!(target.client.is_some(), operation.is_of_client(), "{path}");
            assert!(target.client.is_none_or(|client| client == "a b"), "{path}");
            assert!(Target::of(&format!("{path}/")).is_none() && Target::of(&path[1..]).is_none());
        }
    }
}
