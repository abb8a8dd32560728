//! What fuzz targets reach of the command. It is there only with `cfg(fuzzing)`, which cargo-fuzz sets.

use std::path::Path;

use usage_client::{ApiUsageRow, RowRef};

use crate::{
    export::{Context, Row},
    settings::Profiles,
};

/// The rows as a CSV file, each of this profile.
pub fn csv(profile: &str, rows: &[ApiUsageRow]) -> Vec<u8> {
    let context = Context {
        query: None,
        granularity: None,
        has_profiles: true,
        is_part: false,
    };
    let rows: Vec<_> = rows.iter().map(RowRef::from).collect();
    let rows = rows.iter().map(|row| Row {
        profile: Some(profile),
        row,
    });
    crate::export::csv_of(context, rows)
}

/// Whether a spreadsheet may pass over a letter before the sign of a formula.
pub fn passes_over(letter: char) -> bool {
    crate::export::passes_over(letter)
}

/// The names of the profiles in the text of a `config.toml`, ours or the official CLI's; or what the user is told.
pub fn profiles(text: &str, is_ours: bool) -> Result<Vec<String>, String> {
    let mut profiles = Profiles::default();
    let added = profiles.add(Path::new("config.toml"), text, is_ours);
    match added.err().as_ref().or_else(|| profiles.failures().next()) {
        None => Ok(profiles.names().map(str::to_owned).collect()),
        Some(failure) => Err(failure.to_string()),
    }
}
