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

/// A row of a run.
#[derive(Default)]
pub(crate) struct Row {
    /// The strings in their order, after the day, as numbers that compare like them. Only a string that is not in the dictionary has
    /// an odd one.
    keys: [u32; 1 + RowRef::TEXTS],
    /// For each string, 0 for none, its number in the dictionary plus one, or [`OWN`].
    codes: [u16; RowRef::TEXTS],
    own: [String; RowRef::TEXTS],
    pub(crate) counts: Counts,
}

impl Row {
    /// The number of the day.
    pub(crate) fn day(&self) -> u16 {
        (self.keys[0] / 2) as u16
    }

    /// The string at a place of [`RowRef::texts`].
    pub(crate) fn text(&self, column: usize) -> Text<'_> {
        match self.codes[column] {
            0 => Text::Absent,
            OWN => Text::Own(&self.own[column]),
            code => Text::Shared(code - 1),
        }
    }

    pub(super) fn set_day(&mut self, day: u16) {
        self.keys[0] = u32::from(day) * 2;
    }

    pub(super) fn set_absent(&mut self, place: usize) {
        self.keys[1 + place] = 0;
        self.codes[ORDER[place]] = 0;
    }

    pub(super) fn set_shared(&mut self, place: usize, number: u16, dictionary: &Dictionary) {
        self.keys[1 + place] = dictionary.key(number);
        self.codes[ORDER[place]] = number + 1;
    }

    /// Where a string is put before [`set_own`](Self::set_own).
    pub(super) fn own_mut(&mut self, column: usize) -> &mut String {
        &mut self.own[column]
    }

    pub(super) fn set_own(&mut self, place: usize, dictionary: &Dictionary) {
        let column = ORDER[place];
        self.keys[1 + place] = dictionary.key_between(&self.own[column]);
        self.codes[column] = OWN;
    }

    /// How the day or a string compares.
    fn compare(&self, other: &Self, place: usize) -> Ordering {
        let key = self.keys[place];
        match key.cmp(&other.keys[place]) {
            // Two strings between the same neighbours.
            Ordering::Equal if key & 1 != 0 => {
                let column = ORDER[place - 1];
                self.own[column].cmp(&other.own[column])
            }
            ordering => ordering,
        }
    }

    /// Whether it comes before another row.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        let ordering = (0..self.keys.len()).map(|place| self.compare(other, place));
        match ordering.into_iter().find(|ordering| ordering.is_ne()) {
            Some(ordering) => ordering.is_lt(),
            None => self.counts < other.counts,
        }
    }

    /// A bit for the day and for each string that differs, as a run has it.
    pub(crate) fn changes(&self, other: &Self) -> u8 {
        let mut changes = 0;
        for place in 0..self.keys.len() {
            if self.compare(other, place).is_ne() {
                changes |= place.checked_sub(1).map_or(DAY, |place| 1 << place);
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
        self.keys = row.keys;
        self.codes = row.codes;
        self.counts = row.counts;
        for (column, code) in row.codes.iter().enumerate() {
            if *code == OWN {
                self.own[column].clone_from(&row.own[column]);
            }
        }
    }
}
