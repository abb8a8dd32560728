//! Compares the rows of a day with a second response of the service, which has one row for each client.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use usage_client::RowBatch;

use crate::{
    error::{Error, ErrorKind, Result},
    row::{client, counts, day},
    sums::{ByClient, Sums},
};

/// What the rows of each day and client must add up to.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Each client once, with its number.
    clients: BTreeMap<Box<str>, usize>,
    days: BTreeMap<NaiveDate, BTreeMap<usize, Sums>>,
}

impl Expected {
    /// Adds rows of the second response, which is grouped by day and client.
    ///
    /// # Errors
    ///
    /// [`Rows`](ErrorKind::Rows): a row has no date, or a date that is not the start of a day. Or a count is absent, and could be
    /// another number than 0. Or a sum exceeds 64 bits.
    pub fn add(&mut self, rows: &RowBatch) -> Result<()> {
        for row in rows {
            let day = day(&row)?;
            let counts = counts(&row, day)?;
            let client = row.client_id.unwrap_or_default();
            let number = match self.clients.get(client) {
                Some(number) => *number,
                None => {
                    let number = self.clients.len();
                    self.clients.insert(client.into(), number);
                    number
                }
            };
            let sums = self.days.entry(day).or_default().entry(number).or_default();
            if !sums.add(counts) {
                let message = format!("the counts of {day} have sums of more than 64 bits");
                return Err(Error::new(ErrorKind::Rows, message));
            }
        }
        Ok(())
    }

    /// Compares the sums of a day. A client without rows has the sums 0.
    ///
    /// # Errors
    ///
    /// [`Mismatch`](ErrorKind::Mismatch): a sum differs. The error names the day, the first client and metric that differ, and both
    /// numbers.
    pub fn compare(&self, day: NaiveDate, rows: &ByClient) -> Result<()> {
        let mut pairs: BTreeMap<&str, (Sums, Sums)> = BTreeMap::new();
        if let Some(expected) = self.days.get(&day) {
            for (client, number) in &self.clients {
                if let Some(sums) = expected.get(number) {
                    pairs.entry(client).or_default().0 = *sums;
                }
            }
        }
        for (client, sums) in rows.iter() {
            pairs.entry(client.unwrap_or_default()).or_default().1 = *sums;
        }
        let mut different = pairs.iter().filter(|(_, (expected, found))| expected != found);
        let Some((id, (expected, found))) = different.next() else {
            return Ok(());
        };
        let (metric, expected, found) = expected.difference(found).unwrap_or_default();
        let others = match different.count() {
            0 => String::new(),
            1 => ". Another client differs too".to_owned(),
            others => format!(". {others} other clients differ too"),
        };
        Err(Error::new(
            ErrorKind::Mismatch,
            format!(
                "the rows of {day} for the client {} have {found} `{metric}`, but the service says {expected} for the whole client\
                 {others}. Fetch the day again",
                client(Some(id)),
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use usage_client::RowRef;

    use super::*;

    const DAY: &str = "2026-11-24";

    fn day() -> NaiveDate {
        DAY.parse().unwrap()
    }

    fn rows(rows: &[(&str, i64, i64)]) -> RowBatch {
        let date = day().and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc());
        rows.iter()
            .map(|(client, good, bad)| {
                let counts = [*good, 0, 0, *bad, 0, good + bad];
                RowRef::from_parts([Some(*client); RowRef::TEXTS], counts.map(Some), date)
            })
            .collect()
    }

    fn expected(of: &[(&str, i64, i64)]) -> Expected {
        let mut expected = Expected::default();
        expected.add(&rows(of)).unwrap();
        expected
    }

    fn by_client(of: &[(&str, i64, i64)]) -> ByClient {
        let mut by_client = ByClient::default();
        for (client, good, bad) in of {
            by_client.add_client(Some(client).filter(|client| !client.is_empty()).copied());
            assert!(by_client.add([*good, 0, 0, *bad, 0, good + bad]));
        }
        by_client
    }

    #[test]
    fn rows_with_the_same_sums_by_client_agree() {
        let expected = expected(&[
            ("b", 1, 2),
            ("", 3, 0),
            ("a", 4, 0),
            ("a", 1, 0),
            ("silent", 0, 0),
        ]);
        expected
            .compare(day(), &by_client(&[("", 3, 0), ("a", 5, 0), ("b", 1, 2)]))
            .unwrap();
        expected
            .compare("2026-11-25".parse().unwrap(), &ByClient::default())
            .unwrap();
    }

    #[test]
    fn a_difference_names_the_day_the_client_the_metric_and_both_numbers() {
        let expected = expected(&[("a", 5, 0), ("b", 1, 2), ("c", 1, 0)]);
        for (found, parts) in [
            (
                &[("a", 5, 0), ("b", 1, 9), ("c", 1, 0)][..],
                ["b", "status_500", "9", "2"],
            ),
            (&[("a", 5, 0), ("c", 1, 0)], ["b", "status_200", "0", "1"]),
            (
                &[("a", 5, 0), ("b", 1, 2), ("c", 1, 0), ("d", 7, 0)],
                ["d", "status_200", "7", "0"],
            ),
            (
                &[("", 8, 0), ("a", 5, 0), ("b", 1, 2), ("c", 1, 0)],
                ["(none)", "status_200", "8", "0"],
            ),
            (&[], ["a", "2 other clients", "0", "5"]),
        ] {
            let error = expected.compare(day(), &by_client(found)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Mismatch);
            for part in parts.iter().chain(&[DAY]) {
                assert!(error.to_string().contains(part), "{error} has no {part}");
            }
        }
    }

    #[test]
    fn sums_of_another_day_do_not_count() {
        let error =
            expected(&[("a", 5, 0)]).compare("2026-11-23".parse().unwrap(), &by_client(&[("a", 5, 0)]));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Mismatch);
    }
}
