//! The parts of the command that fuzz targets call. They exist only with `cfg(fuzzing)`, which cargo-fuzz sets.

use std::path::Path;

use clap::ValueEnum as _;
use usage_client::RowRef;

use crate::{
    export::{Context, Dialect, Program, Row, Separator},
    settings::Profiles,
};

/// The separators of cells.
pub const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The rows as a CSV file with one of [`SEPARATORS`], each with this profile.
pub fn csv(profile: &str, rows: &[RowRef<'_>], separator: u8, is_for_excel: bool) -> Vec<u8> {
    let mut separators = Separator::value_variants().iter().copied();
    let dialect = Dialect {
        separator: separators
            .find(|known| known.byte() == separator)
            .unwrap_or_default(),
        program: is_for_excel.then_some(Program::Excel),
    };
    let context = Context {
        query: None,
        granularity: None,
        has_profiles: true,
        has_platforms: true,
        is_part: false,
    };
    let rows = rows.iter().map(|row| Row {
        profile: Some(profile),
        row,
    });
    crate::export::csv_of(context, dialect, rows)
}

/// Whether a spreadsheet may skip a character before the sign of a formula.
pub fn is_skipped(character: char) -> bool {
    crate::export::is_skipped(character)
}

/// The names of the profiles in the text of a `config.toml`, ours or the official CLI's; or the message for the user.
pub fn profiles(text: &str, is_ours: bool) -> Result<Vec<String>, String> {
    let mut profiles = Profiles::default();
    let added = profiles.add(Path::new("config.toml"), text, is_ours);
    match added.err().as_ref().or_else(|| profiles.failures().next()) {
        None => Ok(profiles.names().map(str::to_owned).collect()),
        Some(failure) => Err(failure.to_string()),
    }
}
