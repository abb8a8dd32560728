//! The shape of a row: what the rows of a response have in common.
//!
//! All rows of a response have the same keys in the same order, with the same punctuation. A shape is learned from a
//! row that `serde_json` has read. A row of this shape is read by comparing it with the shape, which takes a fraction
//! of the time. A row that differs in any byte outside its values, or that has a value of another form, is left to
//! `serde_json`. So a shape accepts nothing else, and reads nothing differently.

use super::{
    keys::{self, DATE, Keys, respelled},
    packed::{PackedRow, PackedRows, Span, TEXTS},
};
use crate::fields::read;

/// The longest literal that is compared in one go. A longer one takes several steps.
const LITERAL: usize = 32;

/// A count with more digits may not fit in 64 bits.
const MAX_DIGITS: usize = 18;

/// After this many rows in a row without the shape, another one is learned. The number doubles each time that this
/// does not help.
const MISSES: u32 = 3;

/// It does not double beyond this.
const MAX_MISSES: u32 = 1024;

/// The shape of the rows that were read last.
#[derive(Default)]
pub(super) struct LearnedShape {
    shape: Option<Shape>,
    /// How many rows in a row did not have it.
    misses: u32,
    /// How many more misses there are until another shape is learned.
    patience: u32,
}

impl LearnedShape {
    /// Adds the row that begins at `start` to `rows`, and returns where it ends. Nothing if it does not have the learned
    /// shape, or is larger than `max_bytes`.
    pub(super) fn read(
        &mut self,
        text: &str,
        start: usize,
        max_bytes: usize,
        rows: &mut PackedRows,
    ) -> Option<usize> {
        let shape = self.shape.as_ref()?;
        rows.rows.push(PackedRow::default());
        let end = shape.read(text, start, rows.rows.last_mut()?);
        if end.is_some_and(|end| end - start <= max_bytes) {
            (self.misses, self.patience) = (0, MISSES);
            return end;
        }
        rows.rows.pop();
        None
    }

    /// Learns from a row that does not have the shape, if there were enough of them.
    pub(super) fn learn(&mut self, row: &str, keys: Keys) {
        self.misses += 1;
        if self.misses > self.patience {
            self.shape = Shape::of(row, keys);
            self.patience = (2 * self.patience).clamp(MISSES, MAX_MISSES);
            self.misses = 0;
        }
    }
}

#[derive(Debug, Eq, PartialEq)]
struct Shape {
    /// A literal and the value after it. The last one ends with the row's `}` and has no value.
    steps: Vec<Step>,
}

#[derive(Debug, Eq, PartialEq)]
struct Step {
    literal: Literal,
    value: Value,
}

/// Keys, punctuation and white space between two values.
#[derive(Debug, Eq, PartialEq)]
struct Literal {
    bytes: [u8; LITERAL],
    /// All bits of the bytes that count.
    mask: [u8; LITERAL],
    length: usize,
}

/// What follows a literal: a value of this kind, or `null`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Value {
    Text(usize),
    Method(usize),
    Count(usize),
    Date,
    Day,
    /// A string or whole number that is not kept.
    OtherText,
    OtherCount,
    /// The next literal follows.
    Nothing,
}

