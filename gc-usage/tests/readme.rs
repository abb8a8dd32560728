//! The console blocks of the README show what the commands print.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;

use common::{command, run};

#[test]
fn every_command_of_the_readme_prints_the_text_below_it() {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md")).unwrap();
    let blocks: Vec<_> = readme.split("```console\n").skip(1).collect();
    assert!(blocks.len() >= 5, "{} blocks", blocks.len());
    let directory = tempfile::tempdir().unwrap();
    for block in blocks {
        let block = block.split("\n```").next().unwrap();
        let (line, expected) = block.split_once('\n').unwrap();
        let arguments = line.strip_prefix("$ gc-usage ").unwrap();
        let seen = run(command(arguments).current_dir(&directory));
        let printed = format!("{}{}", seen.err, seen.out);
        assert_eq!(printed.trim_end(), expected, "{line}");
    }
    let workbook = fs::read(directory.path().join("usage.xlsx")).unwrap();
    assert!(
        workbook.starts_with(b"PK") && workbook.len() > 10_000,
        "{}",
        workbook.len()
    );
}
