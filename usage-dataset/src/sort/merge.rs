//! Sorted runs as one.

use std::io;

use super::{dictionary::Dictionary, reader::RunReader, row::Row};

/// A tree of losers. Each node has the reader that lost there, and the winner of all has the next row. So a row takes one comparison
/// for each level of the tree.
pub(crate) struct Merge {
    readers: Vec<RunReader>,
    /// The winner, then the nodes. The children of a node have twice its place, and one more.
    tree: Vec<Player>,
}

/// A reader, with what its row is compared by.
#[derive(Clone, Copy)]
struct Player {
    head: u128,
    reader: usize,
}

/// Of a reader without rows.
const LAST: u128 = u128::MAX;

impl Merge {
    pub(super) fn new(readers: Vec<RunReader>) -> Self {
        const NOBODY: usize = usize::MAX;
        let nobody = Player {
            head: LAST,
            reader: NOBODY,
        };
        let mut merge = Self {
            tree: vec![nobody; readers.len()],
            readers,
        };
        // The first reader to arrive at a node waits there for the other.
        for reader in 0..merge.readers.len() {
            let mut winner = merge.player(reader);
            let mut node = merge.parent(reader);
            while node > 0 && winner.reader != NOBODY {
                if merge.tree[node].reader == NOBODY || merge.is_before(merge.tree[node], winner) {
                    std::mem::swap(&mut merge.tree[node], &mut winner);
                }
                node /= 2;
            }
            if winner.reader != NOBODY {
                merge.tree[0] = winner;
            }
        }
        merge
    }

    /// The next row of all.
    pub(crate) fn row(&self) -> Option<&Row> {
        self.readers[self.tree.first()?.reader].row()
    }

    /// Reads on.
    pub(crate) fn advance(&mut self, dictionary: &Dictionary) -> io::Result<()> {
        let Some(Player { reader, .. }) = self.tree.first().copied() else {
            return Ok(());
        };
        self.readers[reader].advance(dictionary)?;
        let mut winner = self.player(reader);
        let mut node = self.parent(reader);
        while node > 0 {
            if self.is_before(self.tree[node], winner) {
                std::mem::swap(&mut self.tree[node], &mut winner);
            }
            node /= 2;
        }
        self.tree[0] = winner;
        Ok(())
    }

    fn player(&self, reader: usize) -> Player {
        let head = self.readers[reader].row().map_or(LAST, Row::head);
        Player { head, reader }
    }

    fn parent(&self, reader: usize) -> usize {
        (reader + self.readers.len()) / 2
    }

    /// Whether the row of a reader comes first. Readers without one are last.
    fn is_before(&self, player: Player, other: Player) -> bool {
        if player.head != other.head {
            return player.head < other.head;
        }
        match (
            self.readers[player.reader].row(),
            self.readers[other.reader].row(),
        ) {
            (Some(row), Some(other)) => row.is_before(other),
            _ => false,
        }
    }
}