impl Shape {
    /// The shape of a row that `serde_json` has read. Nothing if a key has an escape, or an unknown key has a list or an
    /// object.
    fn of(row: &str, mut keys: Keys) -> Option<Self> {
        let mut steps = Vec::new();
        let mut rest = Rest { row, at: 1 };
        let mut literal = 0;
        // The keys of the objects around this one.
        let mut around = Vec::new();
        loop {
            rest.skip(|byte| !matches!(byte, b'"' | b'}'));
            if rest.byte()? == b'}' {
                rest.at += 1;
                let Some(outer) = around.pop() else {
                    add(&mut steps, &row.as_bytes()[literal..rest.at], Value::Nothing);
                    return Some(Self { steps });
                };
                keys = outer;
                continue;
            }
            let key = rest.string().filter(|key| !key.contains('\\'))?;
            rest.skip(|byte| matches!(byte, b':' | b' ' | b'\t' | b'\r' | b'\n'));
            let found = keys.find(key, usize::MAX).map(|(_, value)| value);
            let value = match (found, rest.byte()?) {
                (Some(keys::Value::Field(DATE)), _) => Value::Date,
                (Some(keys::Value::Field(place @ TEXTS..)), _) => Value::Count(place - TEXTS),
                (Some(keys::Value::Field(place)), _) => Value::Text(place),
                (Some(keys::Value::Method(place)), _) => Value::Method(place),
                (Some(keys::Value::Day), _) => Value::Day,
                (Some(keys::Value::Dropped), _) | (None, b'"' | b'n') => Value::OtherText,
                (Some(keys::Value::Object(inner)), b'{') => {
                    around.push(std::mem::replace(&mut keys, Keys::Of(inner)));
                    rest.at += 1;
                    continue;
                }
                (None, b'-' | b'0'..=b'9') => Value::OtherCount,
                // `true`, `false` and the `null` of an object become a part of the literal.
                (None, b't' | b'f') | (Some(keys::Value::Object(_)), b'n') => continue,
                (None | Some(keys::Value::Object(_)), _) => return None,
            };
            add(&mut steps, &row.as_bytes()[literal..rest.at], value);
            if rest.byte()? == b'"' {
                rest.string()?;
            } else {
                rest.skip(|byte| !matches!(byte, b',' | b'}' | b' ' | b'\t' | b'\r' | b'\n'));
            }
            literal = rest.at;
        }
    }

    /// Reads the row that begins at `start` into `row`, and returns where it ends. Nothing if it does not have this
    /// shape, or if it is among the last bytes of the text. Then `row` may be half filled.
    fn read(&self, text: &str, start: usize, row: &mut PackedRow) -> Option<usize> {
        let bytes = text.as_bytes();
        let mut at = start;
        for Step { literal, value } in &self.steps {
            at = literal.end(bytes, at)?;
            match *value {
                Value::Nothing => {}
                _ if is_null(bytes, at) => at += NULL.len(),
                Value::Text(place) => {
                    let end = string_end(bytes, at)?;
                    row.texts[place] = Span::at(at + 1, end);
                    at = end + 1;
                }
                Value::Method(place) => {
                    let end = string_end(bytes, at)?;
                    if respelled(text.get(at + 1..end)?).is_some() {
                        return None;
                    }
                    row.texts[place] = Span::at(at + 1, end);
                    at = end + 1;
                }
                Value::Count(place) => {
                    (row.counts[place], at) = count(bytes, at)?;
                    row.counted |= 1 << place;
                }
                Value::Date | Value::Day => {
                    let end = string_end(bytes, at)?;
                    let text = text.get(at + 1..end)?;
                    row.date = match *value {
                        Value::Day => read::day_of(text)?,
                        _ => read::date(text)?,
                    };
                    at = end + 1;
                }
                Value::OtherText => at = string_end(bytes, at)? + 1,
                Value::OtherCount => at = count(bytes, at)?.1,
            }
        }
        Some(at)
    }
}

/// Adds a literal, in as many steps as it needs, and the value after it.
fn add(steps: &mut Vec<Step>, literal: &[u8], value: Value) {
    let pieces = literal.chunks(LITERAL);
    steps.extend(pieces.map(|piece| Step {
        literal: Literal::new(piece),
        value: Value::Nothing,
    }));
    if let Some(last) = steps.last_mut() {
        last.value = value;
    }
}

impl Literal {
    fn new(text: &[u8]) -> Self {
        let (mut bytes, mut mask) = ([0; LITERAL], [0; LITERAL]);
        bytes[..text.len()].copy_from_slice(text);
        mask[..text.len()].fill(u8::MAX);
        Self {
            bytes,
            mask,
            length: text.len(),
        }
    }

    /// The end of the literal, if the text continues with it.
    #[inline]
    fn end(&self, text: &[u8], at: usize) -> Option<usize> {
        let window: &[u8; LITERAL] = text.get(at..)?.first_chunk()?;
        // Without an early exit, the compiler compares 16 bytes at a time.
        let mut difference = 0;
        for (place, byte) in window.iter().enumerate() {
            difference |= (byte & self.mask[place]) ^ self.bytes[place];
        }
        (difference == 0).then_some(at + self.length)
    }
}

