//! The page has the same figures as JSON.

use serde_json::Value;

use super::fixtures::{Row, page, report};

/// The values of each row of a table, as the script reads them.
fn table(page: &str, id: &str) -> Vec<Vec<String>> {
    let start = page
        .find(&format!("id=\"{id}\""))
        .unwrap_or_else(|| panic!("{id}"));
    let body = &page[start..start + page[start..].find("</tbody>").unwrap()];
    let body = &body[body.find("<tbody").unwrap()..];
    let rows = body.split("<tr ").skip(1);
    let cell = |cell: &str| {
        let (tag, rest) = cell.split_once('>').unwrap();
        let text = rest.split('<').next().unwrap().replace(',', "");
        match tag.split_once("data-v=\"") {
            Some((_, value)) => Some(value.split('"').next().unwrap().to_owned()),
            None => Some(text).filter(|text| !text.is_empty()),
        }
    };
    rows.map(|row| {
        let cells = row.split("role=\"").skip(2);
        cells.filter_map(cell).collect()
    })
    .collect()
}

fn number(value: &Value) -> String {
    value.to_string()
}

fn share(part: &Value, whole: &Value) -> String {
    let (part, whole) = (part.as_f64().unwrap(), whole.as_f64().unwrap());
    if whole == 0.0 {
        String::new()
    } else {
        format!("{:.6}", part / whole)
    }
}

/// The change of a day, from 29 days to 31.
fn change(now: &Value, before: &Value) -> String {
    match (now.as_f64().unwrap(), before.as_f64().unwrap()) {
        (_, 0.0) => "1e9".to_owned(),
        (now, before) => format!("{:.6}", (now / 31.0) / (before / 29.0) - 1.0),
    }
}

fn sum(one: &Value, other: &Value) -> Value {
    (one.as_i64().unwrap() + other.as_i64().unwrap()).into()
}

fn random_rows(random: &mut fastrand::Rng) -> Vec<Row> {
    let rows = (0..random.usize(1..400)).map(|_| {
        let date = format!("2024-{:02}-{:02}", random.u8(2..4), random.u8(1..30));
        let (client, endpoint) = (random.u8(0..9).to_string(), format!("api/{}", random.u8(0..12)));
        let mut row = Row::new(&date, &client, "", &endpoint, 0);
        let mut requests = 0;
        for name in ["status200", "status300", "status400", "status500"] {
            let count = random.i64(0..5_000);
            requests += count;
            row.0[name] = count.into();
        }
        row.0["status429"] = random.i64(0..=row.0["status400"].as_i64().unwrap()).into();
        row.0["requests"] = requests.into();
        row
    });
    rows.collect()
}

#[test]
fn the_page_has_the_figures_of_json() {
    let mut random = fastrand::Rng::with_seed(23);
    for _ in 0..30 {
        let rows = random_rows(&mut random);
        let report = report(("2024-03-01", "2024-03-31"), "2024-03-29", &rows, Some(1_000_000));
        let json = serde_json::to_value(&report).unwrap();
        let page = page(report);
        if json["totals"]["requests"] == 0 {
            continue;
        }
        let days = json["days"].as_array().unwrap().iter().map(|day| {
            let counts = [
                "requests",
                "status200",
                "status300",
                "status400",
                "status429",
                "status500",
            ];
            let counts = counts.map(|name| number(&day[name]));
            let date = day["date"].as_str().unwrap().to_owned();
            std::iter::once(date).chain(counts).collect::<Vec<_>>()
        });
        assert_eq!(table(&page, "days-numbers"), days.collect::<Vec<_>>());

        for (list, id, name) in [
            ("clients", "clients-table", "clientId"),
            ("endpoints", "endpoints-table", "name"),
        ] {
            let shown = table(&page, id);
            let expected = json[list].as_array().unwrap();
            assert_eq!(shown.len(), expected.len(), "{list}");
            for (row, one) in shown.iter().zip(expected) {
                let errors = sum(&one["status400"], &one["status500"]);
                assert_eq!(row[0], one[name].as_str().unwrap());
                assert_eq!(row[1], number(&one["requests"]));
                assert_eq!(row[2], share(&one["requests"], &json["totals"]["requests"]));
                assert_eq!(row[4], share(&errors, &one["requests"]), "failed");
                assert_eq!(row[5], number(&one["status429"]));
            }
        }
        let limited = json["rateLimited"].as_array().unwrap();
        let shown = if limited.is_empty() {
            Vec::new()
        } else {
            table(&page, "limited-table")
        };
        assert_eq!(shown.len(), limited.len());
        for (row, pair) in shown.iter().zip(limited) {
            let days = format!(
                "{}/{}",
                pair["firstLimited"].as_str().unwrap(),
                pair["lastLimited"].as_str().unwrap()
            );
            assert_eq!(
                row[..],
                [
                    pair["clientId"].as_str().unwrap().to_owned(),
                    pair["endpoint"].as_str().unwrap().to_owned(),
                    number(&pair["status429"]),
                    share(&pair["status429"], &pair["requests"]),
                    change(&pair["status429"], &pair["status429Before"]),
                    days
                ]
            );
        }
        let month = &json["month"];
        let shown = table(&page, "month-numbers");
        let (known, projected) = (
            month["days"].as_array().unwrap(),
            month["projection"].as_array().unwrap(),
        );
        assert_eq!(shown.len(), known.len() + projected.len());
        let mut until = 0;
        for (row, day) in shown.iter().zip(known) {
            until += day["requests"].as_i64().unwrap();
            assert_eq!(
                row[..3],
                [
                    day["date"].as_str().unwrap().to_owned(),
                    number(&day["requests"]),
                    until.to_string()
                ]
            );
        }
        for (row, day) in shown.iter().skip(known.len()).zip(projected) {
            let range = &day["range"];
            assert_eq!(
                [&row[2], &row[3], &row[4]],
                [&number(&day["projected"]), &number(&range[0]), &number(&range[1])]
            );
        }
    }
}
