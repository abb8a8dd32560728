//! The body of a response, decompressed, with limits of size and silence.

use std::{
    pin::{Pin, pin},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use flate2::{Decompress, FlushDecompress, Status};
use futures_util::{
    FutureExt as _,
    future::{Either, select},
};
use reqwest::{
    StatusCode, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING},
};
use tokio::time::{Instant, Sleep, sleep};

use crate::error::{Error, Result, excerpt::sanitized, kind::Kind};

/// The compression that requests accept.
pub(crate) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip");

/// The largest body of a login, a submitted query or an error. They have a few hundred bytes.
pub(crate) const SMALL_BODY: usize = 1024 * 1024;

/// The size of decompressed pieces. Each piece costs time on its way to the reader.
const PIECE: usize = 64 * 1024;
/// The size of the first piece. Memory for a small response is faster to get than memory for a large one.
const FIRST_PIECE: usize = 16 * 1024;
/// A piece that fills less than one part in so many of its memory is copied.
const MOST_SPARE: usize = 4;

/// Limits of reading a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The number of bytes, decompressed.
    pub(crate) size: usize,
    /// How long no byte may arrive.
    pub(crate) silence: Duration,
    /// Whether to request a compressed body.
    pub(crate) compression: bool,
    /// How long to check why a connection hangs. None if there is a proxy, which the check would bypass.
    pub(crate) probe: Option<Duration>,
}

/// A body that has not been read.
pub(crate) struct Body {
    response: reqwest::Response,
    coding: Coding,
    /// Bytes that arrived and are not decompressed yet.
    pending: Bytes,
    silence: Duration,
    /// Ends the wait for the next piece. It may still be set for an earlier piece.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the body ends only where the connection closes. Then a lost connection looks like the end.
    pub(crate) is_close_delimited: bool,
}

enum Coding {
    Identity,
    Gzip(Box<Gzip>),
    /// A compression that was not requested.
    Unknown(String),
}

struct Gzip {
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

/// The size of the window of any gzip, as a power of two.
const WINDOW_BITS: u8 = 15;

impl Body {
    pub(crate) fn new(response: reqwest::Response, headers: &HeaderMap, silence: Duration) -> Self {
        let is_close_delimited = response.version() <= Version::HTTP_11
            && response.status() != StatusCode::NO_CONTENT
            && !headers.contains_key(CONTENT_LENGTH)
            && !headers.contains_key(TRANSFER_ENCODING);
        Self {
            coding: Coding::of(headers),
            is_close_delimited,
            response,
            pending: Bytes::new(),
            timer: None,
            silence,
        }
    }

    /// The next piece. Dropping the future early loses nothing. Time without a caller of this does not count as
    /// silence.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            if let Some(piece) = self.coding.decode(&mut self.pending)? {
                return Ok(Some(piece));
            }
            match self.received().await? {
                Some(bytes) => self.pending = bytes,
                None => return self.coding.end(self.is_close_delimited).map(|()| None),
            }
        }
    }

    /// Reads to the end into one buffer. Joining many pieces would cost more.
    pub(crate) async fn read_to_end(mut self, limit: usize) -> Result<Bytes> {
        let too_large = || Error::new(Kind::TooLarge, "the body is over its limit");
        let announced = self.response.content_length();
        if announced.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let Some(first) = self.chunk().await? else {
            return Ok(Bytes::new());
        };
        if first.len() > limit {
            return Err(too_large());
        }
        let Some(mut next) = self.chunk().await? else {
            return Ok(first);
        };
        // A small body is faster to read with room for it from the start.
        let mut whole = Vec::with_capacity(SMALL_BODY.min(limit));
        whole.extend_from_slice(&first);
        loop {
            if whole.len() + next.len() > limit {
                return Err(too_large());
            }
            whole.extend_from_slice(&next);
            match self.chunk().await? {
                Some(piece) => next = piece,
                None => return Ok(whole.into()),
            }
        }
    }

    /// The damage in the compression of the rest, if the rest is short. It is a better reason than that the text
    /// cannot be read.
    pub(crate) async fn damage(&mut self) -> Option<Error> {
        if matches!(self.coding, Coding::Identity) {
            return None;
        }
        let mut length = 0;
        while length < SMALL_BODY {
            match self.chunk().await {
                Ok(Some(piece)) => length += piece.len(),
                Ok(None) => break,
                Err(error) => return Some(error).filter(|error| error.kind() == Kind::Decode),
            }
        }
        None
    }

    async fn received(&mut self) -> Result<Option<Bytes>> {
        // A piece that has arrived needs no timer.
        if let Some(outcome) = self.response.chunk().now_or_never() {
            return outcome.map_err(Error::without_response);
        }
        // None if the clock cannot hold that time.
        let ends = Instant::now().checked_add(self.silence);
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(self.silence)));
        loop {
            {
                let chunk = pin!(self.response.chunk());
                if let Either::Left((outcome, _)) = select(chunk, timer.as_mut()).await {
                    return outcome.map_err(Error::without_response);
                }
            }
            // The timer was set for an earlier piece. Setting it for each piece would cost more.
            if ends.is_some_and(|ends| ends <= Instant::now()) {
                let host = self.response.url().host_str().unwrap_or("the service");
                let seconds = self.silence.as_secs_f64();
                let message = format!("{host} sent nothing for {seconds} s in the middle of its response");
                return Err(Error::new(Kind::Timeout, message));
            }
            let later = || Instant::now() + Duration::from_secs(u32::MAX.into());
            timer.as_mut().reset(ends.unwrap_or_else(later));
        }
    }
}

