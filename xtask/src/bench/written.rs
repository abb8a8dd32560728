//! The number of rows in a file that `gc-usage` wrote, and the sum of their requests.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use anyhow::{Context as _, Result};
use serde::Deserialize;

pub(super) fn csv_rows(file: &Path) -> Result<(u64, i64)> {
    let mut csv = csv::Reader::from_path(file)?;
    let column = csv.headers()?.iter().position(|name| name == "requests");
    let column = column.context("the CSV file has no column `requests`")?;
    let mut record = csv::ByteRecord::new();
    let (mut rows, mut sum) = (0, 0);
    while csv.read_byte_record(&mut record)? {
        rows += 1;
        sum += std::str::from_utf8(&record[column])?.parse::<i64>()?;
    }
    Ok((rows, sum))
}

pub(super) fn jsonl_rows(file: &Path) -> Result<(u64, i64)> {
    #[derive(Deserialize)]
    struct Row {
        requests: i64,
    }
    let mut lines = BufReader::new(File::open(file)?);
    let mut line = String::new();
    let (mut rows, mut sum) = (0, 0);
    while lines.read_line(&mut line)? > 0 {
        rows += 1;
        sum += serde_json::from_str::<Row>(&line)?.requests;
        line.clear();
    }
    Ok((rows, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&file, text).unwrap();
        file
    }

    #[test]
    fn rows_of_a_csv_file_are_counted_and_summed_up() {
        let csv = file("name,requests,date\n\"a\n\"\"b\"\", c\",3,x\nd,4,y\n");
        assert_eq!(csv_rows(&csv).unwrap(), (2, 7));
        assert!(csv_rows(&file("name\na\n")).is_err());
        assert!(csv_rows(&file("requests\nthree\n")).is_err());
    }

    #[test]
    fn rows_of_a_json_lines_file_are_counted_and_summed_up() {
        let jsonl = file("{\"name\":\"a \\\"b\\\"\",\"requests\":3}\n{\"requests\":4}\n");
        assert_eq!(jsonl_rows(&jsonl).unwrap(), (2, 7));
        assert!(jsonl_rows(&file("{\"name\":\"a\"}\n")).is_err());
        assert!(jsonl_rows(&file("{\"requests\":3}\n{\"requests\":")).is_err());
    }
}
