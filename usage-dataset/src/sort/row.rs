//! A row of a sorted run, which compares with those of other runs.

use std::cmp::Ordering;

use usage_client::RowRef;

use super::{
    dictionary::Dictionary,
    format::{DAY, ORDER, Text},
};
use crate::row::Counts;

/// The code of a string that is not in the dictionary.
const OWN: u16 = u16::MAX;
/// The bits of a day or a string in a key.
const BITS: usize = u16::BITS as usize;
const PLACES: usize = 1 + RowRef::TEXTS;
const _: () = assert!(
    PLACES * BITS == u128::BITS as usize,
    "a key has no room for each column"
);

/// A row of a run.
#[derive(Default)]
pub(crate) struct Row {
    /// The day and the strings in their order, as numbers that compare like them. Only that of a string which is not in the
    /// dictionary is odd.
    key: u128,
    /// For each string, 0 for none, its number in the dictionary plus one, or [`OWN`].
    codes: [u16; RowRef::TEXTS],
    /// How many strings are not in the dictionary.
    owns: u8,
    own: [String; RowRef::TEXTS],
    pub(crate) counts: Counts,
}

/// Where a place of the key is.
fn shift(place: usize) -> usize {
    (PLACES - 1 - place) * BITS
}

impl Row {
    /// The number of the day.
    pub(crate) fn day(&self) -> u16 {
        self.at(0)
    }

    /// The string at a place of [`RowRef::texts`].
    pub(crate) fn text(&self, column: usize) -> Text<'_> {
        match self.codes[column] {
            0 => Text::Absent,
            OWN => Text::Own(&self.own[column]),
            code => Text::Shared(code - 1),
        }
    }

    fn at(&self, place: usize) -> u16 {
        (self.key >> shift(place)) as u16
    }

    fn set(&mut self, place: usize, number: u16) {
        self.key ^= u128::from(self.at(place) ^ number) << shift(place);
    }

    fn set_text(&mut self, place: usize, number: u16, code: u16) {
        self.set(1 + place, number);
        let before = std::mem::replace(&mut self.codes[ORDER[place]], code);
        self.owns = self.owns + u8::from(code == OWN) - u8::from(before == OWN);
    }

    pub(super) fn set_day(&mut self, day: u16) {
        self.set(0, day);
    }

    pub(super) fn set_absent(&mut self, place: usize) {
        self.set_text(place, 0, 0);
    }

    pub(super) fn set_shared(&mut self, place: usize, number: u16, dictionary: &Dictionary) {
        self.set_text(place, dictionary.key(number), number + 1);
    }

    /// Where a string is put before [`set_own`](Self::set_own).
    pub(super) fn own_mut(&mut self, column: usize) -> &mut String {
        &mut self.own[column]
    }

    pub(super) fn set_own(&mut self, place: usize, dictionary: &Dictionary) {
        let number = dictionary.key_between(&self.own[ORDER[place]]);
        self.set_text(place, number, OWN);
    }

    /// A number that is less than that of another row only if the row comes before it. For two rows with the same number,
    /// [`is_before`](Self::is_before) must look. No row has the greatest number.
    pub(super) fn head(&self) -> u128 {
        if self.owns == 0 {
            return self.key;
        }
        // Two strings between the same neighbours have the same number, so what follows does not count.
        let odd = (1..PLACES)
            .find(|place| self.at(*place) & 1 != 0)
            .unwrap_or_default();
        self.key >> shift(odd) << shift(odd)
    }

    /// Whether it comes before another row.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        let ordering = (0..PLACES)
            .map(|place| self.compare(other, place))
            .find(|ordering| ordering.is_ne());
        match ordering {
            Some(ordering) => ordering.is_lt(),
            None => self.counts < other.counts,
        }
    }

    /// How the day or a string compares.
    fn compare(&self, other: &Self, place: usize) -> Ordering {
        let number = self.at(place);
        match number.cmp(&other.at(place)) {
            Ordering::Equal if place > 0 && number & 1 != 0 => {
                let column = ORDER[place - 1];
                self.own[column].cmp(&other.own[column])
            }
            ordering => ordering,
        }
    }

    /// A bit for the day and for each string that differs, as a run has it.
    pub(crate) fn changes(&self, other: &Self) -> u8 {
        let mut changes = 0;
        if self.key != other.key || self.owns > 0 {
            for place in 0..PLACES {
                if self.compare(other, place).is_ne() {
                    changes |= place.checked_sub(1).map_or(DAY, |place| 1 << place);
                }
            }
        }
        changes
    }
}

impl Clone for Row {
    fn clone(&self) -> Self {
        let mut row = Self::default();
        row.clone_from(self);
        row
    }

    /// Copies only the strings that are in use, into memory that is there.
    fn clone_from(&mut self, row: &Self) {
        self.key = row.key;
        self.codes = row.codes;
        self.owns = row.owns;
        self.counts = row.counts;
        if row.owns > 0 {
            for (column, code) in row.codes.iter().enumerate() {
                if *code == OWN {
                    self.own[column].clone_from(&row.own[column]);
                }
            }
        }
    }
}
