//! The workbook has the same figures as JSON.

use std::io::{Cursor, Read as _, Seek as _, Write as _};

use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use chrono::DateTime;
use serde_json::{Value, json};

use super::workbook;
use crate::{
    calendar::Period,
    output::Output,
    report::{
        ReportBuilder,
        about::About,
        model::{Entry, Failed, Report},
        needed_interval,
    },
    testing::{batches, day},
};

const STATUSES: [&str; 5] = ["status200", "status300", "status400", "status429", "status500"];

/// The report of March until a day.
fn report(last: &str, rows: &[Value], allotment: Option<u64>) -> Report {
    let period = Period {
        first: day("2024-03-01"),
        last: day(last),
    };
    let needed = needed_interval(period, true, true, day(last)).unwrap();
    let mut builder = ReportBuilder::new(period, needed);
    let batches = batches(rows);
    batches.iter().for_each(|batch| builder.add(batch).unwrap());
    builder.report(allotment.map(Into::into))
}

fn random_rows(random: &mut fastrand::Rng) -> Vec<Value> {
    let names = ["", "=1+1", "Data Lake", "a\u{1}b"];
    let rows = (0..random.usize(0..400)).map(|_| {
        let counts = [0; 4].map(|_| random.i64(0..5_000));
        let client = random.u8(0..9);
        json!({
            "date": format!("2024-{:02}-{:02}T00:00:00Z", random.u8(2..4), random.u8(1..30)),
            "clientId": format!("id-{client}"),
            "clientName": names[usize::from(client) % names.len()],
            "templateUri": format!("api/{}", random.u8(0..12)),
            "status200": counts[0], "status300": counts[1], "status400": counts[2], "status500": counts[3],
            "status429": random.i64(0..=counts[2]),
            "requests": counts.iter().sum::<i64>(),
        })
    });
    rows.collect()
}

/// The file.
fn written(entries: &[Entry]) -> Vec<u8> {
    let about = About {
        is_demo: false,
        created: DateTime::UNIX_EPOCH,
        command: "gc-usage report --month=2024-03".to_owned(),
        top: 10,
    };
    let period = entries.iter().find_map(Entry::report).unwrap().period;
    let mut file = tempfile::tempfile().unwrap();
    let mut output = Output::stream(file.try_clone().unwrap());
    workbook(&mut output, entries, period, &about).unwrap();
    output.flush().unwrap();
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

struct Sheets(Xlsx<Cursor<Vec<u8>>>);

impl Sheets {
    fn of(entries: &[Entry]) -> Self {
        Self(open_workbook_from_rs(Cursor::new(written(entries))).unwrap())
    }

    /// The rows of a sheet below its headings. Empty cells are null, and days are as in JSON.
    fn rows(&mut self, name: &str) -> Vec<Vec<Value>> {
        let range = self.0.worksheet_range(name).unwrap();
        let cell = |cell: &Data| match cell {
            Data::Empty => Value::Null,
            Data::String(text) => json!(text),
            Data::Float(number) if number.fract() == 0.0 => json!(*number as i64),
            Data::Float(number) => json!(number),
            Data::DateTime(date) => json!(date.as_datetime().unwrap().date()),
            other => panic!("{other:?}"),
        };
        let rows = range.rows().skip(1).map(|row| row.iter().map(cell).collect());
        rows.collect()
    }
}

/// The part as a number, or null if there is no whole.
fn share(part: &Value, whole: &Value) -> Value {
    let (part, whole) = (part.as_f64().unwrap(), whole.as_f64().unwrap());
    match whole == 0.0 {
        true => Value::Null,
        false if (part / whole).fract() == 0.0 => json!((part / whole) as i64),
        false => json!(part / whole),
    }
}

fn text(value: &Value) -> Value {
    match value.as_str() {
        Some("") => Value::Null,
        _ => value.clone(),
    }
}

fn list<'a>(json: &'a Value, names: &[&str]) -> Vec<&'a Value> {
    let lists = names.iter().map(|name| json[*name].as_array().unwrap());
    lists.flatten().collect()
}

fn statuses(value: &Value) -> impl Iterator<Item = Value> {
    STATUSES.map(|name| value[name].clone()).into_iter()
}

