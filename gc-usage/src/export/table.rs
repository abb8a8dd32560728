//! A table for people.

use std::{
    cmp::Reverse,
    io::{self, IsTerminal as _, Write},
};

use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width, presets,
};
use usage_client::{ApiUsageRow, Granularity};

use super::Answer;

/// A column of text: its heading, and how to read it from a row.
type TextColumn = (&'static str, fn(&ApiUsageRow) -> Option<&str>);
/// A column of counts.
type CountColumn = (&'static str, fn(&ApiUsageRow) -> Option<i64>);

const TEXTS: [TextColumn; 5] = [
    ("Client", |row| {
        row.client_name
            .as_deref()
            .filter(|name| !name.is_empty())
            .or(row.client_id.as_deref())
    }),
    ("Organization", |row| row.organization_id.as_deref()),
    ("User", |row| row.user_id.as_deref()),
    ("Method", |row| row.http_method.as_deref()),
    ("Endpoint", |row| row.template_uri.as_deref()),
];

const COUNTS: [CountColumn; 6] = [
    ("Requests", |row| row.requests),
    ("2xx", |row| row.status200),
    ("3xx", |row| row.status300),
    ("4xx", |row| row.status400),
    // Part of 4xx, so it stands behind it and is named as such.
    ("of it 429", |row| row.status429),
    ("5xx", |row| row.status500),
];

pub(crate) fn write(out: &mut impl Write, answer: &Answer<'_>) -> io::Result<()> {
    let mut rows: Vec<_> = answer.result.results.iter().flatten().collect();
    rows.sort_by_key(|row| (row.date, Reverse(row.requests)));
    if rows.is_empty() {
        return writeln!(out, "No requests in {} (UTC).", answer.query.interval);
    }
    writeln!(out, "{}", table(&rows, answer.query.granularity))?;
    let noun = if rows.len() == 1 { "row" } else { "rows" };
    writeln!(
        out,
        "{} {noun}, {} (UTC days, both included)",
        rows.len(),
        answer.query.interval
    )
}

fn table(rows: &[&ApiUsageRow], granularity: Option<Granularity>) -> Table {
    let texts: Vec<_> = TEXTS
        .into_iter()
        .filter(|(_, get)| rows.iter().any(|row| !text(get(row)).is_empty()))
        .collect();
    let counts: Vec<_> = COUNTS
        .into_iter()
        .filter(|(_, get)| rows.iter().any(|row| get(row).is_some()))
        .collect();
    let has_date = rows.iter().any(|row| row.date.is_some());

    let mut table = Table::new();
    let style = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());
    table
        .load_style(style)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if io::stdout().is_terminal()
        && let Some((width, _)) = terminal_size::terminal_size()
    {
        table.set_width(width.0);
    }
    let date = has_date.then(|| Cell::new(granularity.map_or("Date", heading)));
    let count_headings = counts.iter().map(|(name, _)| number(name));
    table.set_header(
        date.into_iter()
            .chain(texts.iter().map(|(name, _)| Cell::new(name)))
            .chain(count_headings),
    );
    for row in rows {
        let date = has_date.then(|| {
            Cell::new(
                row.date
                    .map_or_else(String::new, |date| date.date_naive().to_string()),
            )
        });
        let texts = texts.iter().map(|(_, get)| Cell::new(text(get(row))));
        let counts = counts
            .iter()
            .map(|(_, get)| number(&get(row).map_or_else(String::new, grouped)));
        table.add_row(date.into_iter().chain(texts).chain(counts));
    }
    let labels = usize::from(has_date) + texts.len();
    let label = (labels > 0).then(|| Cell::new("Total"));
    let blanks = (1..labels).map(|_| Cell::new(""));
    let sums = counts.iter().map(|(_, get)| {
        let sum = rows
            .iter()
            .filter_map(|row| get(row))
            .fold(0_i128, |sum, count| sum + i128::from(count));
        number(&grouped(sum))
    });
    table.add_row(label.into_iter().chain(blanks).chain(sums));
    // A number or a date that is broken over two lines is read as another one; only texts may wrap.
    let is_text = |index: usize| index >= usize::from(has_date) && index < labels;
    let rigid = (0..labels + counts.len()).map(|index| {
        if is_text(index) {
            ColumnConstraint::LowerBoundary(Width::Fixed(8))
        } else {
            ColumnConstraint::ContentWidth
        }
    });
    table.set_constraints(rigid);
    table
}

fn heading(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Week => "Week of",
        Granularity::Month => "Month of",
        _ => "Day",
    }
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or_default()
}

fn number(text: &str) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// A count with a separator between thousands.
fn grouped(count: impl std::fmt::Display) -> String {
    let digits = count.to_string();
    let (sign, digits) = digits
        .strip_prefix('-')
        .map_or(("", digits.as_str()), |digits| ("-", digits));
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    format!("{sign}{}", groups.join(","))
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_separated() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-1_234_567, "-1,234,567"),
            (i64::MAX, "9,223,372,036,854,775,807"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }
}
