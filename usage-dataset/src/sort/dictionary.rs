//! The strings that all runs share, and their order.

use super::{Limits, texts::Texts};

/// Strings with numbers, up to a limit: what comes later stands in the rows. So most rows are small and compare as numbers, and
/// the memory stays the same for any number of strings.
#[derive(Default)]
pub(crate) struct Dictionary {
    texts: Texts,
    full: bool,
    /// The numbers in the order of their strings, and the place of each in it. They lack what came after [`sort`](Self::sort).
    sorted: Vec<u16>,
    ranks: Vec<u16>,
}

impl Dictionary {
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(crate) fn get(&self, number: u16) -> &str {
        self.texts.get(number)
    }

    pub(super) fn is(&self, number: u16, text: &str) -> bool {
        self.texts.is(number, text)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter()
    }

    /// The number of a string. Nothing if there is no room for it.
    pub(super) fn number(&mut self, text: &str, limits: &Limits) -> Option<u16> {
        if let Some(number) = self.texts.find(text) {
            return Some(number);
        }
        self.full = self.full || self.texts.len() >= limits.texts || self.texts.bytes() >= limits.texts_bytes;
        (!self.full).then(|| self.texts.insert(text))
    }

    /// Puts all strings in order.
    pub(super) fn sort(&mut self) {
        if self.sorted.len() == self.texts.len() {
            return;
        }
        self.sorted = self.texts.sorted();
        self.ranks.resize(self.sorted.len(), 0);
        for (rank, number) in self.sorted.iter().enumerate() {
            self.ranks[usize::from(*number)] = rank as u16;
        }
    }

    pub(super) fn sorted(&self) -> &[u16] {
        &self.sorted
    }

    /// A number that compares with those of other strings as the strings do. It is even and not 0.
    pub(super) fn key(&self, number: u16) -> u16 {
        2 * self.ranks[usize::from(number)] + 2
    }

    /// The same for a string that is not there. It is odd, and the same for all strings between two neighbours.
    pub(super) fn key_between(&self, text: &str) -> u16 {
        let below = self.sorted.partition_point(|number| self.get(*number) < text);
        2 * below as u16 + 1
    }
}
