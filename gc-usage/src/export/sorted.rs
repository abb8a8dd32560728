//! Rows in order.

use std::cmp::Ordering;

use usage_client::{Metric, RowRef};

use super::{
    row_buffer::{BufferedRow, RowBuffer},
    sort_key::SortKey,
};
use crate::{error::CliError, text::counted};

/// What rows that are sorted may take in memory: about two million of them.
const MOST_BYTES: usize = 256 << 20;

/// Rows that are kept to be sorted. Of a top, no more than twice as many.
pub(crate) struct Sorted {
    rows: RowBuffer,
    keys: Vec<SortKey>,
    top: Option<usize>,
    seen: u64,
    most_bytes: usize,
}

impl Sorted {
    /// By the first key; those that are equal in it by the next.
    pub(crate) fn new(keys: Vec<SortKey>, top: Option<u32>) -> Self {
        Self {
            rows: RowBuffer::default(),
            keys,
            top: top.map(|top| top as usize),
            seen: 0,
            most_bytes: MOST_BYTES,
        }
    }

    pub(crate) fn add(&mut self, profile: Option<&str>, row: &RowRef<'_>) -> Result<(), CliError> {
        self.seen += 1;
        self.rows.add(profile, row);
        if let Some(top) = self.top
            && self.rows.len() >= 2 * top.max(512)
        {
            self.cut(top);
        }
        if self.rows.bytes() <= self.most_bytes {
            return Ok(());
        }
        let rows = counted(self.rows.len(), "row");
        let way = match self.top {
            Some(top) => {
                if self.rows.len() > top {
                    self.cut(top);
                }
                // Half of the memory must be free again: to sort after each further row would take too long.
                if self.rows.bytes() <= self.most_bytes / 2 {
                    return Ok(());
                }
                "a smaller --top keeps fewer"
            }
            None => "--top 1000 keeps only so many",
        };
        Err(CliError::local(format!(
            "{rows} are too many to sort: they take more than {} MiB of memory",
            self.most_bytes >> 20
        ))
        .with_hint(format!(
            "{way}, a shorter period has fewer, and --format csv without --sort writes any number"
        )))
    }

    /// The rows in order, and how many there were before a top was taken.
    pub(crate) fn into_rows(mut self) -> (RowBuffer, u64) {
        match self.top {
            Some(top) => self.cut(top),
            None => sort(&mut self.rows, &self.keys),
        }
        (self.rows, self.seen)
    }

    fn cut(&mut self, top: usize) {
        sort(&mut self.rows, &self.keys);
        self.rows.truncate(top);
    }
}

/// Sorts by these keys, and rows that are equal by all that they have, so that the same rows are in the same order
/// however the service sends them.
pub(crate) fn sort(rows: &mut RowBuffer, keys: &[SortKey]) {
    rows.sort(|one, other| {
        let by_key = |order: Ordering, key: &SortKey| order.then_with(|| key.compare(&one.1, &other.1));
        let by_keys = keys.iter().fold(Ordering::Equal, by_key);
        by_keys.then_with(|| otherwise(one, other))
    });
}

/// As a person reads a table: day by day, and the busiest first.
pub(crate) const FOR_PEOPLE: [SortKey; 7] = [
    SortKey::Date,
    SortKey::Count(Metric::Requests),
    // Where requests were not asked for, by what was.
    SortKey::Count(Metric::Status200),
    SortKey::Count(Metric::Status300),
    SortKey::Count(Metric::Status400),
    SortKey::Count(Metric::Status429),
    SortKey::Count(Metric::Status500),
];

/// By name, then id, and so on; at last by all that there is, so that no two rows are equal that can be told apart.
fn otherwise((profile, one): &BufferedRow<'_>, (other_profile, other): &BufferedRow<'_>) -> Ordering {
    texts_of(*profile, one)
        .cmp(&texts_of(*other_profile, other))
        .then_with(|| {
            FOR_PEOPLE.iter().fold(Ordering::Equal, |order, key| {
                order.then_with(|| key.compare(one, other))
            })
        })
        .then_with(|| (one.texts(), one.counts()).cmp(&(other.texts(), other.counts())))
}

