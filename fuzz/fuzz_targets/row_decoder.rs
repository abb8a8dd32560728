//! The row decoder reads what `serde_json` reads, however the answer is cut into pieces.

#![no_main]

use std::fmt;

mod reference;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use reference::reference;
use usage_client::{ApiUsageRow, Error, QueryStatus, RowDecoder};

/// One byte, then the body as it is, so that a file of the corpus is an answer with one character before it.
#[derive(Arbitrary)]
struct Input<'a> {
    cuts: u8,
    body: &'a [u8],
}

/// As a finding shows it.
impl fmt::Debug for Input<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cuts {}, body {}", self.cuts, self.body.escape_ascii())
    }
}

/// What a NUL stands for. No JSON holds one, so nothing is lost, and a few of them make an answer that is larger than
/// a batch (16 KiB and more), which libFuzzer hardly writes by itself.
const LONG: usize = 24 * 1024;

/// More are left as they are: the decoder's limit of 1 MiB for one value is no difference to find.
const MOST_LONG: usize = 6;

/// The largest pieces are up to so long: bytes, parts of a row, some rows, whole answers.
const LENGTHS: [usize; 6] = [1, 3, 17, 257, 5_000, 70_000];

fuzz_target!(|input: Input<'_>| check(&input));

fn check(input: &Input<'_>) {
    let body = with_long_spaces(input.body);
    let mut rng = fastrand::Rng::with_seed(u64::from(input.cuts));
    let whole = Outcome::of([&body[..]]);
    let pieces = Outcome::of(cut(&body, &mut rng));
    same_however_cut(&whole, &pieces, std::str::from_utf8(&body).is_ok());

    match (reference(&body), &pieces.error) {
        (Ok(answer), None) => {
            let (rows, status) = answer.into_rows_and_status();
            assert_eq!(pieces.rows, rows, "other rows than serde_json's");
            assert_eq!(pieces.status, status, "another status than serde_json's");
            early_end_is_an_error(&body, &rows, &mut rng);
        }
        (Ok(_), Some(error)) => panic!("serde_json reads what the decoder does not: {error}"),
        (Err(error), None) => panic!("the decoder reads what serde_json does not: {error}"),
        (Err(_), Some(_)) => {}
    }
}

fn same_however_cut(whole: &Outcome, pieces: &Outcome, is_text: bool) {
    match (&whole.error, &pieces.error) {
        (None, None) => {
            assert_eq!(whole.rows, pieces.rows, "other rows in pieces");
            assert_eq!(whole.status, pieces.status, "another status in pieces");
        }
        (Some(one), Some(other)) => {
            // How many rows of the last batch an error leaves behind depends on when it is found.
            let common = whole.rows.len().min(pieces.rows.len());
            assert_eq!(
                whole.rows[..common],
                pieces.rows[..common],
                "other rows in pieces, before an error"
            );
            // Bytes that are no text are noticed when they are taken in, ahead of what is read.
            if is_text {
                assert_eq!(whole.read, pieces.read, "more or fewer rows before an error");
                assert_eq!(place(one), place(other), "an error at another place");
            }
        }
        (one, other) => panic!("whole: {one:?}, in pieces: {other:?}"),
    }
}

/// A prefix of a good answer that lacks its last brace never passes for one.
fn early_end_is_an_error(body: &[u8], rows: &[ApiUsageRow], rng: &mut fastrand::Rng) {
    let Some(brace) = body.iter().rposition(|byte| *byte == b'}') else {
        panic!("an answer without an end");
    };
    let prefix = &body[..rng.usize(..=brace)];
    let outcome = Outcome::of(cut(prefix, rng));
    assert!(
        outcome.error.is_some(),
        "{} bytes of {} pass for the whole",
        prefix.len(),
        body.len()
    );
    assert!(rows.starts_with(&outcome.rows), "other rows before an early end");
}

/// What came out of a decoder.
struct Outcome {
    /// The rows that were handed out.
    rows: Vec<ApiUsageRow>,
    /// How many rows the decoder says it has read.
    read: u64,
    status: Option<QueryStatus>,
    error: Option<Error>,
}

impl Outcome {
    fn of<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Self {
        let mut decoder = RowDecoder::new();
        let mut rows = Vec::new();
        let error = read(&mut decoder, pieces, &mut rows).err();
        if let Some(error) = &error {
            assert!(error.is_decode(), "an error of another kind: {error}");
        }
        Self {
            rows,
            read: decoder.rows(),
            status: decoder.query_status().cloned(),
            error,
        }
    }
}

fn read<'b>(
    decoder: &mut RowDecoder,
    pieces: impl IntoIterator<Item = &'b [u8]>,
    rows: &mut Vec<ApiUsageRow>,
) -> usage_client::Result<()> {
    for mut piece in pieces {
        while let Some(batch) = decoder.decode(&mut piece)? {
            assert!(!batch.is_empty(), "a batch without rows");
            rows.extend(batch.iter().map(|row| row.to_row()));
        }
        assert!(piece.is_empty(), "some of the piece was not read");
    }
    if let Some(batch) = decoder.finish()? {
        rows.extend(batch.iter().map(|row| row.to_row()));
    }
    assert_eq!(decoder.rows(), rows.len() as u64, "rows were lost");
    Ok(())
}

/// Some pieces may be empty, as those of a connection may.
fn cut<'b>(mut body: &'b [u8], rng: &mut fastrand::Rng) -> impl Iterator<Item = &'b [u8]> {
    // A long answer in small pieces takes long, and has nothing that a short one has not.
    let shortest = if body.len() < LONG { 0 } else { 3 };
    let most = LENGTHS[rng.usize(shortest..LENGTHS.len())];
    std::iter::from_fn(move || {
        let piece = body.split_off(..rng.usize(..=most).min(body.len()))?;
        (!piece.is_empty() || !body.is_empty()).then_some(piece)
    })
}

fn with_long_spaces(body: &[u8]) -> Vec<u8> {
    let mut parts = body.splitn(MOST_LONG + 1, |byte| *byte == 0);
    let mut long = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        long.resize(long.len() + LONG, b' ');
        long.extend_from_slice(part);
    }
    long
}

/// Where an error was found: the row and the byte at its end.
fn place(error: &Error) -> String {
    let text = error.to_string();
    let (_, place) = text.rsplit_once(" (at ").expect("an error names its place");
    place.to_owned()
}