impl Coding {
    fn of(headers: &HeaderMap) -> Self {
        let is = <[u8]>::eq_ignore_ascii_case;
        let names = headers.get_all(CONTENT_ENCODING).into_iter();
        let names = names.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let names: Vec<_> = names
            .map(<[u8]>::trim_ascii)
            .filter(|name| !name.is_empty() && !is(name, b"identity"))
            .collect();
        match &names[..] {
            [] => Self::Identity,
            [name] if is(name, b"gzip") || is(name, b"x-gzip") => Self::Gzip(Box::new(Gzip {
                decoder: Decompress::new_gzip(WINDOW_BITS),
                position: Position::Start,
                damage: None,
                piece: Vec::new(),
            })),
            names => Self::Unknown(String::from_utf8_lossy(&names.join(&b", "[..])).to_ascii_lowercase()),
        }
    }

    /// Decompresses until there is enough for a piece, or nothing is left.
    fn decode(&mut self, pending: &mut Bytes) -> Result<Option<Bytes>> {
        match self {
            Self::Identity => Ok(Some(std::mem::take(pending)).filter(|piece| !piece.is_empty())),
            Self::Gzip(gzip) => gzip.decode(pending),
            Self::Unknown(name) => Err(unreadable(format!(
                "has the content encoding `{}`, which was not asked for; is there a proxy or gateway that compresses?",
                sanitized(name)
            ))),
        }
    }

    /// Checks that nothing is missing at the end of the body.
    fn end(&self, is_close_delimited: bool) -> Result<()> {
        match self {
            Self::Gzip(gzip) if gzip.position == Position::Member && is_close_delimited => {
                Err(Error::cut_body())
            }
            Self::Gzip(gzip) if gzip.position == Position::Member => Err(damaged("its end is missing")),
            _ => Ok(()),
        }
    }
}

impl Gzip {
    fn decode(&mut self, pending: &mut Bytes) -> Result<Option<Bytes>> {
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

fn damaged(reason: &str) -> Error {
    unreadable(format!(
        "is said to be compressed with gzip, but cannot be decompressed: {reason}"
    ))
}

fn unreadable(what: String) -> Error {
    Error::new(Kind::Decode, format!("the response's body {what}"))
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
        let compressed = encoder.finish().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, ACCEPTED);
        let mut coding = Coding::of(&headers);
        let (mut read, mut memory) = (Vec::new(), 0);
        for byte in compressed {
            let mut pending = Bytes::from(vec![byte]);
            while let Some(piece) = coding.decode(&mut pending).unwrap() {
                read.extend_from_slice(&piece);
                memory += Vec::from(piece).capacity();
            }
        }
        coding.end(false).unwrap();
        assert_eq!(read, text);
        assert!(
            memory <= MOST_SPARE * text.len(),
            "{memory} bytes for {}",
            text.len()
        );
    }
}
