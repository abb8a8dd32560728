//! Finds where the rows of a response begin and end.
//!
//! The scanner knows the outermost object of the response and its list `results`. `serde_json` reads the values in
//! it, and finds their ends. No byte is read twice, except those of an incomplete value.

use std::{marker::PhantomData, ops::Range};

use serde::de::{DeserializeSeed, IgnoredAny};
use serde_json::Deserializer;

use super::{keys::Keys, packed::PackedRows, parse::AddRow, shape::LearnedShape};
use crate::{
    generated::types::{ApiUsageRow, QueryStatus},
    http::json,
};

/// How many bytes of other members are kept. They may say why a query failed.
const MAX_OTHER_MEMBERS: usize = 64 * 1024;

/// Finds one row after the other in a growing text.
pub(super) struct Scanner {
    state: State,
    keys: Keys,
    shape: LearnedShape,
    has_results: bool,
    /// Nothing until the key has arrived, before the rows or after them.
    status: Option<Option<QueryStatus>>,
    /// The largest value that is read, in bytes.
    max_value: usize,
    /// The other members, as the text within a JSON object.
    other_members: String,
}

/// What is expected next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Start,
    /// A key, or the end of an empty object.
    FirstKey,
    Key,
    Colon(Member),
    Value(Member),
    /// A row, or the end of an empty list.
    FirstRow,
    Row,
    AfterRow,
    AfterValue,
    End,
}

/// A member of the outermost object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Member {
    Results,
    QueryStatus,
    /// A member that is kept.
    Kept,
    Other,
}

/// What was found.
pub(super) enum Scanned {
    /// A row, and its position.
    Row(Range<usize>),
    /// The rest of the text contains no complete value.
    More,
}

/// Why a response cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Malformed {
    NotJson,
    /// A web page.
    Page,
    /// Half of a surrogate pair, which can be replaced.
    Surrogate,
    /// The response is not an object, `results` is not a list, or an item is not a row: what is wrong, and how many
    /// bytes after the position.
    WrongType(String, usize),
    Twice(&'static str),
    TooLarge(usize),
    /// Something follows the end.
    Trailing,
}

impl Scanner {
    pub(super) fn new(max_value: usize) -> Self {
        Self {
            state: State::Start,
            keys: Keys::Query,
            shape: LearnedShape::default(),
            has_results: false,
            status: None,
            max_value,
            other_members: String::new(),
        }
    }

    /// A scanner of a list of rows, after its `[`. Nothing may follow the list.
    pub(super) fn of_list(keys: Keys) -> Self {
        Self {
            state: State::FirstRow,
            keys,
            ..Self::new(usize::MAX)
        }
    }

    pub(super) fn set_max_value(&mut self, bytes: usize) {
        self.max_value = bytes;
    }

    /// Whether the response has ended.
    pub(super) fn is_at_end(&self) -> bool {
        self.state == State::End
    }

    /// The query status, if it has arrived.
    pub(super) fn status(&self) -> Option<&QueryStatus> {
        self.status.as_ref()?.as_ref()
    }

    /// Whether the list of rows has arrived.
    pub(super) fn has_results(&self) -> bool {
        self.has_results
    }

    /// The response without its rows, if it is small. It may contain an error.
    pub(super) fn other_members(&self) -> String {
        let status = self.status().map(|status| {
            let status = serde_json::Value::from(status.as_str());
            format!("\"queryStatus\":{status}")
        });
        let results = self.has_results.then(|| "\"results\":null".to_owned());
        let members = [status, results, Some(self.other_members.clone())];
        let members: Vec<_> = members
            .into_iter()
            .flatten()
            .filter(|text| !text.is_empty())
            .collect();
        format!("{{{}}}", members.join(","))
    }

    /// Adds the next row in `text` to `rows`. Moves `at` past everything that was read.
    pub(super) fn next(
        &mut self,
        text: &str,
        at: &mut usize,
        rows: &mut PackedRows,
    ) -> Result<Scanned, Malformed> {
        loop {
            skip_whitespace(text, at);
            let Some(next) = text.as_bytes().get(*at).copied() else {
                return Ok(Scanned::More);
            };
            self.state = match (self.state, next) {
                (State::Row, _) | (State::FirstRow, b'{') => {
                    let start = *at;
                    if let Some(end) = self.shape.read(text, start, self.max_value, rows) {
                        *at = end;
                        self.state = State::AfterRow;
                        return Ok(Scanned::Row(start..end));
                    }
                    let before = rows.lengths();
                    let row = AddRow {
                        text,
                        keys: self.keys,
                        packed: rows,
                    };
                    let row = self.value(row, ROW, text, at);
                    if let Ok(Some(())) = row {
                        self.shape.learn(&text[start..*at], self.keys);
                        self.state = State::AfterRow;
                        return Ok(Scanned::Row(start..*at));
                    }
                    rows.truncate(before);
                    return row.map(|_| Scanned::More);
                }
                (State::Start, b'{') => step(at, State::FirstKey),
                (State::FirstKey | State::AfterValue, b'}') => step(at, State::End),
                (State::FirstKey | State::Key, b'"') => {
                    match self.value(PhantomData::<String>, "a key", text, at)? {
                        Some(key) => State::Colon(self.member(&key)?),
                        None => return Ok(Scanned::More),
                    }
                }
                (State::Colon(member), b':') => step(at, State::Value(member)),
                (State::Value(Member::Results), b'[') => step(at, State::FirstRow),
                (State::Value(member), _) => {
                    if !self.read_value(member, text, at)? {
                        return Ok(Scanned::More);
                    }
                    State::AfterValue
                }
                (State::AfterRow, b',') => step(at, State::Row),
                (State::FirstRow | State::AfterRow, b']') => step(at, State::AfterValue),
                (State::AfterValue, b',') => step(at, State::Key),
                (State::Start, b'<') => return Err(Malformed::Page),
                (State::Start | State::FirstRow, b'"' | b'[' | b'-' | b'0'..=b'9' | b'n' | b't' | b'f') => {
                    let what = if self.state == State::Start {
                        "it is not an object"
                    } else {
                        "`results`: a row is not an object"
                    };
                    return Err(Malformed::WrongType(what.to_owned(), 0));
                }
                (State::End, _) => return Err(Malformed::Trailing),
                _ => return Err(Malformed::NotJson),
            };
        }
    }