fn assert_contributors(
    rows: &[Vec<Value>],
    expected: &[&Value],
    names: &[&str],
    totals: &Value,
    lengths: [f64; 2],
) {
    assert_eq!(rows.len(), expected.len());
    for (row, one) in rows.iter().zip(expected) {
        let (first, counts) = row.split_at(names.len());
        assert_eq!(
            first,
            names.iter().map(|name| text(&one[*name])).collect::<Vec<_>>()
        );
        let errors = json!(one["status400"].as_i64().unwrap() + one["status500"].as_i64().unwrap());
        let requests = &one["requests"];
        let before = one["requestsBefore"].as_i64().unwrap();
        let (now_a_day, before_a_day) = (
            requests.as_f64().unwrap() / lengths[0],
            before as f64 / lengths[1],
        );
        let a_day = now_a_day - before_a_day;
        let found = counts[3].as_f64().unwrap();
        assert!((found - a_day).abs() <= 0.5, "{found} for {a_day}");
        match before {
            0 => assert_eq!(counts[4], Value::Null),
            _ => {
                let change = now_a_day / before_a_day - 1.0;
                let found = counts[4].as_f64().unwrap();
                assert!((found - change).abs() < 1e-9, "{found} for {change}");
            }
        }
        let others = [&counts[..3], &counts[5..]].concat();
        let expected = [
            requests.clone(),
            share(requests, &totals["requests"]),
            json!(before),
            errors.clone(),
            share(&errors, requests),
            share(&one["status429"], requests),
        ];
        let expected: Vec<_> = expected.into_iter().chain(statuses(one)).collect();
        assert_eq!(others, expected);
    }
}

#[test]
fn the_workbook_has_the_figures_of_json() {
    let mut random = fastrand::Rng::with_seed(29);
    for _ in 0..30 {
        let rows = random_rows(&mut random);
        // A whole month, which is compared by day, or one that goes on.
        let last = *random.choice(&["2024-03-31", "2024-03-21"]).unwrap();
        let report = report(last, &rows, Some(1_000_000));
        let lengths = [report.period, report.before].map(|period| period.days() as f64);
        let json = serde_json::to_value(&report).unwrap();
        let mut sheets = Sheets::of(&[Entry::Report(Box::new(report))]);
        let names = [
            "Summary",
            "Days",
            "Month",
            "Clients",
            "Endpoints",
            "Rate limited",
            "Rows",
        ];
        assert_eq!(sheets.0.sheet_names(), names);

        let days = list(&json, &["days"]).into_iter().map(|day| {
            let other = day["status400"].as_i64().unwrap() - day["status429"].as_i64().unwrap();
            let first = [day["date"].clone(), day["requests"].clone()];
            first
                .into_iter()
                .chain(statuses(day))
                .chain([json!(other)])
                .collect::<Vec<_>>()
        });
        assert_eq!(sheets.rows("Days"), days.collect::<Vec<_>>());

        let totals = &json["totals"];
        let clients = list(&json, &["clients", "clientsGone"]);
        assert_contributors(
            &sheets.rows("Clients"),
            &clients,
            &["name", "clientId"],
            totals,
            lengths,
        );
        let endpoints = list(&json, &["endpoints", "endpointsGone"]);
        assert_contributors(&sheets.rows("Endpoints"), &endpoints, &["name"], totals, lengths);

        let names = |pair: &Value| {
            ["client", "clientId", "endpoint"]
                .map(|name| text(&pair[name]))
                .into_iter()
        };
        let pairs = list(&json, &["pairs"]).into_iter().map(|pair| {
            names(pair)
                .chain([pair["requests"].clone()])
                .chain(statuses(pair))
                .collect::<Vec<_>>()
        });
        assert_eq!(sheets.rows("Rows"), pairs.collect::<Vec<_>>());
        let limited = list(&json, &["rateLimited"]).into_iter().map(|pair| {
            let others = [
                pair["status429"].clone(),
                pair["requests"].clone(),
                share(&pair["status429"], &pair["requests"]),
                pair["firstLimited"].clone(),
                pair["lastLimited"].clone(),
            ];
            names(pair).chain(others).collect::<Vec<_>>()
        });
        assert_eq!(sheets.rows("Rate limited"), limited.collect::<Vec<_>>());
        assert_month(&sheets.rows("Month"), &json["month"]);
        assert_summary(&sheets.rows("Summary"), &json);
    }
}

