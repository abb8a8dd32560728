//! The form of a row in a run, and the order of rows.

use chrono::{Days, NaiveDate};
use usage_client::RowRef;

use crate::row::Counts;

/// The columns by which rows are sorted, by their places in [`RowRef::texts`]: client, endpoint, method, user, organization,
/// platform, and the client's name, so that a file is always the same. The day comes before them.
pub(crate) const ORDER: [usize; RowRef::TEXTS] = [0, 4, 5, 3, 2, 6, 1];
/// A row has a bit for each of the columns of [`ORDER`] and for the day, in the byte that says what changes.
pub(crate) const DAY: u8 = 1 << RowRef::TEXTS;
const _: () = assert!(RowRef::TEXTS < 8, "a byte has no bit for each column");
/// The bit of a column, by its place in [`RowRef::texts`].
pub(crate) const fn bit(column: usize) -> u8 {
    let mut place = 0;
    while ORDER[place] != column {
        place += 1;
    }
    1 << place
}

/// How many bytes a row takes at most, without strings that stand in it.
pub(super) const FIXED: usize = 1 + 2 + 10 * RowRef::TEXTS + LONGEST_COUNTS;
const LONGEST_COUNTS: usize = 1 + 10 * RowRef::COUNTS;

/// A day as the number of days since 1970. Nothing if it is earlier, or after June 6, 2149.
pub(crate) fn day_number(day: NaiveDate) -> Option<u16> {
    u16::try_from(day.signed_duration_since(NaiveDate::default()).num_days()).ok()
}

pub(crate) fn day_of(number: u16) -> NaiveDate {
    NaiveDate::default() + Days::new(number.into())
}

/// A string of a row in a run.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    Absent,
    /// A number of the dictionary that all runs share.
    Shared(u16),
    /// A string that was not in the dictionary when it was full.
    Own(&'a str),
}

impl Text<'_> {
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Absent => out.push(0),
            Self::Shared(number) => write_number(out, 2 * (u64::from(number) + 1)),
            Self::Own(text) => {
                write_number(out, 2 * text.len() as u64 + 1);
                out.extend_from_slice(text.as_bytes());
            }
        }
    }
}

/// The counts that are not 0, after a byte that says which these are.
pub(super) fn write_counts(out: &mut Vec<u8>, counts: &Counts) {
    let start = out.len();
    out.push(0);
    for (place, count) in counts.iter().enumerate() {
        if *count != 0 {
            out[start] |= 1 << place;
            // Small negative numbers take as little as small positive ones.
            write_number(out, ((count << 1) ^ (count >> 63)).cast_unsigned());
        }
    }
}

/// The counts, and what follows them.
pub(super) fn read_counts(bytes: &[u8]) -> Option<(Counts, &[u8])> {
    let (given, mut bytes) = bytes.split_first()?;
    let mut counts = Counts::default();
    for (place, count) in counts.iter_mut().enumerate() {
        if given & 1 << place != 0 {
            let (number, rest) = read_number(bytes)?;
            *count = (number >> 1).cast_signed() ^ -((number & 1).cast_signed());
            bytes = rest;
        }
    }
    Some((counts, bytes))
}

/// Seven bits a byte, the lowest first.
fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// The number, and what follows it.
pub(super) fn read_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[place + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_read_as_they_were_written(counts in any::<Counts>(), small in prop::array::uniform6(-3..3i64)) {
            for counts in [counts, small] {
                let mut bytes = Vec::new();
                write_counts(&mut bytes, &counts);
                prop_assert!(bytes.len() <= LONGEST_COUNTS);
                bytes.push(7);
                prop_assert_eq!(read_counts(&bytes), Some((counts, &[7][..])));
            }
        }
    }

    #[test]
    fn days_are_numbers_from_1970_to_2149() {
        assert_eq!(day_number(NaiveDate::default()), Some(0));
        assert_eq!(day_of(u16::MAX).to_string(), "2149-06-06");
        assert_eq!(day_number(day_of(u16::MAX)), Some(u16::MAX));
        assert_eq!(day_number(day_of(u16::MAX) + Days::new(1)), None);
        assert_eq!(day_number(NaiveDate::MIN), None);
    }
}