fn texts_of<'a>(profile: Option<&'a str>, row: &RowRef<'a>) -> [Option<&'a str>; 7] {
    [
        row.client_name,
        row.client_id,
        profile,
        row.template_uri,
        row.http_method,
        row.user_id,
        row.organization_id,
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use usage_client::ApiUsageRow;

    use super::*;

    fn sorted(keys: &[SortKey], top: Option<u32>, rows: &[Value]) -> (Vec<ApiUsageRow>, u64) {
        let mut sorted = Sorted::new(keys.to_vec(), top);
        for row in rows {
            let row: ApiUsageRow = serde_json::from_value(row.clone()).unwrap();
            sorted.add(None, &RowRef::from(&row)).unwrap();
        }
        let (rows, seen) = sorted.into_rows();
        (rows.iter().map(|(_, row)| row.to_row()).collect(), seen)
    }

    #[test]
    fn rows_are_in_the_same_order_however_they_come() {
        let mut rows = Vec::new();
        for name in ["b", "a"] {
            for uri in ["y", "x"] {
                for (id, requests) in [("2", 7), ("1", 7), ("3", 9)] {
                    rows.push(
                        json!({"clientName": name, "clientId": id, "templateUri": uri, "requests": requests}),
                    );
                }
            }
        }
        for keys in [
            &[SortKey::Count(Metric::Requests)][..],
            &FOR_PEOPLE,
            &[SortKey::TemplateUri, SortKey::Count(Metric::Requests)],
        ] {
            let first = sorted(keys, None, &rows).0;
            rows.reverse();
            assert_eq!(sorted(keys, None, &rows).0, first);
            rows.swap(1, 7);
            assert_eq!(sorted(keys, None, &rows).0, first);
        }
        let (first, _) = sorted(&[SortKey::Count(Metric::Requests)], Some(4), &rows);
        let first: Vec<_> = first
            .iter()
            .map(|row| (row.client_name.as_deref(), row.template_uri.as_deref()))
            .collect();
        assert_eq!(
            first,
            [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")].map(|(name, uri)| (Some(name), Some(uri)))
        );
        let (two_keys, _) = sorted(
            &[SortKey::TemplateUri, SortKey::Count(Metric::Requests)],
            Some(3),
            &rows,
        );
        let two_keys: Vec<_> = two_keys.iter().map(|row| row.requests).collect();
        assert_eq!(two_keys, [Some(9), Some(9), Some(7)]);
    }

    #[test]
    fn more_than_fit_into_memory_are_refused_and_the_way_out_is_named() {
        let mut sorted = Sorted::new(vec![SortKey::Count(Metric::Requests)], None);
        sorted.most_bytes = 100_000;
        let row = RowRef::default();
        let refused = (0..10_000).find_map(|_| sorted.add(None, &row).err()).unwrap();
        let text = refused.to_string();
        assert!(
            text.contains(" rows are too many to sort")
                && text.contains("--top")
                && text.contains("--format csv"),
            "{text}"
        );
        // A top never keeps so many.
        let mut top = Sorted::new(vec![SortKey::Count(Metric::Requests)], Some(10));
        top.most_bytes = 200_000;
        (0..10_000).for_each(|_| top.add(None, &row).unwrap());
    }

    #[test]
    fn a_top_of_rows_with_large_names_keeps_few() {
        let add = |top: u32| {
            let mut sorted = Sorted::new(vec![SortKey::Count(Metric::Requests)], Some(top));
            sorted.most_bytes = 1_000_000;
            let names = (0..300).map(|number| format!("{number:010000}"));
            let outcome = names.zip(0..).try_for_each(|(name, requests)| {
                let row = json!({"clientName": name, "requests": requests});
                let row: ApiUsageRow = serde_json::from_value(row).unwrap();
                sorted.add(None, &RowRef::from(&row))
            });
            outcome.map(|()| sorted.into_rows().0.len())
        };
        assert_eq!(add(5).unwrap(), 5);
        let refused = add(90).unwrap_err().to_string();
        assert!(refused.contains("a smaller --top"), "{refused}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_top_is_the_beginning_of_all_sorted(counts in proptest::collection::vec(proptest::option::of(0_i64..50), 0..1_500), top in 1_u32..40) {
            let rows = counts.iter().enumerate();
            let rows: Vec<_> = rows
                .map(|(place, requests)| json!({"clientId": place.to_string(), "requests": requests}))
                .collect();
            let (mut all, seen) = sorted(&[SortKey::Count(Metric::Requests)], None, &rows);
            all.truncate(top as usize);
            prop_assert_eq!(sorted(&[SortKey::Count(Metric::Requests)], Some(top), &rows), (all, seen));
        }
    }
}
