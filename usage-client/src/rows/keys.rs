//! The keys of rows, and which field of a [`RowRef`] each of them is.

use super::packed::{COUNTS, TEXTS};
use crate::generated::{
    rows::{RowRef, is_at, place_of},
    types::HttpMethod,
};

/// The index of the date in [`RowRef::KEYS`], after strings and counts.
pub(super) const DATE: usize = TEXTS + COUNTS;

/// The keys of a row, or of an object in a row. Other keys are skipped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keys {
    /// A row of a query. Its keys are those of [`RowRef::KEYS`] that only rows of jobs do not have.
    Query,
    /// A row of a job, or an object in it.
    Of(&'static [(&'static str, Value)]),
}

/// What a key leads to. Each may also be null.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value {
    /// A string, count or date, at this place of [`RowRef::KEYS`].
    Field(usize),
    /// The date, as a day.
    Day,
    /// The string at this place, which is an [`HttpMethod`].
    Method(usize),
    /// A string that a [`RowRef`] does not have.
    Dropped,
    /// An object with these keys.
    Object(&'static [(&'static str, Value)]),
}

impl Value {
    /// The field with this key in [`RowRef::KEYS`].
    pub(crate) const fn field(key: &str) -> Self {
        Self::Field(place(key))
    }

    /// The method with this key in [`RowRef::KEYS`].
    pub(crate) const fn method(key: &str) -> Self {
        Self::Method(place(key))
    }
}

/// The place of a key, which must exist.
const fn place(key: &str) -> usize {
    let mut place = 0;
    while !equal(RowRef::KEYS[place].as_bytes(), key.as_bytes()) {
        place += 1;
    }
    place
}

/// `==`, which a constant cannot use.
const fn equal(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([], []) => true,
        ([a, one @ ..], [b, other @ ..]) => *a == *b && equal(one, other),
        _ => false,
    }
}

impl Keys {
    /// The index of a key among these, and its value.
    ///
    /// The key that usually comes next is tried first: all rows of a response have their keys in the same order.
    #[inline]
    pub(super) fn find(self, key: &str, expected: usize) -> Option<(usize, Value)> {
        match self {
            Self::Query if is_at(expected, key) => Some((expected, Value::Field(expected))),
            Self::Query => place_of(key).map(|place| (place, Value::Field(place))),
            Self::Of(keys) => {
                let is_expected = keys.get(expected).is_some_and(|(name, _)| *name == key);
                let mut names = keys.iter().map(|(name, _)| *name);
                let index = match is_expected {
                    true => expected,
                    false => names.position(|name| name == key)?,
                };
                Some((index, keys[index].1))
            }
        }
    }

    pub(super) fn name(self, index: usize) -> &'static str {
        match self {
            Self::Query => RowRef::KEYS[index],
            Self::Of(keys) => keys[index].0,
        }
    }
}

/// A method as [`HttpMethod`] spells it, if the text spells it differently.
pub(super) fn respelled(text: &str) -> Option<HttpMethod> {
    Some(HttpMethod::from(text)).filter(|method| method.as_str() != text)
}
