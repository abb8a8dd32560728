//! Pages stay small, also those of large organizations.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::fixtures::{Row, page, report};

const KIB: usize = 1024;
const MOST_ELEMENTS: usize = 45_000;

/// The bytes of a page, those of the compressed page, and its elements.
fn measured(page: &str) -> (usize, usize, usize) {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(page.as_bytes()).unwrap();
    let elements = page
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0] == b'<' && pair[1].is_ascii_lowercase());
    (page.len(), packed.finish().unwrap().len(), elements.count())
}

/// Rows of each day, of these many clients. Each calls as many endpoints a day, and others on the next day if `all`.
fn rows(days: usize, clients: usize, endpoints: usize, a_day: usize, all: bool) -> Vec<Row> {
    let first = crate::testing::day("2024-01-01");
    let mut random = fastrand::Rng::with_seed(5);
    let mut rows = Vec::new();
    for (day, date) in first.iter_days().take(days).enumerate() {
        let date = date.to_string();
        for client in 0..clients {
            for call in 0..a_day {
                let endpoint = (usize::from(all) * day * a_day + call + client * 7) % endpoints;
                let uri = format!("api/v2/analytics/conversations/{endpoint}/details/query/{{id}}");
                let id = format!("242c00c7-750e-4fdb-9127-{client:012}");
                let requests = random.i64(1..50_000);
                rows.push(
                    Row::new(&date, &id, &format!("Integration {client}"), &uri, requests)
                        .limited(requests / 9),
                );
            }
        }
    }
    rows
}

#[test]
fn a_month_is_below_300_kib() {
    let rows = rows(31, 8, 28, 5, false);
    let (bytes, _, elements) = measured(&page(report(
        ("2024-01-01", "2024-01-31"),
        "2024-01-31",
        &rows,
        Some(9),
    )));
    assert!(
        bytes <= 300 * KIB && elements < MOST_ELEMENTS,
        "{bytes} bytes, {elements} elements"
    );
}

#[test]
fn large_organizations_are_below_2_mib() {
    for (period, rows) in [
        (("2024-01-01", "2024-12-31"), rows(366, 50, 200, 4, true)),
        (("2024-01-01", "2024-01-31"), rows(31, 500, 400, 7, true)),
    ] {
        let (bytes, packed, elements) = measured(&page(report(period, period.1, &rows, Some(9))));
        assert!(
            bytes <= 2 * 1024 * KIB && packed <= 250 * KIB && elements <= MOST_ELEMENTS,
            "{bytes} bytes, {packed} packed, {elements} elements"
        );
    }
}