const NULL: &[u8] = b"null";

fn is_null(text: &[u8], at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(NULL))
}

/// A word with this byte at each place.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Finds bytes below `limit`, which is at most 0x80. The lowest bit that is set is the highest one of the first such byte.
const fn below(limit: u8, word: u64) -> u64 {
    word.wrapping_sub(each(limit)) & !word & each(0x80)
}

/// If this bit is flipped, exactly the quote and the control characters are below [`QUOTE_OR_CONTROL`].
const FLIPPED: u8 = 0x02;
const QUOTE_OR_CONTROL: u8 = 0x21;

/// How many bytes are looked at in one go.
const PIECE: usize = 16;

/// Whether a piece has a quote, a control character or a backslash.
fn may_end(piece: &[u8; PIECE]) -> bool {
    piece.iter().fold(false, |may_end, byte| {
        may_end | ((byte ^ FLIPPED) < QUOTE_OR_CONTROL) | (*byte == b'\\')
    })
}

/// The position of the quote that ends the string at `at`. Nothing if the string has an escape or a control character.
#[inline]
fn string_end(text: &[u8], at: usize) -> Option<usize> {
    if *text.get(at)? != b'"' {
        return None;
    }
    let mut at = at + 1;
    while !may_end(text.get(at..)?.first_chunk()?) {
        at += PIECE;
    }
    loop {
        let word = u64::from_le_bytes(*text.get(at..)?.first_chunk()?);
        let found = below(QUOTE_OR_CONTROL, word ^ each(FLIPPED)) | below(1, word ^ each(b'\\'));
        if found != 0 {
            at += found.trailing_zeros() as usize / 8;
            return (text[at] == b'"').then_some(at);
        }
        at += 8;
    }
}

/// The number at `at`, and its end. Nothing if it is negative, large or written in another way.
#[inline]
fn count(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let word = u64::from_le_bytes(*text.get(at..)?.first_chunk()?);
    let digits = word ^ each(b'0');
    // The lowest bit that is set is the highest one of the first byte above 9.
    let others = (digits.wrapping_add(each(0x80 - 10)) | digits) & each(0x80);
    if others == 0 {
        return long_count(text, at);
    }
    let length = others.trailing_zeros() as usize / 8;
    // JSON has no number that is empty or begins with a further zero.
    if length == 0 || (length > 1 && text[at] == b'0') {
        return None;
    }
    // The first digit is the lowest byte. Zeros come before it, and neighbours are joined in each step.
    let ones = digits << (64 - 8 * length);
    let tens = ones.wrapping_mul(10).wrapping_add(ones >> 8) & 0x00ff_00ff_00ff_00ff;
    let hundreds = tens.wrapping_mul(100).wrapping_add(tens >> 16) & 0x0000_ffff_0000_ffff;
    let number = hundreds.wrapping_mul(10_000).wrapping_add(hundreds >> 32) & 0xffff_ffff;
    Some((number.cast_signed(), at + length))
}

/// A number with eight digits or more.
#[cold]
fn long_count(text: &[u8], at: usize) -> Option<(i64, usize)> {
    let (mut number, mut end) = (0, at);
    while let digit @ 0..=9 = text.get(end)?.wrapping_sub(b'0') {
        if end - at == MAX_DIGITS {
            return None;
        }
        number = number * 10 + i64::from(digit);
        end += 1;
    }
    (text[at] != b'0').then_some((number, end))
}

/// The part of a row that was not looked at.
struct Rest<'a> {
    row: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn byte(&self) -> Option<u8> {
        self.row.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    /// The string here, with its escapes.
    fn string(&mut self) -> Option<&'a str> {
        let start = self.at + 1;
        let mut is_escaped = false;
        let length = self.row.get(start..)?.bytes().position(|byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        })?;
        self.at = start + length + 1;
        self.row.get(start..start + length)
    }
}

#[cfg(test)]
mod tests;
