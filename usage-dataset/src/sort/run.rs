//! The rows that are sorted in memory.
//!
//! A column is a list of numbers of strings. To sort, each number becomes the rank of its string, and the rows are put in order
//! by one column after the other, from the last to the first: a counting sort compares nothing.

use std::io;

use usage_client::RowRef;

use super::{
    Limits,
    dictionary::Dictionary,
    format::{DAY, ORDER, Text, read_counts, write_counts},
    run_file::RunWriter,
    texts::Texts,
};
use crate::row::Counts;

/// The codes of strings of a run's own, above those of the dictionary and 0 for none.
const OWN: u16 = 0x8000;
/// How many strings a run and the dictionary can have.
pub(super) const MOST_TEXTS: usize = 0x7fff;

/// Rows, column by column.
#[derive(Default)]
pub(super) struct Run {
    days: Vec<u16>,
    columns: [Vec<u16>; RowRef::TEXTS],
    /// Where the counts of each row begin in `counts`.
    starts: Vec<u32>,
    counts: Vec<u8>,
    own: Texts,
    scratch: Scratch,
}

/// Memory that each sort needs. It is kept, because new memory costs about as much as filling it.
#[derive(Default)]
struct Scratch {
    ranks: Vec<u16>,
    by_rank: Vec<u16>,
    histogram: Vec<u32>,
    order: Vec<u32>,
    next: Vec<u32>,
    changes: Vec<u8>,
}

