//! Writes a comparison in the formats of rows.

use std::io::{self, Write};

use chrono::DateTime;

use super::{
    model::{Client, Comparison},
    sentences::{sentences, signed},
};
use crate::{
    export::{Dialect, Format, Style, end_line, write_count, write_text},
    labels::Labels,
    markdown::{escape_markdown, head, line},
    output::{Output, WriteError},
    report::List,
    screen::Screen,
    text::{broken, grouped},
    workbook::{Column, Kind, Workbook},
};

const COUNTS: [&str; 3] = ["Query", "Jobs", "Difference"];

pub(crate) fn write(
    out: &mut Output,
    style: Style,
    comparison: &Comparison,
    screen: &Screen,
) -> Result<(), WriteError> {
    let written = match style.format {
        Format::Table => table(out, comparison, screen),
        Format::Markdown => markdown(out, comparison),
        Format::Csv => csv(out, style.dialect, comparison),
        Format::Json => json(out, comparison),
        Format::Jsonl => jsonl(out, comparison),
        Format::Xlsx => return xlsx(out, comparison),
    };
    Ok(written?)
}

fn json(out: &mut impl Write, comparison: &Comparison) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, comparison)?;
    writeln!(out)
}

fn jsonl(out: &mut impl Write, comparison: &Comparison) -> io::Result<()> {
    comparison.clients.iter().try_for_each(|client| {
        serde_json::to_writer(&mut *out, client)?;
        writeln!(out)
    })
}

/// The name and the counts of each client, and of all of them.
fn lines(comparison: &Comparison, labels: &Labels) -> Vec<(String, [String; 3])> {
    let clients = comparison.clients.iter().map(|client| {
        let counts = [client.query, client.jobs].map(|count| count.map_or("-".to_owned(), grouped));
        let [query, jobs] = counts;
        (label(labels, client), [query, jobs, signed(client.difference)])
    });
    let total = &comparison.total;
    let counts = [
        grouped(total.query),
        grouped(total.jobs),
        signed(total.difference),
    ];
    clients.chain([("Total".to_owned(), counts)]).collect()
}

fn labels(comparison: &Comparison) -> Labels {
    Labels::new(
        comparison
            .clients
            .iter()
            .map(|client| ("", &*client.client_name, &*client.client_id)),
    )
}

fn label(labels: &Labels, client: &Client) -> String {
    labels.of(("", &client.client_name, &client.client_id))
}

fn table(out: &mut impl Write, comparison: &Comparison, screen: &Screen) -> io::Result<()> {
    let labels = labels(comparison);
    let (names, counts): (Vec<_>, Vec<_>) = lines(comparison, &labels).into_iter().unzip();
    let column = |at: usize| counts.iter().map(|counts| format!(" {}", counts[at])).collect();
    let numbers = COUNTS
        .iter()
        .enumerate()
        .map(|(at, heading)| (*heading, column(at)));
    let list = List {
        title: "Client",
        names,
        numbers: numbers.collect(),
        bars: Vec::new(),
    };
    list.write(out, screen)?;
    let period = &comparison.period;
    writeln!(out, "{} to {} (UTC days)\n", period.first, period.last)?;
    for sentence in sentences(comparison, |client| label(&labels, client)) {
        let lines = match screen.columns {
            Some(columns) => broken(&sentence, columns, ""),
            None => vec![sentence],
        };
        writeln!(out, "{}", lines.join("\n"))?;
    }
    Ok(())
}

fn markdown(out: &mut impl Write, comparison: &Comparison) -> io::Result<()> {
    let columns = COUNTS.map(|heading| (heading, true));
    write!(out, "{}", head([("Client", false)].into_iter().chain(columns)))?;
    let labels = labels(comparison);
    for (name, counts) in lines(comparison, &labels) {
        write!(out, "{}", line(std::iter::once(name).chain(counts)))?;
    }
    writeln!(out)?;
    for sentence in sentences(comparison, |client| escape_markdown(&label(&labels, client))) {
        writeln!(out, "- {sentence}")?;
    }
    Ok(())
}

/// The columns of CSV and of the workbook.
const COLUMNS: [(&str, Kind); 5] = [
    ("clientId", Kind::Text),
    ("clientName", Kind::Text),
    ("query", Kind::Count),
    ("jobs", Kind::Count),
    ("difference", Kind::Count),
];

fn csv(out: &mut impl Write, dialect: Dialect, comparison: &Comparison) -> io::Result<()> {
    write!(out, "{}", dialect.mark())?;
    let mut line = Vec::new();
    for (heading, _) in COLUMNS {
        write_text(&mut line, dialect, heading);
    }
    end_line(out, &mut line)?;
    for client in &comparison.clients {
        for text in [&client.client_id, &client.client_name] {
            write_text(&mut line, dialect, text);
        }
        let [query, jobs] = [client.query, client.jobs].map(|count| count.map(i128::from));
        for count in [query, jobs, Some(client.difference)] {
            write_count(&mut line, dialect, count);
        }
        end_line(out, &mut line)?;
    }
    Ok(())
}

fn xlsx(out: &mut Output, comparison: &Comparison) -> Result<(), WriteError> {
    let mut workbook = Workbook::new(&out.directory(), &DateTime::UNIX_EPOCH)?;
    let columns = COLUMNS.map(|(heading, kind)| Column { heading, kind });
    let mut sheet = workbook.long_sheet("Clients", columns.to_vec())?;
    for client in &comparison.clients {
        sheet.begin_row()?;
        sheet.text(&client.client_id)?;
        sheet.text(&client.client_name)?;
        sheet.count(client.query)?;
        sheet.count(client.jobs)?;
        sheet.count(Some(client.difference))?;
    }
    workbook.add(sheet)?;
    workbook.save(out)
}
