//! The body of a response: decompressed, bounded in size, and never silent for long.

use std::{
    io::Write as _,
    pin::{Pin, pin},
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use flate2::write::MultiGzDecoder;
use futures_util::{
    FutureExt as _,
    future::{Either, select},
};
use reqwest::{
    StatusCode, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING},
};
use tokio::time::{Instant, Sleep};

use crate::error::{Error, Result, excerpt::sanitized, kind::Kind};

/// What requests ask for.
pub(crate) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip");

/// The largest body of a login, a submitted query or an error. They have some hundred bytes.
pub(crate) const SMALL_BODY: usize = 1024 * 1024;

/// Decompressed pieces have about this size, since each costs its way to the reader.
const PIECE: usize = 64 * 1024;

/// How much of a body is read, and how long its silence may last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Bytes, decompressed.
    pub(crate) size: usize,
    /// Time without a byte.
    pub(crate) silence: Duration,
    /// Whether a compressed body is asked for.
    pub(crate) compression: bool,
    /// How long the check may take that tells why a connection hangs. None if there is a proxy: the check would go past it.
    pub(crate) probe: Option<Duration>,
}

/// A body that is still to be read.
pub(crate) struct Body {
    response: reqwest::Response,
    coding: Coding,
    /// Bytes that came and are not decompressed yet.
    pending: Bytes,
    silence: Duration,
    /// Ends a wait for the next piece, or an earlier one.
    timer: Pin<Box<Sleep>>,
    host: String,
    /// Whether the body's end is only where the connection is closed, so that a lost connection looks like the end.
    pub(crate) is_close_delimited: bool,
}

enum Coding {
    Identity,
    Gzip(Box<Gzip>),
    /// One that was not asked for.
    Unknown(String),
}

struct Gzip {
    decoder: MultiGzDecoder<Vec<u8>>,
    has_begun: bool,
}

impl Body {
    pub(crate) fn new(response: reqwest::Response, headers: &HeaderMap, silence: Duration) -> Self {
        let host = response.url().host_str().unwrap_or("the service").to_owned();
        let is_close_delimited = response.version() <= Version::HTTP_11
            && response.status() != StatusCode::NO_CONTENT
            && !headers.contains_key(CONTENT_LENGTH)
            && !headers.contains_key(TRANSFER_ENCODING);
        Self {
            coding: Coding::of(headers),
            is_close_delimited,
            response,
            pending: Bytes::new(),
            timer: Box::pin(tokio::time::sleep(silence)),
            silence,
            host,
        }
    }

    /// The next piece. A future that is dropped before it is done loses nothing. The time in which nobody asks for a
    /// piece does not count as silence.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        loop {
            if self.pending.is_empty() {
                match self.received().await? {
                    Some(bytes) => self.pending = bytes,
                    None => return self.coding.end(self.is_close_delimited),
                }
            }
            if let Some(piece) = self.coding.decode(&mut self.pending)? {
                return Ok(Some(piece));
            }
        }
    }

    /// Reads to the end into one piece of memory, rather than into many that are then joined.
    pub(crate) async fn whole(mut self, limit: usize) -> Result<Bytes> {
        let too_large = || Error::new(Kind::TooLarge, "the body is over its limit");
        if self
            .response
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
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
        // Growing from the size of the first piece costs more than the reading of a small body.
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

    /// What is wrong with the compression of the rest, if it is not much longer: of text that cannot be read, damage on the
    /// way is the better reason.
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
        // What is there already needs no timer.
        if let Some(outcome) = self.response.chunk().now_or_never() {
            return outcome.map_err(Error::without_response);
        }
        // None if the clock does not reach that far.
        let ends = Instant::now().checked_add(self.silence);
        loop {
            let chunk = pin!(self.response.chunk());
            if let Either::Left((outcome, _)) = select(chunk, self.timer.as_mut()).await {
                return outcome.map_err(Error::without_response);
            }
            // It was set when an earlier piece was waited for: to set it anew for each would cost more than it gains.
            if ends.is_some_and(|ends| ends <= Instant::now()) {
                return Err(Error::new(
                    Kind::Timeout,
                    format!(
                        "{} sent nothing for {} s in the middle of its response",
                        self.host,
                        self.silence.as_secs_f64()
                    ),
                ));
            }
            let later = || Instant::now() + Duration::from_secs(u32::MAX.into());
            self.timer.as_mut().reset(ends.unwrap_or_else(later));
        }
    }
}

impl Coding {
    fn of(headers: &HeaderMap) -> Self {
        let names = headers.get_all(CONTENT_ENCODING).into_iter();
        let names = names.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        let names: Vec<_> = names
            .map(|name| String::from_utf8_lossy(name).trim().to_ascii_lowercase())
            .filter(|name| !name.is_empty() && name != "identity")
            .collect();
        match &names[..] {
            [] => Self::Identity,
            [name] if name == "gzip" || name == "x-gzip" => Self::Gzip(Box::new(Gzip {
                decoder: MultiGzDecoder::new(Vec::new()),
                has_begun: false,
            })),
            names => Self::Unknown(names.join(", ")),
        }
    }

    /// Decompresses until there is enough for a piece, or nothing left.
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

    /// What is left at the body's end.
    fn end(&mut self, is_close_delimited: bool) -> Result<Option<Bytes>> {
        match self {
            Self::Gzip(gzip) if gzip.has_begun => match gzip.decoder.try_finish() {
                Ok(()) => {
                    gzip.has_begun = false;
                    Ok(gzip.piece())
                }
                Err(_) if is_close_delimited => Err(Error::cut_body()),
                Err(error) => Err(damaged(&error)),
            },
            _ => Ok(None),
        }
    }
}

impl Gzip {
    fn decode(&mut self, pending: &mut Bytes) -> Result<Option<Bytes>> {
        self.has_begun |= !pending.is_empty();
        while !pending.is_empty() && self.decoder.get_ref().len() < PIECE {
            // However well it is compressed, each call adds no more than the decoder's own buffer of 32 KiB.
            let read = self.decoder.write(pending).map_err(|error| damaged(&error))?;
            pending.advance(read);
        }
        if pending.is_empty() {
            self.decoder.flush().map_err(|error| damaged(&error))?;
        }
        Ok(self.piece())
    }

    /// What was decompressed.
    fn piece(&mut self) -> Option<Bytes> {
        let piece = self.decoder.get_mut();
        if piece.is_empty() {
            return None;
        }
        // The next one is likely to be as large.
        let next = Vec::with_capacity(piece.len());
        Some(std::mem::replace(piece, next).into())
    }
}

fn damaged(error: &std::io::Error) -> Error {
    unreadable(format!(
        "is said to be compressed with gzip, but cannot be decompressed: {error}"
    ))
}

fn unreadable(what: String) -> Error {
    Error::new(Kind::Decode, format!("the response's body {what}"))
}
