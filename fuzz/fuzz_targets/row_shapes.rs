//! Rows that look alike, except for a few bytes, are read as `serde_json` reads them, whatever was learned from the rows
//! before them.

#![no_main]

mod reference;

use std::fmt;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use reference::reference;
use usage_client::RowDecoder;

#[derive(Arbitrary)]
struct Input<'a> {
    /// How often the row comes unchanged, before the changed ones.
    unchanged: u8,
    changes: Vec<Change<'a>>,
    row: &'a str,
}

/// A copy of the row in which some bytes are replaced.
#[derive(Arbitrary)]
struct Change<'a> {
    at: u16,
    removed: u8,
    text: &'a str,
    /// How often the row is repeated.
    copies: u8,
}

/// As a finding shows it.
impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&response(self))
    }
}

/// A row of most kinds of values. It is used if there is none.
const ROW: &str = r#"{"clientId":"7de3af06","clientName":"A b","organizationId":"","userId":null,"new":true,"templateUri":"api/v2/users/{userId}","httpMethod":"GET","status200":20,"status300":0,"other":"x","status400":1,"status500":null,"status429":0,"requests":21,"more":7,"date":"2020-02-02T00:00:00Z"}"#;

const MOST_COPIES: u8 = 8;
const MOST_CHANGES: usize = 16;

fuzz_target!(|input: Input<'_>| check(&response(&input)));

fn check(response: &str) {
    let mut decoder = RowDecoder::new();
    let mut rows = Vec::new();
    let mut decode = || -> usage_client::Result<()> {
        let mut input = response.as_bytes();
        while let Some(batch) = decoder.decode(&mut input)? {
            rows.extend(batch.iter().map(|row| row.to_row()));
        }
        if let Some(batch) = decoder.finish()? {
            rows.extend(batch.iter().map(|row| row.to_row()));
        }
        Ok(())
    };
    match (reference(response.as_bytes()), decode()) {
        (Ok(answer), Ok(())) => {
            let (expected, status) = answer.into_rows_and_status();
            assert_eq!(rows, expected, "other rows than serde_json's");
            assert_eq!(
                decoder.query_status(),
                status.as_ref(),
                "another status than serde_json's"
            );
        }
        (Ok(_), Err(error)) => panic!("serde_json reads what the decoder does not: {error}"),
        (Err(error), Ok(())) => panic!("the decoder reads what serde_json does not: {error}"),
        (Err(_), Err(_)) => {}
    }
}

fn response(input: &Input<'_>) -> String {
    let row = if input.row.is_empty() { ROW } else { input.row };
    let mut rows = vec![row.to_owned(); usize::from(1 + input.unchanged % MOST_COPIES)];
    for change in input.changes.iter().take(MOST_CHANGES) {
        let mut changed = row.to_owned();
        let boundary = |at: usize| {
            (at..=row.len())
                .find(|at| row.is_char_boundary(*at))
                .unwrap_or(row.len())
        };
        let start = boundary(usize::from(change.at) % (row.len() + 1));
        let end = boundary(start + usize::from(change.removed % 8));
        changed.replace_range(start..end, change.text);
        rows.extend(vec![changed; usize::from(1 + change.copies % MOST_COPIES)]);
    }
    // The last bytes of a text are never read by the shape.
    let space = " ".repeat(64);
    format!(
        "{{\"results\":[{}]{space},\"queryStatus\":\"Complete\"}}",
        rows.join(",")
    )
}
