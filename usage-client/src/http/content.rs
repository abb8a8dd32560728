//! The body of a response, decompressed, with limits of size and silence.

use std::{
    pin::{Pin, pin},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{Either, select},
};
use reqwest::{
    StatusCode, Version,
    header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING},
};
use tokio::time::{Instant, Sleep, sleep};

use super::gzip::{self, Gzip};
use crate::error::{Error, Result, excerpt::sanitized, kind::Kind};

/// The compression that requests accept.
pub(crate) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip");

/// The largest body of a login, a submitted query or an error. They have a few hundred bytes.
pub(crate) const SMALL_BODY: usize = 1024 * 1024;

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
            [name] if is(name, b"gzip") || is(name, b"x-gzip") => Self::Gzip(Box::new(Gzip::new())),
            names => Self::Unknown(String::from_utf8_lossy(&names.join(&b", "[..])).to_ascii_lowercase()),
        }
    }

    /// Decompresses until there is enough for a piece, or nothing is left.
    fn decode(&mut self, pending: &mut Bytes) -> Result<Option<Bytes>> {
        match self {
            Self::Identity => Ok(Some(std::mem::take(pending)).filter(|piece| !piece.is_empty())),
            Self::Gzip(gzip) => gzip.decode(pending),
            Self::Unknown(name) => {
                let message = format!(
                    "the response's body has the content encoding `{}`, which was not asked for; is there a proxy or \
                     gateway that compresses?",
                    sanitized(name)
                );
                Err(Error::new(Kind::Decode, message))
            }
        }
    }

    /// Checks that nothing is missing at the end of the body.
    fn end(&self, is_close_delimited: bool) -> Result<()> {
        match self {
            Self::Gzip(gzip) if gzip.is_cut() && is_close_delimited => Err(Error::cut_body()),
            Self::Gzip(gzip) if gzip.is_cut() => Err(gzip::damaged("its end is missing")),
            _ => Ok(()),
        }
    }
}
