//! Tables in different widths and lengths.

mod dialects;
mod properties;

use std::fs;

use serde_json::{Value, json};
use usage_client::{Granularity, Metric, RowRef};

use super::{sheet, table::Table, *};
use crate::{
    printer::Printer,
    request::Request,
    screen::ColorArg,
    source::Source,
    testing::{row_ref, screen},
};

fn context() -> Context {
    let query = Request::new(&Source::default(), "2024-02-01/2024-02-07");
    Context {
        query: Some(query),
        granularity: Some(Granularity::Day),
        has_profiles: false,
        has_platforms: false,
        is_part: false,
    }
}

/// The output and the notes of an export with these rows.
fn shown(
    rows: &[Value],
    export: impl for<'o> FnOnce(Context, &'o mut Output) -> Box<dyn Export + 'o>,
) -> (String, Vec<String>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rows");
    let mut output = Output::open(Some(&path), &Printer::new(ColorArg::Never, true, false)).unwrap();
    let mut export = export(context(), &mut output);
    for row in rows.iter().map(row_ref) {
        export
            .row(&Row {
                profile: None,
                row: &row,
            })
            .unwrap();
    }
    export.finish(&[]).unwrap();
    let notes = export.notes();
    drop(export);
    output.finish().unwrap();
    (fs::read_to_string(path).unwrap(), notes)
}

/// The format without options for CSV.
fn plain(format: Format) -> Style {
    Style {
        format,
        dialect: Dialect::default(),
    }
}

fn written(
    format: Format,
    keys: &[SortKey],
    columns: Option<usize>,
    rows: &[Value],
) -> (String, Vec<String>) {
    shown(rows, |context, output| {
        plain(format).export(context, keys, &screen(columns, true), output)
    })
}

const ENDPOINT: &str = "api/v2/conversations/messages/{conversationId}/communications/{communicationId}";

fn rows() -> Vec<Value> {
    let row = |client: &str, endpoint: &str, requests: i64| {
        json!({"clientId": format!("id of {client}"), "clientName": client, "templateUri": endpoint, "requests": requests,
            "status200": requests - 40, "status300": 10, "status400": 20, "status429": 5, "status500": 10})
    };
    vec![
        row("Data Lake Loader", ENDPOINT, 1_234_567),
        row("Wallboard", "api/v2/analytics/queues/observations/query", 334_379),
    ]
}

fn widest(page: &str) -> usize {
    page.lines().map(textwrap::core::display_width).max().unwrap()
}

/// Checks that the page contains all words of the rows, unbroken.
fn assert_whole(page: &str) {
    for part in ENDPOINT
        .split('/')
        .chain(["Data", "Loader", "Wallboard", "observations", "1,234,567"])
    {
        assert!(page.contains(part), "{part} is broken in\n{page}");
    }
}

#[test]
fn a_table_without_a_limit_has_its_full_width() {
    let (page, notes) = written(Format::Table, &[], None, &rows());
    assert!(page.contains(ENDPOINT) && notes.is_empty(), "{page}");
    let (page, notes) = written(Format::Table, &[], Some(200), &rows());
    assert!(page.contains(ENDPOINT) && notes.is_empty(), "{page}");
}

#[test]
fn at_80_columns_counts_are_left_out_and_no_word_is_broken() {
    let (page, notes) = written(Format::Table, &[], Some(80), &rows());
    assert!(widest(&page) <= 80, "{page}");
    assert_whole(&page);
    assert_eq!(
        notes,
        ["left out to fit 80 columns: 2xx, 3xx, 5xx; choose counts with --metrics"]
    );
    assert!(page.contains("(429)") && page.contains("Total"), "{page}");
    // The count that rows are sorted by stays.
    let (page, notes) = written(
        Format::Table,
        &[SortKey::Count(Metric::Status200)],
        Some(80),
        &rows(),
    );
    assert!(page.contains("2xx") && !notes[0].contains("2xx"), "{notes:?}");
    let page = written(Format::Table, &[], Some(80), &rows()).0;
    assert_eq!(
        page,
        concat!(
            "────────────────────────────────────────────────────────────────────────────────\n",
            " Client             Endpoint                             Requests   4xx   (429) \n",
            "════════════════════════════════════════════════════════════════════════════════\n",
            " Data Lake Loader   api/v2/conversations/messages/      1,234,567    20       5 \n",
            "                    {conversationId}/communications/                            \n",
            "                    {communicationId}                                           \n",
            " Wallboard          api/v2/analytics/queues/              334,379    20       5 \n",
            "                    observations/query                                          \n",
            " Total                                                  1,568,946    40      10 \n",
            "────────────────────────────────────────────────────────────────────────────────\n",
            "2 rows (2024-02-01/2024-02-07, UTC days, both included)\n",
        )
    );
}

