//! Sorted runs as one.

use std::io;

use super::{dictionary::Dictionary, reader::RunReader, row::Row};

/// A tree of losers. Each node has the reader that lost there, and the winner of all has the next row. So a row takes one comparison
/// for each level of the tree.
pub(crate) struct Merge {
    readers: Vec<RunReader>,
    /// The winner, then the nodes. The children of a node have twice its place, and one more.
    tree: Vec<usize>,
}

impl Merge {
    pub(super) fn new(readers: Vec<RunReader>) -> Self {
        const EMPTY: usize = usize::MAX;
        let mut merge = Self {
            tree: vec![EMPTY; readers.len()],
            readers,
        };
        // The first reader to arrive at a node waits there for the other.
        for reader in 0..merge.readers.len() {
            let mut winner = reader;
            let mut node = merge.parent(reader);
            while node > 0 && winner != EMPTY {
                if merge.tree[node] == EMPTY || merge.is_before(merge.tree[node], winner) {
                    std::mem::swap(&mut merge.tree[node], &mut winner);
                }
                node /= 2;
            }
            if winner != EMPTY {
                merge.tree[0] = winner;
            }
        }
        merge
    }

    /// The next row of all.
    pub(crate) fn row(&self) -> Option<&Row> {
        self.readers[*self.tree.first()?].row()
    }

    /// Reads on.
    pub(crate) fn advance(&mut self, dictionary: &Dictionary) -> io::Result<()> {
        let Some(mut winner) = self.tree.first().copied() else {
            return Ok(());
        };
        self.readers[winner].advance(dictionary)?;
        let mut node = self.parent(winner);
        while node > 0 {
            if self.is_before(self.tree[node], winner) {
                std::mem::swap(&mut self.tree[node], &mut winner);
            }
            node /= 2;
        }
        self.tree[0] = winner;
        Ok(())
    }

    fn parent(&self, reader: usize) -> usize {
        (reader + self.readers.len()) / 2
    }

    /// Whether the row of a reader comes first. Readers without one are last.
    fn is_before(&self, reader: usize, other: usize) -> bool {
        match (self.readers[reader].row(), self.readers[other].row()) {
            (Some(row), Some(other)) => row.is_before(other),
            (row, _) => row.is_some(),
        }
    }
}