fn assert_month(rows: &[Vec<Value>], month: &Value) {
    let (known, projected) = (list(month, &["days"]), list(month, &["projection"]));
    assert_eq!(rows.len(), known.len() + projected.len());
    let (known_rows, projected_rows) = rows.split_at(known.len());
    let mut sum = 0;
    for (row, day) in known_rows.iter().zip(known) {
        sum += day["requests"].as_i64().unwrap();
        assert_eq!(
            row[..3],
            [day["date"].clone(), day["requests"].clone(), json!(sum)]
        );
    }
    for (row, day) in projected_rows.iter().zip(projected) {
        let range = &day["range"];
        let expected = [
            &day["date"],
            &Value::Null,
            &Value::Null,
            &day["projected"],
            &range[0],
            &range[1],
        ];
        assert_eq!(row[..6].iter().collect::<Vec<_>>(), expected);
    }
    assert!(rows.iter().all(|row| row[6] == month["allotment"]));
}

fn assert_summary(rows: &[Vec<Value>], json: &Value) {
    let line = |name: &str| {
        let found = rows
            .iter()
            .find(|row| row[0].as_str().is_some_and(|text| text.starts_with(name)));
        found.unwrap_or_else(|| panic!("{name}"))
    };
    assert!(rows.iter().any(|row| row[0] == json["verdict"]["headline"]));
    let (now, before) = (&json["totals"], &json["totalsBefore"]);
    for (name, key) in ["All", "2xx", "3xx", "4xx", "429, ", "5xx"]
        .into_iter()
        .zip(["requests"].iter().chain(&STATUSES))
    {
        let found = &line(name)[1..4];
        assert_eq!(
            found,
            [
                now[key].clone(),
                share(&now[key], &now["requests"]),
                before[key].clone()
            ],
            "{name}"
        );
    }
    let month = &json["month"];
    assert_eq!(line("Requests until 2024-03-")[1], month["requests"]);
    assert_eq!(line("Allotment")[1], month["allotment"]);
    let projected = [
        ("Projected", &month["projected"]),
        ("  four in five: from", &month["range"][0]),
        ("  four in five: to", &month["range"][1]),
    ];
    for (name, value) in projected.iter().filter(|_| month["daysLeft"] != 0) {
        assert_eq!(line(name)[1], **value, "{name}");
    }
}

#[test]
fn each_line_of_several_organizations_names_its_own_and_a_failed_one_says_why() {
    let mut random = fastrand::Rng::with_seed(31);
    let mut of = |profile: &str| {
        let mut report = report("2024-03-31", &random_rows(&mut random), None);
        report.profile = Some(profile.to_owned());
        Entry::Report(Box::new(report))
    };
    let failed = Entry::Failed(Failed {
        profile: Some("apac".to_owned()),
        error: "the login was refused: HTTP 401\n  correlation id: 7".to_owned(),
    });
    let entries = [of("emea"), failed, of("us")];
    let mut sheets = Sheets::of(&entries);
    for name in ["Days", "Month"] {
        let rows = sheets.rows(name);
        let profiles: Vec<_> = rows.iter().map(|row| row[0].as_str().unwrap()).collect();
        assert_eq!(profiles, [["emea"; 31], ["us"; 31]].concat(), "{name}");
    }
    let clients: usize = entries
        .iter()
        .filter_map(Entry::report)
        .map(|one| one.clients.len())
        .sum();
    assert_eq!(sheets.rows("Clients").len(), clients);
    let summary = sheets.rows("Summary");
    let failed: Vec<_> = summary.iter().filter(|row| row[0] == "apac").collect();
    let reason = "No data: the login was refused: HTTP 401; correlation id: 7";
    assert!(failed[0].contains(&json!(reason)), "{failed:?}");
    assert!(summary.iter().any(|row| row[0] == reason));
    let charts = written(&entries);
    let has = |name: &str| charts.windows(name.len()).any(|window| window == name.as_bytes());
    assert!(has("xl/charts/chart4.xml") && !has("xl/charts/chart5.xml"));
}
