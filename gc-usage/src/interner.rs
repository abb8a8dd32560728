//! Stores repeated texts once.

use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

/// Texts by index, in the order of their arrival. Each takes its bytes and about 16 more. A map of strings would take 80.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    text: String,
    /// Where each text ends.
    ends: Vec<usize>,
    places: HashTable<u32>,
    hasher: RandomState,
}

impl Interner {
    /// The index of a text. A new text gets the next index.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        let Self {
            text: all,
            ends,
            places,
            hasher,
        } = self;
        let hash = hasher.hash_one(text);
        if let Some(place) = places.find(hash, |place| at(all, ends, *place) == text) {
            return *place;
        }
        let place = u32::try_from(ends.len()).expect("texts are refused long before there are so many");
        all.push_str(text);
        ends.push(all.len());
        places.insert_unique(hash, place, |place| hasher.hash_one(at(all, ends, *place)));
        place
    }

    pub(crate) fn text(&self, place: u32) -> &str {
        at(&self.text, &self.ends, place)
    }

    /// About how much memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * (size_of::<usize>() + 2 * size_of::<u32>())
    }
}

fn at<'a>(text: &'a str, ends: &[usize], place: u32) -> &'a str {
    let place = place as usize;
    let start = place.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start..ends[place]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_its_index() {
        let mut names = Interner::default();
        let places = ["a", "", "bc", "a", "", "b"].map(|text| names.intern(text));
        assert_eq!(places, [0, 1, 2, 0, 1, 3]);
        let texts = [0, 1, 2, 3].map(|place| names.text(place));
        assert_eq!(texts, ["a", "", "bc", "b"]);
    }
}
