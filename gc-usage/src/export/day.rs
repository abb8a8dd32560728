//! Writes days. A formatter would take as long as the rest of a row.

use std::io::Write as _;

use chrono::{Datelike as _, NaiveDate};

/// Appends a day as in `2020-02-02`.
pub(super) fn write_day(line: &mut Vec<u8>, day: NaiveDate) {
    let Some(year) = u32::try_from(day.year()).ok().filter(|year| *year <= 9999) else {
        // Writing to memory does not fail.
        let _ = write!(line, "{day}");
        return;
    };
    let digit = |number: u32| b'0' + (number % 10) as u8;
    let (month, day) = (day.month(), day.day());
    line.extend_from_slice(&[
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
        b'-',
        digit(month / 10),
        digit(month),
        b'-',
        digit(day / 10),
        digit(day),
    ]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_day_is_written_as_chrono_writes_it(days in prop_oneof![-719_600..2_932_900_i32, -80_000_000..80_000_000]) {
            let day = NaiveDate::from_epoch_days(days).unwrap();
            let mut line = Vec::new();
            write_day(&mut line, day);
            prop_assert_eq!(String::from_utf8(line).unwrap(), day.to_string());
        }
    }
}
