//! Reports of different rows.

use serde_json::{Value, json};

use super::*;
use crate::{
    allotment::Allotment,
    calendar::Period,
    screen::Screen,
    testing::{batches, day, screen},
};

fn period(first: &str, last: &str) -> Period {
    Period {
        first: day(first),
        last: day(last),
    }
}

/// The report of a response with these rows.
fn report_of(period: Period, yesterday: &str, rows: Vec<Value>) -> Report {
    let mut builder = ReportBuilder::new(
        period,
        needed_interval(period, true, true, day(yesterday)).unwrap(),
    );
    batches(&rows)
        .iter()
        .for_each(|batch| builder.add(batch).unwrap());
    builder.report(Some(1_500.into()))
}

/// The report of rows of `(date, client, endpoint, requests, status400, status429)`.
fn report(period: Period, yesterday: &str, rows: &[(&str, &str, &str, i64, i64, i64)]) -> Report {
    let rows = rows
        .iter()
        .map(|(date, client, endpoint, requests, status400, status429)| {
            json!({
                "date": format!("{date}T00:00:00Z"),
                "clientId": client,
                "clientName": "",
                "templateUri": endpoint,
                "requests": requests,
                "status400": status400,
                "status429": status429,
            })
        });
    report_of(period, yesterday, rows.collect())
}

fn page(report: &Report, top: usize) -> String {
    page_on(report, top, &screen(None, true))
}

fn page_on(report: &Report, top: usize, screen: &Screen) -> String {
    let mut page = Vec::new();
    text(&mut page, report, top, screen).unwrap();
    String::from_utf8(page).unwrap()
}

fn markdown_page(report: &Report) -> String {
    let mut page = Vec::new();
    markdown(&mut page, report, 10).unwrap();
    String::from_utf8(page).unwrap()
}

fn labels(report: &Report) -> Vec<String> {
    report.clients.active().map(|one| one.label()).collect()
}

#[test]
fn rows_are_summed_up_by_period_client_and_endpoint() {
    let period = period("2026-02-10", "2026-02-11");
    let yesterday = "2026-02-12";
    assert_eq!(
        needed_interval(period, true, true, day(yesterday))
            .unwrap()
            .to_string(),
        "2026-01-16/2026-02-12"
    );
    let without_month = needed_interval(period, true, false, day(yesterday)).unwrap();
    assert_eq!(without_month.to_string(), "2026-02-08/2026-02-11");
    let report = report(
        period,
        yesterday,
        &[
            ("2026-02-10", "a", "x", 100, 10, 5),
            ("2026-02-11", "a", "x", 50, 0, 0),
            ("2026-02-11", "b", "y", 70, 3, 3),
            // The previous period, and days that only the month needs.
            ("2026-02-09", "a", "x", 30, 0, 0),
            ("2026-02-01", "b", "x", 1_000, 0, 0),
            ("2026-02-12", "b", "x", 1, 0, 0),
            ("2026-01-31", "a", "x", 5_000, 0, 0),
            // Outside the interval of the query.
            ("2025-02-10", "c", "z", 9, 9, 9),
        ],
    );
    let totals = &report.totals;
    assert_eq!((totals.requests, totals.errors(), totals.status429), (220, 13, 8));
    assert_eq!(report.totals_before.requests, 30);
    let days: Vec<_> = report.days.iter().map(|day| day.counts.requests).collect();
    assert_eq!(days, [100, 120]);
    let clients = report.clients.active();
    let clients: Vec<_> = clients.map(|one| (one.label(), one.requests_before())).collect();
    assert_eq!(clients, [("a".to_owned(), 30), ("b".to_owned(), 0)]);
    assert_eq!(report.endpoints.active().next().unwrap().id(), "x");
    let pair = report.pairs.rate_limited().next().unwrap();
    assert_eq!(
        (
            report.pairs.rate_limited().len(),
            pair.counts.status429,
            pair.counts.requests
        ),
        (2, 5, 150)
    );
    assert_eq!(pair.limited, Some((day("2026-02-10"), day("2026-02-10"))));
    let days_of_a = report.days_of(report.client(pair)).unwrap();
    assert_eq!(
        days_of_a.iter().map(|day| day.requests).collect::<Vec<_>>(),
        [100, 50]
    );
    // The month includes all days that are known, in the period or not.
    let month = report.month.as_ref().unwrap();
    assert_eq!(
        (month.requests, month.until, month.days_left),
        (1_251, day(yesterday), 16)
    );
    let month_clients = report.clients.by(|one| one.requests_of_month());
    let month_clients: Vec<_> = month_clients.map(|(one, count)| (one.id(), count)).collect();
    assert_eq!(month_clients, [("b", 1_071), ("a", 180)]);
}

