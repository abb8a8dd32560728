//! Decompresses gzip, piece by piece.

use bytes::{Buf as _, Bytes};
use flate2::{Decompress, FlushDecompress, Status};

use crate::error::{Error, Result, kind::Kind};

/// The size of decompressed pieces. Each piece costs time on its way to the reader.
const PIECE: usize = 64 * 1024;
/// The size of the first piece. Memory for a small response is faster to get than memory for a large one.
const FIRST_PIECE: usize = 16 * 1024;
/// A piece that fills less than one part in so many of its memory is copied.
const MOST_SPARE: usize = 4;

/// The size of the window of any gzip, as a power of two.
const WINDOW_BITS: u8 = 15;

pub(super) struct Gzip {
    /// Reads one member. The format allows several.
    decoder: Decompress,
    position: Position,
    /// What was damaged. The decoder cannot be used after that.
    damage: Option<Error>,
    /// Memory for the next piece.
    piece: Vec<u8>,
}

/// Where reading stands in compressed bytes.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    Start,
    Member,
    /// Behind a member. Another one may follow.
    AfterMember,
}

impl Gzip {
    /// A decoder at the start of a body.
    pub(super) fn new() -> Self {
        Self {
            decoder: Decompress::new_gzip(WINDOW_BITS),
            position: Position::Start,
            damage: None,
            piece: Vec::new(),
        }
    }

    /// Whether the bytes so far end within a member.
    pub(super) fn is_cut(&self) -> bool {
        self.position == Position::Member
    }

    /// The next piece of what was compressed. None if that needs more bytes.
    pub(super) fn decode(&mut self, pending: &mut Bytes) -> Result<Option<Bytes>> {
        // The last piece may have been full. Then there is more without further input.
        while !pending.is_empty() || self.position == Position::Member {
            if let Some(damage) = &self.damage {
                return Err(damage.clone());
            }
            if self.piece.capacity() == 0 {
                self.piece.reserve_exact(match self.decoder.total_out() {
                    0 => FIRST_PIECE,
                    _ => PIECE,
                });
            }
            let has_changed = self.decompress(pending)?;
            if self.piece.len() == self.piece.capacity() || !has_changed {
                break;
            }
        }
        Ok(self.take_piece())
    }

    /// What was decompressed. A body that arrives in tiny chunks must not hold the memory of a whole piece for each.
    fn take_piece(&mut self) -> Option<Bytes> {
        if self.piece.is_empty() {
            return None;
        }
        if self.piece.len() < self.piece.capacity() / MOST_SPARE {
            let piece = Bytes::copy_from_slice(&self.piece);
            self.piece.clear();
            return Some(piece);
        }
        Some(std::mem::take(&mut self.piece).into())
    }

    /// Decompresses what fits in a piece. Returns whether anything has changed.
    fn decompress(&mut self, pending: &mut Bytes) -> Result<bool> {
        if self.position == Position::AfterMember {
            self.decoder.reset(true);
        }
        let piece = &mut self.piece;
        let (read, written) = (self.decoder.total_in(), piece.len());
        let status = self.decoder.decompress_vec(pending, piece, FlushDecompress::None);
        let status = status.map_err(|error| {
            let damage = damaged(error.message().unwrap_or("it is not gzip"));
            self.damage.insert(damage).clone()
        })?;
        // Bytes of one call.
        let read = (self.decoder.total_in() - read) as usize;
        pending.advance(read);
        let has_ended = status == Status::StreamEnd;
        self.position = match has_ended {
            true => Position::AfterMember,
            false => Position::Member,
        };
        Ok(has_ended || read > 0 || self.piece.len() > written)
    }
}

/// The error of a body that is not the gzip it claims to be.
pub(super) fn damaged(reason: &str) -> Error {
    let message = format!(
        "the response's body is said to be compressed with gzip, but cannot be decompressed: {reason}"
    );
    Error::new(Kind::Decode, message)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn tiny_chunks_of_a_compressed_body_do_not_hold_the_memory_of_whole_pieces() {
        let text = vec![b'x'; 1_000];
        // Without compression, each byte of input is a byte of output.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(&text).unwrap();
        let mut gzip = Gzip::new();
        let (mut read, mut memory) = (Vec::new(), 0);
        for byte in encoder.finish().unwrap() {
            let mut pending = Bytes::from(vec![byte]);
            while let Some(piece) = gzip.decode(&mut pending).unwrap() {
                read.extend_from_slice(&piece);
                memory += Vec::from(piece).capacity();
            }
        }
        assert!(!gzip.is_cut());
        assert_eq!(read, text);
        assert!(
            memory <= MOST_SPARE * text.len(),
            "{memory} bytes for {}",
            text.len()
        );
    }
}
