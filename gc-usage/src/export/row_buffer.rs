//! Keeps rows in memory. They take about 100 bytes each, since repeated texts are stored once.

use chrono::{DateTime, Utc};
use usage_client::RowRef;

use crate::interner::Interner;

/// Rows with their profiles.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowBuffer {
    rows: Vec<Packed>,
    names: Interner,
}

/// A row with the indexes of its texts.
#[derive(Clone, Debug)]
struct Packed {
    profile: u32,
    texts: [u32; RowRef::TEXTS],
    date: Option<DateTime<Utc>>,
    /// Which counts the row has.
    has: Has,
    counts: [i64; RowRef::COUNTS],
}

/// A bit for each count.
type Has = u16;
const _: () = assert!(RowRef::COUNTS <= Has::BITS as usize, "`Has` is too narrow");

const ABSENT: u32 = u32::MAX;

/// A row with its profile.
pub(crate) type BufferedRow<'a> = (Option<&'a str>, RowRef<'a>);

impl RowBuffer {
    pub(crate) fn add(&mut self, profile: Option<&str>, row: &RowRef<'_>) {
        let mut place = |text: Option<&str>| text.map_or(ABSENT, |text| self.names.intern(text));
        let counts = row.counts();
        let has = counts.iter().rev();
        let packed = Packed {
            profile: place(profile),
            texts: row.texts().map(place),
            date: row.date,
            has: has.fold(0, |has, count| has << 1 | Has::from(count.is_some())),
            counts: counts.map(Option::unwrap_or_default),
        };
        self.rows.push(packed);
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// About how much memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.rows.len() * size_of::<Packed>() + self.names.bytes()
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = BufferedRow<'_>> + Clone {
        self.rows.iter().map(|row| row.unpacked(&self.names))
    }

    /// Sorts the rows. In the given order, only identical rows may be equal.
    pub(crate) fn sort(
        &mut self,
        mut compare: impl FnMut(&BufferedRow<'_>, &BufferedRow<'_>) -> std::cmp::Ordering,
    ) {
        let names = &self.names;
        self.rows
            .sort_unstable_by(|one, other| compare(&one.unpacked(names), &other.unpacked(names)));
    }

    /// Keeps the first `length` rows, and only their texts.
    pub(crate) fn truncate(&mut self, length: usize) {
        let mut first = Self::default();
        for (profile, row) in self.iter().take(length) {
            first.add(profile, &row);
        }
        *self = first;
    }
}

impl Packed {
    fn unpacked<'a>(&self, names: &'a Interner) -> BufferedRow<'a> {
        let text = |place: u32| (place != ABSENT).then(|| names.text(place));
        let count = |at: usize| (self.has >> at & 1 == 1).then_some(self.counts[at]);
        let counts = std::array::from_fn(count);
        let row = RowRef::from_parts(self.texts.map(text), counts, self.date);
        (text(self.profile), row)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::row;

    #[test]
    fn rows_are_returned_unchanged() {
        let rows = [
            json!({"clientId": "1", "clientName": "a", "organizationId": "o", "userId": "u", "templateUri": "t",
                "httpMethod": "GET", "requests": 6, "status200": 1, "status300": 2, "status400": 3, "status500": 4,
                "status429": i64::MIN, "date": "2024-02-01T00:00:00.123Z"}),
            json!({"clientId": "", "status300": 0, "status500": i64::MAX}),
            json!({}),
        ];
        let rows = rows.map(|value| row(&value));
        let mut kept = RowBuffer::default();
        for (place, row) in rows.iter().enumerate() {
            kept.add((place == 1).then_some("profile"), &RowRef::from(row));
        }
        let back: Vec<_> = kept.iter().collect();
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(
                back[place],
                ((place == 1).then_some("profile"), RowRef::from(row))
            );
        }
        kept.truncate(1);
        assert_eq!(kept.iter().collect::<Vec<_>>(), [(None, RowRef::from(&rows[0]))]);
        // 96 bytes of seven texts and six counts.
        let fields = size_of::<[u32; RowRef::TEXTS + 1]>()
            + size_of::<[i64; RowRef::COUNTS]>()
            + size_of::<(Option<DateTime<Utc>>, Has)>();
        let size = size_of::<Packed>();
        assert!(
            size <= fields.next_multiple_of(8),
            "{size} bytes for {fields} of fields"
        );
    }
}
