//! The data of a comparison.

use std::{cmp::Reverse, collections::BTreeMap};

use serde::Serialize;
use usage_client::{Aggregation, Group};

use crate::calendar::Period;

/// The requests of one client.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Client {
    pub(super) client_id: String,
    pub(super) client_name: String,
    /// `None` if this family has no row of the client.
    pub(super) query: Option<i64>,
    pub(super) jobs: Option<i64>,
    /// How many more the jobs count.
    pub(super) difference: i128,
}

/// Both families side by side.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Comparison {
    pub(super) period: Period,
    /// Most requests first.
    pub(super) clients: Vec<Client>,
    pub(super) total: Total,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Total {
    pub(super) query: i128,
    pub(super) jobs: i128,
    pub(super) difference: i128,
}

impl Comparison {
    /// Compares rows that were summed up by client.
    pub(crate) fn new(period: Period, query: Aggregation, jobs: Aggregation) -> Self {
        let mut both: BTreeMap<String, (String, [Option<i64>; 2])> = BTreeMap::new();
        for (family, sums) in [query, jobs].into_iter().enumerate() {
            for Group {
                client_id,
                client_name,
                totals,
                ..
            } in sums.into_groups()
            {
                let (name, counts) = both.entry(client_id.unwrap_or_default()).or_default();
                if name.is_empty() {
                    *name = client_name.unwrap_or_default();
                }
                counts[family] = Some(totals.requests.unwrap_or(0));
            }
        }
        let clients = both
            .into_iter()
            .map(|(client_id, (client_name, [query, jobs]))| Client {
                client_id,
                client_name,
                query,
                jobs,
                difference: count(jobs) - count(query),
            });
        let mut clients: Vec<_> = clients.collect();
        clients.sort_by_key(|client| Reverse(client.jobs.max(client.query)));
        let sum = |of: fn(&Client) -> Option<i64>| clients.iter().map(|client| count(of(client))).sum();
        let (query, jobs): (i128, i128) = (sum(|client| client.query), sum(|client| client.jobs));
        let total = Total {
            query,
            jobs,
            difference: jobs - query,
        };
        Self {
            period,
            clients,
            total,
        }
    }
}

fn count(count: Option<i64>) -> i128 {
    count.map_or(0, i128::from)
}