#[test]
fn periods_of_different_lengths_are_compared_by_day() {
    // 310 requests in 31 days are as many per day as 290 in 29 days.
    let rows = [
        ("2024-03-05", "same", "x", 310, 0, 0),
        ("2024-02-05", "same", "x", 290, 0, 0),
        // More in total, but fewer per day.
        ("2024-03-06", "less", "y", 300, 0, 0),
        ("2024-02-06", "less", "y", 290, 0, 0),
    ];
    let report = report(period("2024-03-01", "2024-03-31"), "2024-03-31", &rows);
    let changes = report.clients.active();
    let changes: Vec<_> = changes
        .map(|one| report.change(one.counts().requests, one.requests_before()))
        .collect();
    assert_eq!(changes, ["same", "-3.23 %"]);
    let text = page(&report, 10);
    assert!(
        text.contains("31 UTC days; change per day compared with 2024-02-01 to 2024-02-29 (29 UTC days)\n"),
        "{text}"
    );
    assert!(text.contains("share change per day   errors"), "{text}");
    assert!(markdown_page(&report).contains("| Share | Change per day | Errors |"));
    // With as many days, the change is of the total.
    let even = self::report(period("2024-03-05", "2024-03-05"), "2024-03-31", &rows);
    assert!(page(&even, 10).contains("1 UTC day; change compared with 2024-03-04 to 2024-03-04\n"));
}

#[test]
fn new_and_inactive_clients_and_endpoints_are_listed() {
    let report = report(
        period("2026-02-10", "2026-02-10"),
        "2026-02-12",
        &[
            ("2026-02-10", "stays", "x", 9, 0, 0),
            ("2026-02-09", "stays", "x", 9, 0, 0),
            ("2026-02-10", "came", "new/*", 1, 0, 0),
            ("2026-02-09", "left", "old", 7, 0, 0),
            ("2026-02-09", "went", "x", 8_000, 0, 0),
            // A row without a request.
            ("2026-02-10", "went", "x", 0, 0, 0),
        ],
    );
    let text = page(&report, 10);
    assert!(
        text.contains("new: came (1)\nno longer active: went (8,000 before), left (7 before)\n"),
        "{text}"
    );
    assert!(
        text.contains("new: new/* (1)\nno longer active: old (7 before)\n"),
        "{text}"
    );
    assert!(page(&report, 1).contains("no longer active: went (8,000 before) and 1 more\n"));
    let markdown = markdown_page(&report);
    assert!(
        markdown.contains("- new: new/\\* (1)\n- no longer active: old (7 before)\n"),
        "{markdown}"
    );
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["clientsGone"][0]["clientId"], "went");
    assert_eq!(json["clientsGone"][0]["requestsBefore"], 8_000);
    assert_eq!(json["endpointsGone"][0]["name"], "old");
    assert_eq!(json["clients"].as_array().unwrap().len(), 2);
}

#[test]
fn without_previous_data_no_client_is_new() {
    let rows = [("2026-02-10", "a", "x", 9, 0, 0)];
    let text = page(
        &report(period("2026-02-10", "2026-02-10"), "2026-02-12", &rows),
        10,
    );
    assert!(!text.contains("new: "), "{text}");
}

#[test]
fn the_page_does_not_depend_on_the_order_of_rows() {
    let mut rows = Vec::new();
    for (id, name) in [("3", "Same"), ("1", "Same"), ("2", "Other"), ("4", "")] {
        for date in ["2026-02-09", "2026-02-10"] {
            for uri in ["b", "a"] {
                // The client was renamed.
                let name = if name == "Other" && date == "2026-02-09" {
                    "Older"
                } else {
                    name
                };
                rows.push(
                    json!({"clientId": id, "clientName": name, "templateUri": uri, "requests": 5,
                    "status429": 1, "date": format!("{date}T00:00:00Z")}),
                );
            }
        }
    }
    let of = |rows: Vec<Value>| report_of(period("2026-02-09", "2026-02-10"), "2026-02-12", rows);
    let first = of(rows.clone());
    assert_eq!(labels(&first), ["4", "Other", "Same (1)", "Same (3)"]);
    let json = |report: &Report| serde_json::to_string(report).unwrap();
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..20 {
        random.shuffle(&mut rows);
        let other = of(rows.clone());
        assert_eq!(page(&other, 10), page(&first, 10));
        assert_eq!(markdown_page(&other), markdown_page(&first));
        assert_eq!(json(&other), json(&first));
    }
}

