//! Measures the row decoder on a response in memory, and `serde_json` on the same response.
//!
//! `cargo bench -p usage-client --bench row_decoder` prints GB/s.

use divan::{Bencher, black_box, counter::BytesCount};
use usage_client::{ApiUsageQueryResult, RowDecoder};

const ROWS: usize = 20_000;

fn main() {
    divan::main();
}

/// A response like those of the service.
fn answer() -> Vec<u8> {
    let row = |number: usize| {
        format!(
            r#"{{"clientId":"928d5bf3-83b7-4ddd-86dc-{number:012}","clientName":"Integration {}","organizationId":"","userId":"de5bbfaf-6d64-4a6d-835d-edd5a013a2fd","templateUri":"api/v2/conversations/{{conversationId}}/participants","httpMethod":"GET","status200":{number},"status300":1,"status400":13,"status500":7,"status429":9,"requests":{},"date":"2024-02-{:02}T00:00:00Z"}}"#,
            number % 40,
            number + 21,
            number % 29 + 1,
        )
    };
    let rows: Vec<_> = (0..ROWS).map(row).collect();
    format!(r#"{{"results":[{}],"queryStatus":"Complete"}}"#, rows.join(",")).into_bytes()
}

#[divan::bench(args = [4, 16, 64, 400])]
fn batches_from_pieces_of_kib(bencher: Bencher<'_, '_>, kib: usize) {
    let body = answer();
    bencher.counter(BytesCount::new(body.len())).bench(|| {
        let mut decoder = RowDecoder::new();
        let mut rows = 0;
        for mut piece in black_box(&body).chunks(kib * 1024) {
            while let Some(batch) = decoder.decode(&mut piece).expect("valid rows") {
                rows += batch.len();
            }
        }
        rows += decoder
            .finish()
            .expect("a whole answer")
            .map_or(0, |batch| batch.len());
        assert_eq!(rows, ROWS);
    });
}

#[divan::bench]
fn serde_json_of_the_whole(bencher: Bencher<'_, '_>) {
    let body = answer();
    bencher.counter(BytesCount::new(body.len())).bench(|| {
        let answer: ApiUsageQueryResult = serde_json::from_slice(black_box(&body)).expect("valid rows");
        assert_eq!(answer.results.map(|rows| rows.len()), Some(ROWS));
    });
}
