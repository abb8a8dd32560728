//! Pages: which one a request asks for, which rows it has, and where the next one begins.

use std::ops::Range;

use crate::cursor;
use crate::effect::PageEdit;
use crate::errors::ApiError;

/// The largest page of the service.
const MAX_SIZE: u64 = 1000;

/// The page that a request gets without a size. For searches, the default of the service is not known.
const DEFAULT_SIZE: u64 = 100;

/// The page that a request asks for.
pub(crate) struct Asked {
    pub(crate) start: u64,
    pub(crate) size: u64,
}

/// The page that it gets.
pub(crate) struct Page {
    pub(crate) rows: Range<u64>,
    /// The cursor of the next page, if there is one.
    pub(crate) after: Option<String>,
}

impl Asked {
    /// Reads the query string of a request for the results with this id.
    pub(crate) fn of(query: &str, id: &str) -> Result<Self, ApiError> {
        let mut asked = Self {
            start: 0,
            size: DEFAULT_SIZE,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "pageSize" => {
                    let size = value.parse().ok().filter(|size| (1..=MAX_SIZE).contains(size));
                    asked.size =
                        size.ok_or_else(|| ApiError::invalid_parameter(&value, "pageSize", "1 to 1000"))?;
                }
                "after" => {
                    let start = cursor::decode(id, &value);
                    let allowed = "cursors of earlier pages of these results";
                    asked.start =
                        start.ok_or_else(|| ApiError::invalid_parameter(&value, "after", allowed))?;
                }
                _ => {}
            }
        }
        Ok(asked)
    }

    /// The page of `length` rows, with the changes of a fault. A cursor that must be new is made from `number`.
    pub(crate) fn page(&self, length: u64, id: &str, edit: &PageEdit, number: u64) -> Page {
        let Self { start, size } = *self;
        let rows = |start: u64| start.min(length)..start.saturating_add(size).min(length);
        let (rows, next, variant) = match edit {
            PageEdit::None => (rows(start), start.saturating_add(size), 0),
            PageEdit::Empty => (start..start, start, number + 1),
            PageEdit::Repeated => (rows(start.saturating_sub(size)), start, number + 1),
            PageEdit::LeadsTo(page) => (rows(start), page.saturating_mul(size), 0),
        };
        let has_next = !matches!(edit, PageEdit::None) || next < length;
        let after = has_next.then(|| cursor::encode(id, next, variant));
        Page { rows, after }
    }
}