#[test]
fn null_and_empty_names_are_one_line() {
    let row = |id: Value, requests: i64| json!({"clientId": id, "clientName": id, "templateUri": id, "requests": requests, "date": "2026-02-10T00:00:00Z"});
    let rows = vec![row(Value::Null, 7), row(json!(""), 70)];
    let report = report_of(period("2026-02-10", "2026-02-10"), "2026-02-12", rows);
    assert_eq!(labels(&report), ["(none)"]);
    let page = page(&report, 10);
    let lines: Vec<_> = page.lines().filter(|line| line.starts_with("(none)  ")).collect();
    assert!(
        lines.len() == 2 && lines.iter().all(|line| line.contains(" 77  100.0 %")),
        "{page}"
    );
}

#[test]
fn json_has_names_unchanged_and_pages_escape_them() {
    let name = "tab\there\u{1b}[31m\u{202e}";
    let row = json!({"clientId": "1", "clientName": name, "templateUri": "x\u{200b}", "requests": 7,
        "status429": 1, "date": "2026-02-10T00:00:00Z"});
    let mut report = report_of(period("2026-02-10", "2026-02-10"), "2026-02-12", vec![row]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["clients"][0]["name"], name);
    assert_eq!(json["rateLimited"][0]["client"], name);
    assert_eq!(json["endpoints"][0]["name"], "x\u{200b}");
    report.profile = Some("p\u{202e}".to_owned());
    for page in [page(&report, 10), markdown_page(&report)] {
        assert!(!page.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\t']), "{page}");
        assert!(page.contains("tab here"), "{page}");
    }
}

#[test]
fn an_allotment_of_licences_shows_its_formula() {
    let mut report = report(
        period("2026-02-10", "2026-02-10"),
        "2026-02-28",
        &[("2026-02-10", "a", "x", 1, 0, 0)],
    );
    report.month.as_mut().unwrap().allotment = Some(Allotment {
        requests: 21_200_000,
        licences: vec![(120, 140_000), (40, 110_000)],
    });
    let expected =
        "1 request until 2026-02-28: <0.01 % of the 21,200,000 included (120 × 140,000 + 40 × 110,000)\n";
    for page in [page(&report, 10), markdown_page(&report)] {
        assert!(page.contains(expected), "{page}");
    }
}

#[test]
fn a_period_without_rows_has_no_shares() {
    let report = report(period("2026-02-10", "2026-02-10"), "2026-02-28", &[]);
    for page in [page(&report, 10), markdown_page(&report)] {
        assert!(
            !page.contains("NaN") && page.contains("0 requests until 2026-02-28: 0 % of the 1,500"),
            "{page}"
        );
    }
}

#[test]
fn too_many_clients_and_endpoints_are_refused_with_a_hint() {
    let period = period("2026-02-10", "2026-02-10");
    let mut builder = ReportBuilder::new(
        period,
        needed_interval(period, false, true, day("2026-02-12")).unwrap(),
    );
    builder.limit_bytes(10_000);
    let rows = (0..1_000).map(|place| {
        json!({"clientId": format!("client {place}"), "templateUri": "x", "requests": 1, "date": "2026-02-10T00:00:00Z"})
    });
    let refused = batches(&rows.collect::<Vec<_>>())
        .iter()
        .try_for_each(|batch| builder.add(batch))
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains(" clients with 1 endpoint are too many to sum up") && refused.contains("--last 1d"),
        "{refused}"
    );
}

#[test]
fn a_page_is_no_wider_than_the_screen_and_breaks_no_word() {
    let endpoint = "api/v2/conversations/messages/{conversationId}/communications/{communicationId}/messages";
    let client = "The client with the long name of the other department";
    let report = report(
        period("2026-01-01", "2026-03-31"),
        "2026-03-31",
        &[
            ("2026-01-10", client, endpoint, 1_234_567, 999_999, 99_999),
            ("2025-12-31", "gone", "y", 70, 3, 3),
            ("2026-03-11", "b\u{1b}[31m", "y", 70, 3, 3),
        ],
    );
    for width in [40, 52, 60, 80, 100, 200] {
        let unicode = width != 60;
        let page = page_on(&report, 10, &screen(Some(width), unicode));
        for line in page.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(!page.contains('\u{1b}') && (unicode || page.is_ascii()), "{page}");
        for part in endpoint.split('/').chain(client.split(' ')) {
            assert!(page.contains(part), "{width}: {part} is broken in\n{page}");
        }
    }
    let piped = page(&report, 10);
    assert!(piped.contains(&format!("\n{endpoint} 1,234,567")), "{piped}");
}