impl Run {
    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Whether another row may not fit.
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.days.len() >= limits.rows
            || self.counts.len() >= limits.counts_bytes
            || self.own.len() + RowRef::TEXTS > limits.texts
            || self.own.bytes() >= limits.texts_bytes
    }

    pub(super) fn add(
        &mut self,
        day: u16,
        texts: [Option<&str>; RowRef::TEXTS],
        counts: &Counts,
        dictionary: &mut Dictionary,
        limits: &Limits,
    ) {
        for (column, text) in texts.into_iter().enumerate() {
            let code = match text.filter(|text| !text.is_empty()) {
                None => 0,
                Some(text) => self.code(column, text, dictionary, limits),
            };
            self.columns[column].push(code);
        }
        self.days.push(day);
        self.starts.push(self.counts.len() as u32);
        write_counts(&mut self.counts, counts);
    }

    fn code(&mut self, column: usize, text: &str, dictionary: &mut Dictionary, limits: &Limits) -> u16 {
        // Consecutive rows often share a string.
        let before = self.columns[column].last().copied().unwrap_or_default();
        let same = match before {
            0 => false,
            OWN.. => self.own.is(before & !OWN, text),
            _ => dictionary.is(before - 1, text),
        };
        if same {
            return before;
        }
        match dictionary.number(text, limits) {
            Some(number) => number + 1,
            None => OWN | self.own.find(text).unwrap_or_else(|| self.own.insert(text)),
        }
    }

    /// Sorts the rows, and writes them. The run is empty afterwards.
    pub(super) fn write(&mut self, dictionary: &mut Dictionary, out: &mut RunWriter<'_>) -> io::Result<()> {
        self.rank(dictionary);
        self.sort();
        let Scratch {
            by_rank,
            order,
            changes,
            ..
        } = &self.scratch;
        for (row, changes) in order.iter().zip(changes) {
            let row = *row as usize;
            let bytes = out.row()?;
            bytes.push(*changes);
            if changes & DAY != 0 {
                bytes.extend_from_slice(&self.days[row].to_le_bytes());
            }
            for (place, column) in ORDER.into_iter().enumerate() {
                if changes & 1 << place != 0 {
                    let code = by_rank[usize::from(self.columns[column][row])];
                    let text = match code {
                        0 => Text::Absent,
                        OWN.. => Text::Own(self.own.get(code & !OWN)),
                        _ => Text::Shared(code - 1),
                    };
                    text.write(bytes);
                }
            }
            let end = self
                .starts
                .get(row + 1)
                .map_or(self.counts.len(), |end| *end as usize);
            bytes.extend_from_slice(&self.counts[self.starts[row] as usize..end]);
        }
        self.clear();
        Ok(())
    }

    /// Puts the rank of its string in place of each number.
    fn rank(&mut self, dictionary: &mut Dictionary) {
        dictionary.sort();
        let Scratch { ranks, by_rank, .. } = &mut self.scratch;
        by_rank.clear();
        by_rank.push(0);
        let own = self.own.sorted();
        let mut own = own.iter().peekable();
        for number in dictionary.sorted() {
            let text = dictionary.get(*number);
            while let Some(before) = own.next_if(|own| self.own.get(**own) < text) {
                by_rank.push(OWN | before);
            }
            by_rank.push(number + 1);
        }
        by_rank.extend(own.map(|number| OWN | number));
        ranks.clear();
        ranks.resize(1 + usize::from(u16::MAX), 0);
        for (rank, code) in by_rank.iter().enumerate() {
            ranks[usize::from(*code)] = rank as u16;
        }
        for column in &mut self.columns {
            for code in column {
                *code = ranks[usize::from(*code)];
            }
        }
    }

    fn sort(&mut self) {
        let rows = self.days.len() as u32;
        self.scratch.order.clear();
        self.scratch.order.extend(0..rows);
        for column in ORDER.into_iter().rev() {
            self.scratch.sort_by(&self.columns[column]);
        }
        self.scratch.sort_by(&self.days);
        self.note_changes();
        self.sort_equal_rows();
    }

    /// Notes in which columns each row differs from the one before it.
    fn note_changes(&mut self) {
        let Scratch { order, changes, .. } = &mut self.scratch;
        changes.clear();
        changes.resize(order.len(), 0);
        let mut note = |column: &[u16], bit: u8| {
            let mut before = None;
            for (row, changes) in order.iter().zip(&mut *changes) {
                let value = Some(column[*row as usize]);
                if value != before {
                    *changes |= bit;
                }
                before = value;
            }
        };
        note(&self.days, DAY);
        for (place, column) in ORDER.into_iter().enumerate() {
            note(&self.columns[column], 1 << place);
        }
    }

    /// Rows that differ in nothing but their counts are sorted by these.
    fn sort_equal_rows(&mut self) {
        let Scratch { order, changes, .. } = &mut self.scratch;
        let counts = |row: &u32| {
            read_counts(&self.counts[self.starts[*row as usize] as usize..]).map(|(counts, _)| counts)
        };
        let mut start = 0;
        for end in 1..=order.len() {
            if changes.get(end).is_none_or(|changes| *changes != 0) {
                if end - start > 1 {
                    order[start..end].sort_by_cached_key(counts);
                }
                start = end;
            }
        }
    }

    fn clear(&mut self) {
        self.days.clear();
        self.columns.iter_mut().for_each(Vec::clear);
        self.starts.clear();
        self.counts.clear();
        self.own.clear();
    }
}

impl Scratch {
    /// Sorts the rows by a column. Rows of the same value stay in their order.
    fn sort_by(&mut self, column: &[u16]) {
        let Some(last) = column.iter().max() else {
            return;
        };
        self.histogram.clear();
        self.histogram.resize(usize::from(*last) + 1, 0);
        for value in column {
            self.histogram[usize::from(*value)] += 1;
        }
        if self.histogram[usize::from(*last)] as usize == column.len() {
            return;
        }
        let mut start = 0;
        for place in &mut self.histogram {
            start += std::mem::replace(place, start);
        }
        self.next.resize(self.order.len(), 0);
        for row in &self.order {
            let place = &mut self.histogram[usize::from(column[*row as usize])];
            self.next[*place as usize] = *row;
            *place += 1;
        }
        std::mem::swap(&mut self.order, &mut self.next);
    }
}
