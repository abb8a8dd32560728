//! A file of every earlier version can be read.

use super::rows::{Sent, Stored, file, read_rows, sent};

const V1: &[u8] = include_bytes!("../../tests/data/v1.parquet");

/// The rows of the file of version 1, in its order.
fn rows() -> Vec<Sent> {
    let full = Sent {
        texts: [
            "client",
            "Client 007",
            "organization",
            "user",
            "api/v2/users/{userId}",
            "GET",
            "Public API",
        ]
        .map(|text| Some(text.to_owned())),
        counts: [5, 4, 3, 1, 2, 13],
        ..sent(24, "", 0)
    };
    vec![sent(24, "", 1), sent(24, "a", 2), sent(24, "a", 2), full]
}

#[tokio::test]
async fn a_file_of_version_1_is_read() {
    let (info, stored) = read_rows(V1.to_vec()).await;
    let rows = rows();
    assert_eq!(
        stored,
        rows.iter().map(|row| Stored::from(row.row())).collect::<Vec<_>>()
    );
    assert_eq!(info, file(&rows).0);
    assert_eq!(info.format, 1);
}

#[test]
#[ignore = "writes tests/data/v1.parquet, which stays as the first release wrote it"]
fn write_a_file_of_version_1() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/v1.parquet");
    std::fs::write(path, file(&rows()).1).unwrap();
}