    /// Reads the value of a member other than the list of rows. Returns false if it is incomplete.
    fn read_value(&mut self, member: Member, text: &str, at: &mut usize) -> Result<bool, Malformed> {
        Ok(match member {
            // Only `null`, because a list is read elsewhere.
            Member::Results => self.value(PhantomData::<()>, "results", text, at)?.is_some(),
            Member::QueryStatus => {
                self.status = self.value(PhantomData, "queryStatus", text, at)?;
                self.status.is_some()
            }
            Member::Kept | Member::Other => {
                let start = *at;
                let is_whole = self
                    .value(PhantomData::<IgnoredAny>, "a member", text, at)?
                    .is_some();
                if is_whole && member == Member::Kept {
                    self.keep(&text[start..*at]);
                }
                is_whole
            }
        })
    }

    /// Keeps the value of the member with the last kept key, if there is room.
    fn keep(&mut self, value: &str) {
        if self.other_members.len() + value.len() <= MAX_OTHER_MEMBERS {
            self.other_members.push_str(value);
        } else {
            self.other_members.push_str("null");
        }
    }

    /// Keeps the key of a member, if there is room. Without its key, a value is not kept.
    fn keep_key(&mut self, key: &str) -> bool {
        let key = serde_json::Value::from(key).to_string();
        let has_room = self.other_members.len() + key.len() < MAX_OTHER_MEMBERS;
        if has_room {
            if !self.other_members.is_empty() {
                self.other_members.push(',');
            }
            self.other_members.push_str(&key);
            self.other_members.push(':');
        }
        has_room
    }

    fn member(&mut self, key: &str) -> Result<Member, Malformed> {
        let (member, was_there) = match key {
            "results" => (Member::Results, std::mem::replace(&mut self.has_results, true)),
            "queryStatus" => (Member::QueryStatus, self.status.is_some()),
            _ if self.keep_key(key) => (Member::Kept, false),
            _ => (Member::Other, false),
        };
        match (member, was_there) {
            (Member::Results, true) => Err(Malformed::Twice("results")),
            (Member::QueryStatus, true) => Err(Malformed::Twice("queryStatus")),
            _ => Ok(member),
        }
    }

    /// Reads the value that begins at `at`. Nothing if it may be incomplete. Then `at` does not change.
    fn value<'t, S: DeserializeSeed<'t>>(
        &self,
        seed: S,
        name: &str,
        text: &'t str,
        at: &mut usize,
    ) -> Result<Option<S::Value>, Malformed> {
        let rest = &text[*at..];
        let mut deserializer = Deserializer::from_str(rest);
        let outcome = match seed.deserialize(&mut deserializer) {
            Ok(value) => {
                let length = deserializer.into_iter::<IgnoredAny>().byte_offset();
                // A number at the end of the text may have more digits.
                let ends_itself = matches!(rest.as_bytes()[0], b'{' | b'[' | b'"');
                (ends_itself || length < rest.len()).then_some((value, length))
            }
            Err(error) if error.is_eof() => None,
            Err(error) if error.is_data() => return Err(wrong_type(name, rest, &error)),
            // A number that ends in `-`, `.` or `e` is not an error until the next byte has arrived.
            Err(error) if is_at_end(&error, rest) => None,
            Err(error) if json::is_of_surrogate(&error) => return Err(Malformed::Surrogate),
            Err(error) => {
                return Err(match json::reason(name, &error) {
                    reason if reason == json::NOT_JSON => Malformed::NotJson,
                    _ => wrong_type(name, rest, &error),
                });
            }
        };
        let length = outcome.as_ref().map_or(rest.len(), |(_, length)| *length);
        if length > self.max_value {
            return Err(Malformed::TooLarge(self.max_value));
        }
        *at += outcome.as_ref().map_or(0, |(_, length)| *length);
        Ok(outcome.map(|(value, _)| value))
    }
}

/// The name of a row in errors.
const ROW: &str = "row";

/// What is wrong with a value. Names the row's field if it is in a row.
fn wrong_type(name: &str, rest: &str, error: &serde_json::Error) -> Malformed {
    let mismatch = (name == ROW)
        .then(|| json::mismatch::<ApiUsageRow>(rest.as_bytes()))
        .flatten();
    let (path, error) = match &mismatch {
        Some(mismatch) if !mismatch.error.is_eof() => (mismatch.path.as_str(), &mismatch.error),
        _ => (name, error),
    };
    Malformed::WrongType(json::reason(path, error), json::offset(rest.as_bytes(), error))
}

/// Whether the error is at the last byte of the text.
fn is_at_end(error: &serde_json::Error, text: &str) -> bool {
    let last_line = text.rsplit('\n').next().unwrap_or_default();
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (error.line(), error.column()) == (lines, last_line.len())
}

fn step(at: &mut usize, state: State) -> State {
    *at += 1;
    state
}

fn skip_whitespace(text: &str, at: &mut usize) {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
    while text.as_bytes().get(*at).is_some_and(is_space) {
        *at += 1;
    }
}
