//! Different strings, each stored once, with a number.

use std::hash::BuildHasher as _;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Strings with the numbers 0, 1, 2 and so on.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<u32>,
    /// The numbers, each with the hash of its string, so that few strings are compared.
    table: HashTable<(u16, u32)>,
    hasher: RandomState,
}

impl Texts {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many bytes the strings take.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    pub(super) fn get(&self, number: u16) -> &str {
        let number = usize::from(number);
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start as usize..self.ends[number] as usize]
    }

    /// Whether a string has this number. Bytes are compared without looking where a character begins.
    pub(super) fn is(&self, number: u16, text: &str) -> bool {
        let number = usize::from(number);
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text.as_bytes()[start as usize..self.ends[number] as usize] == text.as_bytes()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number as u16))
    }

    pub(super) fn find(&self, text: &str) -> Option<u16> {
        let hash = self.hasher.hash_one(text.as_bytes());
        let found = self.table.find(hash, |(number, other)| {
            *other == hash as u32 && self.is(*number, text)
        });
        found.map(|(number, _)| *number)
    }

    /// Adds a string that is not there yet.
    pub(super) fn insert(&mut self, text: &str) -> u16 {
        let number = self.ends.len() as u16;
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        let hash = self.hasher.hash_one(text.as_bytes());
        let Self {
            text: all,
            ends,
            table,
            hasher,
        } = self;
        table.insert_unique(hash, (number, hash as u32), |(number, _)| {
            let number = usize::from(*number);
            let start = number.checked_sub(1).map_or(0, |before| ends[before]);
            hasher.hash_one(&all.as_bytes()[start as usize..ends[number] as usize])
        });
        number
    }

    /// The numbers, in the order of their strings.
    pub(super) fn sorted(&self) -> Vec<u16> {
        let mut numbers: Vec<_> = (0..self.len()).map(|number| number as u16).collect();
        numbers.sort_unstable_by_key(|number| self.get(*number));
        numbers
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.table.clear();
    }
}
