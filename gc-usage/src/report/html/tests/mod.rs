//! Pages of different reports.

mod figures;
mod fixtures;
mod palette;
mod security;
mod sizes;

use self::fixtures::{Row, about, entry, failed, hostile, page, pages, report, running};
use crate::testing::day;

/// The page without its style sheet and its script, which are files themselves.
fn shown(page: &str) -> String {
    page.replace(super::policy::STYLE, "…")
        .replace(super::policy::SCRIPT, "…")
}

#[test]
fn pages_of_different_reports() {
    let rows = [
        Row::new("2024-03-01", "a", "Data Lake", "api/v2/users", 900).limited(90),
        Row::new("2024-03-02", "a", "Data Lake", "api/v2/users", 800),
        Row::new("2024-03-04", "b", "Wallboard", "api/v2/users/{userId}", 300).limited(3),
        Row::new("2024-02-04", "b", "Wallboard", "api/v2/users/{userId}", 100),
        Row::new("2024-02-05", "c", "Gone", "api/v2/old", 70),
    ];
    let over = report(("2024-03-01", "2024-03-31"), "2024-04-10", &rows, Some(1_500));
    insta::assert_snapshot!("over", shown(&page(over)));
    insta::assert_snapshot!("running", shown(&page(running())));
    let empty = report(("2024-03-01", "2024-03-31"), "2024-04-10", &[], Some(1_500));
    insta::assert_snapshot!("empty", shown(&page(empty)));
    insta::assert_snapshot!("hostile", shown(&page(hostile())));
    let mut of_one = report(("2024-03-01", "2024-03-31"), "2024-04-10", &rows, Some(2_500));
    of_one.profile = Some("emea".to_owned());
    let two = [
        entry(of_one),
        failed("apac", "the login was refused: HTTP 401\n  correlation id: 7"),
    ];
    insta::assert_snapshot!("one_of_two_failed", shown(&pages(&two)));
}

#[test]
fn a_period_without_data_yet_has_a_page() {
    let days = crate::calendar::NamedDays::new(day("2024-03-01"), day("2024-03-31"), day("2024-03-01"));
    let mut page = Vec::new();
    super::html_without_data(
        &mut page,
        &[Some("emea"), Some("<apac>")],
        &days.unwrap().unwrap(),
        &about(),
    )
    .unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(
        page.contains("<title>API usage: emea, &lt;apac&gt;, March 2024</title>"),
        "{page}"
    );
    assert!(
        page.contains("There is no data for 2024-03-01 to 2024-03-31 yet"),
        "{page}"
    );
}

#[test]
fn sections_depend_on_what_is_known() {
    let has = |page: &str, section: &str| {
        let link = page.contains(&format!("href=\"#{section}\""));
        assert_eq!(
            link,
            page.contains(&format!("<section class=\"panel\" id=\"{section}\"")),
            "{section}"
        );
        link
    };
    let sections = [
        "month",
        "days",
        "changes",
        "clients",
        "endpoints",
        "limited",
        "each-client",
    ];
    let of = |page: &str| sections.map(|section| has(page, section));
    let empty = page(report(("2024-03-01", "2024-03-31"), "2024-04-10", &[], Some(1)));
    assert_eq!(of(&empty), [false; 7]);
    let row = Row::new("2024-03-31", "a", "", "x", 1);
    let alone = page(report(
        ("2024-03-31", "2024-03-31"),
        "2024-04-10",
        std::slice::from_ref(&row),
        None,
    ));
    assert_eq!(of(&alone), [true, true, false, true, true, true, true]);
    assert!(!alone.contains("type=\"range\"") && alone.contains("<details class=\"numbers\" open>"));
    assert!(
        alone.contains("<details class=\"client\" id=\"client-"),
        "{alone}"
    );
    let before = Row::new("2024-03-30", "a", "", "x", 2);
    let compared = page(report(
        ("2024-03-31", "2024-03-31"),
        "2024-04-10",
        &[row, before],
        None,
    ));
    assert_eq!(of(&compared), [true; 7]);
    // Several months are compared with the allotment.
    let rows = [
        Row::new("2024-01-05", "a", "", "x", 9),
        Row::new("2024-02-05", "a", "", "x", 3),
    ];
    let months = page(report(("2024-01-01", "2024-03-31"), "2024-03-31", &rows, Some(5)));
    assert!(
        months.contains("▲ over") && months.contains("✓ within"),
        "{months}"
    );
}

#[test]
fn the_page_does_not_depend_on_the_order_of_rows() {
    let mut rows: Vec<_> = (0..200)
        .map(|place: i64| {
            let day = format!("2024-03-{:02}", place % 31 + 1);
            let (client, endpoint) = (format!("{}", place % 7), format!("api/{}", place % 5));
            Row::new(&day, &client, "Same name", &endpoint, 10).limited(place % 3)
        })
        .collect();
    let of = |rows: &[Row]| page(report(("2024-03-01", "2024-03-31"), "2024-03-31", rows, Some(9)));
    let first = of(&rows);
    let mut random = fastrand::Rng::with_seed(11);
    for _ in 0..5 {
        random.shuffle(&mut rows);
        assert_eq!(of(&rows), first);
    }
}
