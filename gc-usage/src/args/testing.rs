//! Helpers for the tests of options.

/// The words of a command line. Spaces between quotes belong to a word, as in a shell.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (place, part) in line.split('\'').enumerate() {
        match place % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// The rows of a table with `|` between cells. Lines that begin with `//` are comments.
pub(super) fn table<const N: usize>(text: &str) -> impl Iterator<Item = [&str; N]> {
    let rows = text.lines().map(str::trim);
    let rows = rows.filter(|row| !row.is_empty() && !row.starts_with("//"));
    rows.map(|row| {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        cells
            .try_into()
            .unwrap_or_else(|_| panic!("{row}: expected {N} cells"))
    })
}