#[test]
fn at_40_columns_each_row_has_several_lines_with_all_counts() {
    let (page, notes) = written(Format::Table, &[], Some(40), &rows());
    assert!(widest(&page) <= 40 && notes.is_empty(), "{page}");
    assert_whole(&page);
    assert_eq!(
        page,
        concat!(
            "Client    Data Lake Loader\n",
            "Endpoint  api/v2/conversations/messages/\n",
            "          {conversationId}/\n",
            "          communications/\n",
            "          {communicationId}\n",
            "Requests  1,234,567\n",
            "2xx       1,234,527\n",
            "3xx       10\n",
            "4xx       20\n",
            "(429)     5\n",
            "5xx       10\n",
            "\n",
            "Client    Wallboard\n",
            "Endpoint  api/v2/analytics/queues/\n",
            "          observations/query\n",
            "Requests  334,379\n",
            "2xx       334,339\n",
            "3xx       10\n",
            "4xx       20\n",
            "(429)     5\n",
            "5xx       10\n",
            "\n",
            "Total\n",
            "Requests  1,568,946\n",
            "2xx       1,568,866\n",
            "3xx       20\n",
            "4xx       40\n",
            "(429)     10\n",
            "5xx       20\n",
            "\n",
            "2 rows (2024-02-01/2024-02-07, UTC days,\n",
            "both included)\n",
        )
    );
}

#[test]
fn no_table_is_wider_than_the_terminal_with_any_content() {
    let mut rows = rows();
    rows.push(json!({"clientName": "顧客".repeat(20), "userId": "273d7643-b1b4-4b5c-b1ea-06ed5a4e0ec4",
        "organizationId": "273d7643-b1b4-4b5c-b1ea-06ed5a4e0ec4", "httpMethod": "DELETE", "templateUri": "x".repeat(300),
        "requests": i64::MAX, "status500": i64::MIN, "date": "2024-02-01T00:00:00Z"}));
    for columns in [30, 33, 40, 60, 80, 100, 132, 200, 400] {
        let (page, _) = written(Format::Table, &[], Some(columns), &rows);
        assert!(widest(&page) <= columns, "{columns}:\n{page}");
    }
}

#[test]
fn two_clients_with_one_name_have_different_labels() {
    let rows = [
        json!({"clientId": "273d7643-b1b4", "clientName": "Sales", "requests": 2}),
        json!({"clientId": "984a1b2c-0000", "clientName": "Sales", "requests": 1}),
        json!({"clientId": "5", "clientName": "", "requests": 1}),
    ];
    for format in [Format::Table, Format::Markdown] {
        let (page, _) = written(format, &[], None, &rows);
        for client in ["Sales (273d7643) ", "Sales (984a1b2c) ", " 5 "] {
            assert!(page.contains(client), "{page}");
        }
    }
}

/// The table of these rows and its notes, if it keeps at most `most_rows` rows before it writes.
fn streamed(most_rows: usize, rows: &[Value]) -> (String, Vec<String>) {
    shown(rows, |context, output| {
        let look = Table::new(screen(None, true), &[]);
        Box::new(sheet::Export::new(context, false, look, output).keeping(most_rows))
    })
}

#[test]
fn a_long_table_is_written_in_the_order_of_the_service() {
    let rows: Vec<_> = (1..=100)
        .map(|place| json!({"clientId": place.to_string(), "clientName": "", "requests": place * 1_000}))
        .collect();
    let (page, notes) = streamed(10, &rows);
    let counts: Vec<_> = page
        .lines()
        .skip(3)
        .map_while(|line| line.split_whitespace().next())
        .collect();
    let expected: Vec<_> = (1..=100).map(|place| place.to_string()).collect();
    assert_eq!(counts[..100], expected);
    assert!(
        page.contains(" Total ")
            && page.contains("5,050,000 \n")
            && page.ends_with("100 rows (2024-02-01/2024-02-07, UTC days, both included)\n"),
        "{page}"
    );
    // All lines are as wide as the rules.
    assert!(
        page.lines()
            .rev()
            .skip(1)
            .all(|line| line.chars().count() == widest(page.lines().next().unwrap())),
        "{page}"
    );
    assert_eq!(
        notes,
        [
            "more than 10 rows, or very long ones, are written in the order of the service; use --sort to sort them, or --top to show the first"
        ]
    );
    // If all rows are kept, the one with the most requests comes first.
    let (page, notes) = streamed(100, &rows);
    assert!(
        page.lines().nth(3).unwrap().contains("100,000") && notes.is_empty(),
        "{page}"
    );
}

#[test]
fn a_column_that_only_later_rows_have_is_not_lost() {
    let mut rows: Vec<_> = (0..20)
        .map(|place| json!({"clientId": place.to_string(), "requests": 1}))
        .collect();
    rows.push(json!({"clientId": "20", "userId": "the first user", "requests": 1, "status500": 77}));
    rows.push(json!({"clientId": "21", "requests": 1}));
    let (page, _) = streamed(10, &rows);
    assert!(
        page.contains("the first user") && page.contains(" 77 ") && page.matches("Client").count() == 2,
        "{page}"
    );
    let markdown = shown(&rows, |context, output| {
        Box::new(sheet::Export::new(context, false, markdown::Markdown, output).keeping(10))
    });
    assert!(
        markdown.0.contains("| 19 | 1 |\n\n| Client | User | Requests | 5xx |\n|---|---|---:|---:|\n| 20 | the first user | 1 | 77 |\n| 21 | (none) | 1 |  |\n| Total |  | 22 | 77 |\n"),
        "{}",
        markdown.0
    );
}
