//! What the difference of a comparison is made of.

use super::model::{Client, Comparison};
use crate::text::{counted, grouped};

/// The sentences for people. `label` gives the name of a client.
pub(super) fn sentences(comparison: &Comparison, label: impl Fn(&Client) -> String) -> Vec<String> {
    let of = |what: &str, is_meant: fn(&Client) -> bool, why: &str| {
        let meant: Vec<_> = comparison
            .clients
            .iter()
            .filter(|client| is_meant(client))
            .collect();
        let difference: i128 = meant.iter().map(|client| client.difference).sum();
        let list = meant
            .iter()
            .map(|client| format!("{} ({})", label(client), signed(client.difference)));
        let list: Vec<_> = list.collect();
        let clients = counted(meant.len(), "client");
        (!meant.is_empty()).then(|| {
            format!(
                "{} by {clients} {what}: {}.{why}",
                signed(difference),
                list.join(", ")
            )
        })
    };
    let parts = [
        of(
            "that only the jobs count",
            |client| client.query.is_none(),
            " Genesys's own clients are only in the jobs, and they are not billed.",
        ),
        of("that only the query counts", |client| client.jobs.is_none(), ""),
        of(
            "that both count differently",
            |client| client.query.is_some() && client.jobs.is_some() && client.difference != 0,
            "",
        ),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let difference = comparison.total.difference;
    let first = match (parts.is_empty(), difference) {
        (true, _) => "Both sources count the same requests of each client.".to_owned(),
        (false, 0) => {
            "Both sources count the same number of requests, but not by the same clients:".to_owned()
        }
        (false, _) if difference > 0 => {
            format!(
                "The jobs count {} more than the query:",
                counted(difference, "request")
            )
        }
        (false, _) => format!(
            "The jobs count {} fewer than the query:",
            counted(-difference, "request")
        ),
    };
    std::iter::once(first).chain(parts).collect()
}

/// A number with its sign.
pub(super) fn signed(number: i128) -> String {
    let sign = if number > 0 { "+" } else { "" };
    format!("{sign}{}", grouped(number))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use usage_client::{Aggregation, Dimension};

    use super::*;
    use crate::{
        calendar::Period,
        testing::{batches, day},
    };

    fn sums(clients: &[(&str, i64)]) -> Aggregation {
        let rows = clients
            .iter()
            .map(|(id, requests)| json!({"clientId": id, "requests": requests}));
        let mut sums = Aggregation::by([Dimension::OAuthClientId]);
        for batch in batches(&rows.collect::<Vec<Value>>()) {
            sums.add_batch(&batch).unwrap();
        }
        sums
    }

    #[test]
    fn each_part_of_the_difference_has_a_sentence() {
        let period = Period {
            first: day("2026-10-01"),
            last: day("2026-10-31"),
        };
        let said = |query: &[(&str, i64)], jobs: &[(&str, i64)]| {
            let comparison = Comparison::new(period, sums(query), sums(jobs));
            sentences(&comparison, |client| client.client_id.clone())
        };
        assert_eq!(
            said(
                &[("a", 5), ("b", 1_000), ("c", 7)],
                &[("a", 5), ("b", 900), ("own", 2_000)]
            ),
            [
                "The jobs count 1,893 requests more than the query:",
                "+2,000 by 1 client that only the jobs count: own (+2,000). Genesys's own clients are only in the jobs, \
                 and they are not billed.",
                "-7 by 1 client that only the query counts: c (-7).",
                "-100 by 1 client that both count differently: b (-100).",
            ]
        );
        assert_eq!(
            said(&[("a", 5)], &[("a", 5)]),
            ["Both sources count the same requests of each client."]
        );
        assert_eq!(
            said(&[("a", 5)], &[("b", 5)])[0],
            "Both sources count the same number of requests, but not by the same clients:"
        );
        assert_eq!(
            said(&[("a", 5)], &[("a", 4)])[0],
            "The jobs count 1 request fewer than the query:"
        );
        assert_eq!(
            said(&[], &[]),
            ["Both sources count the same requests of each client."]
        );
    }
}
