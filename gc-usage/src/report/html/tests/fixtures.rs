//! Reports to make pages of.

use serde_json::{Value, json};

use super::super::html;
use crate::{
    calendar::Period,
    report::{
        about::About,
        model::{Entry, Failed, Report},
        {ReportBuilder, needed_interval},
    },
    testing::{batches, day},
};

#[derive(Clone)]
pub(super) struct Row(pub(super) Value);

impl Row {
    pub(super) fn new(date: &str, client: &str, name: &str, endpoint: &str, requests: i64) -> Self {
        Self(json!({
            "date": format!("{date}T00:00:00Z"), "clientId": client, "clientName": name, "templateUri": endpoint,
            "requests": requests, "status200": requests, "status300": 0, "status400": 0, "status429": 0, "status500": 0,
        }))
    }

    /// So many of its requests were rate limited.
    pub(super) fn limited(mut self, count: i64) -> Self {
        let requests = self.0["requests"].as_i64().unwrap();
        self.0["status200"] = json!(requests - count);
        (self.0["status400"], self.0["status429"]) = (json!(count), json!(count));
        self
    }
}

pub(super) fn report(
    (first, last): (&str, &str),
    yesterday: &str,
    rows: &[Row],
    allotment: Option<u64>,
) -> Report {
    let period = Period {
        first: day(first),
        last: day(last),
    };
    let needed = needed_interval(period, true, true, day(yesterday)).unwrap();
    let mut builder = ReportBuilder::new(period, needed);
    let rows: Vec<_> = rows.iter().map(|row| row.0.clone()).collect();
    batches(&rows)
        .iter()
        .for_each(|batch| builder.add(batch).unwrap());
    builder.report(allotment.map(Into::into))
}

/// A month under way.
pub(super) fn running() -> Report {
    let rows = day("2024-02-01").iter_days().take(50).map(|date| {
        let requests = 1_000 + i64::from(date.to_string().bytes().last().unwrap()) * 10;
        Row::new(&date.to_string(), "a", "Data Lake", "api/v2/users", requests)
    });
    let rows: Vec<_> = rows.collect();
    let mut report = report(("2024-03-01", "2024-03-21"), "2024-03-21", &rows, Some(45_000));
    report.price_per_request = Some(0.002);
    report
}

/// A page whose names try to be more than names.
pub(super) fn hostile() -> Report {
    let names = [
        "</script><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\" onmouseover=\"alert(1)",
        "'; alert(1); '",
        "<!--",
        "&amp;&lt;",
        "=HYPERLINK(\"//evil\")",
        "\u{202e}gnp.exe",
        "مبيعات 🙂 顧客",
        "</title></style>\u{2028}",
    ];
    let rows = names.iter().enumerate().map(|(place, name)| {
        Row::new(
            "2024-03-05",
            &format!("id {name}"),
            name,
            &format!("api/{name}"),
            100 - place as i64,
        )
        .limited(5)
    });
    let rows: Vec<_> = rows.collect();
    let mut report = report(("2024-03-01", "2024-03-31"), "2024-04-10", &rows, Some(50));
    report.profile = Some("<b>\"emea\"</b>".to_owned());
    report
}

pub(super) fn about() -> About {
    About {
        is_demo: false,
        created: day("2024-04-11").and_hms_opt(12, 30, 0).unwrap().and_utc(),
        command: "gc-usage report --month=2024-03".to_owned(),
        top: 10,
    }
}

pub(super) fn entry(report: Report) -> Entry {
    Entry::Report(Box::new(report))
}

pub(super) fn failed(profile: &str, error: &str) -> Entry {
    Entry::Failed(Failed {
        profile: Some(profile.to_owned()),
        error: error.to_owned(),
    })
}

pub(super) fn page(report: Report) -> String {
    pages(&[entry(report)])
}

pub(super) fn pages(entries: &[Entry]) -> String {
    let period = entries.iter().find_map(Entry::report).unwrap().period;
    let mut page = Vec::new();
    html(&mut page, entries, period, &about()).unwrap();
    String::from_utf8(page).unwrap()
}
