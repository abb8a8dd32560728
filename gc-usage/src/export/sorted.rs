//! Sorts rows.

use std::cmp::Ordering;

use usage_client::{Metric, RowRef};

use super::{
    row_buffer::{BufferedRow, RowBuffer},
    sort_key::SortKey,
};
use crate::{error::CliError, text::counted};

/// The memory for sorted rows, enough for about two million.
const MOST_BYTES: usize = 256 << 20;

/// Rows that are kept for sorting. With a top, it keeps at most about twice as many rows.
pub(crate) struct Sorted {
    rows: RowBuffer,
    keys: Vec<SortKey>,
    top: Option<usize>,
    seen: u64,
    most_bytes: usize,
}

impl Sorted {
    /// Sorts by the first key, then by the next if rows are equal.
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
                // Half of the memory must be free. Otherwise sorting after each further row would take too long.
                if self.rows.bytes() <= self.most_bytes / 2 {
                    return Ok(());
                }
                "a smaller --top"
            }
            None => "--top 1000",
        };
        Err(CliError::local(format!(
            "{rows} are too many to sort: they take more than {} MiB of memory",
            self.most_bytes >> 20
        ))
        .with_hint(format!(
            "use {way}, a shorter period, or --format csv without --sort, which writes any number of rows"
        )))
    }

    /// The sorted rows, and how many there were before the top was selected.
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

/// Sorts by these keys, then by all properties, so that the order does not depend on the order of the service.
pub(crate) fn sort(rows: &mut RowBuffer, keys: &[SortKey]) {
    rows.sort(|one, other| {
        let by_key = |order: Ordering, key: &SortKey| order.then_with(|| key.compare(&one.1, &other.1));
        let by_keys = keys.iter().fold(Ordering::Equal, by_key);
        by_keys.then_with(|| tie_break(one, other))
    });
}

/// The order for people: by day, and the most requests first.
pub(crate) const FOR_PEOPLE: [SortKey; 7] = [
    SortKey::Date,
    SortKey::Count(Metric::Requests),
    // For queries without requests, by the other metrics.
    SortKey::Count(Metric::Status200),
    SortKey::Count(Metric::Status300),
    SortKey::Count(Metric::Status400),
    SortKey::Count(Metric::Status429),
    SortKey::Count(Metric::Status500),
];

/// Compares by name, id and the other texts, then by all properties, so that only identical rows are equal.
fn tie_break((profile, one): &BufferedRow<'_>, (other_profile, other): &BufferedRow<'_>) -> Ordering {
    texts_of(*profile, one)
        .cmp(&texts_of(*other_profile, other))
        .then_with(|| {
            FOR_PEOPLE.iter().fold(Ordering::Equal, |order, key| {
                order.then_with(|| key.compare(one, other))
            })
        })
        .then_with(|| (one.texts(), one.counts()).cmp(&(other.texts(), other.counts())))
}

fn texts_of<'a>(profile: Option<&'a str>, row: &RowRef<'a>) -> [Option<&'a str>; 8] {
    [
        row.client_name,
        row.client_id,
        profile,
        row.template_uri,
        row.http_method,
        row.user_id,
        row.organization_id,
        row.platform,
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use usage_client::ApiUsageRow;

    use super::*;
    use crate::testing::row as row_of;

    fn sorted(keys: &[SortKey], top: Option<u32>, rows: &[Value]) -> (Vec<ApiUsageRow>, u64) {
        let mut sorted = Sorted::new(keys.to_vec(), top);
        for row in rows {
            sorted.add(None, &RowRef::from(&row_of(row))).unwrap();
        }
        let (rows, seen) = sorted.into_rows();
        (rows.iter().map(|(_, row)| row.to_row()).collect(), seen)
    }

    #[test]
    fn the_order_of_rows_does_not_depend_on_the_service() {
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
    fn too_many_rows_for_memory_are_refused_with_a_hint() {
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
        // A top keeps fewer rows.
        let mut top = Sorted::new(vec![SortKey::Count(Metric::Requests)], Some(10));
        top.most_bytes = 200_000;
        (0..10_000).for_each(|_| top.add(None, &row).unwrap());
    }

    #[test]
    fn a_top_of_rows_with_long_names_keeps_few() {
        let add = |top: u32| {
            let mut sorted = Sorted::new(vec![SortKey::Count(Metric::Requests)], Some(top));
            sorted.most_bytes = 1_000_000;
            let names = (0..300).map(|number| format!("{number:010000}"));
            let outcome = names.zip(0..).try_for_each(|(name, requests)| {
                let row = json!({"clientName": name, "requests": requests});
                sorted.add(None, &RowRef::from(&row_of(&row)))
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
