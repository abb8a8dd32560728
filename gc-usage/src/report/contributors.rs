//! Clients or endpoints, with the counts of each.

use std::cmp::Reverse;

use chrono::NaiveDate;

use super::counts::Counts;
use crate::{interner::Interner, labels::Labels};

/// Clients or endpoints by id. There may be a million of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contributors {
    ids: Interner,
    /// Names of clients. Endpoints have none.
    names: Interner,
    /// By the index of the id.
    sums: Vec<Sums>,
    labels: Labels,
    /// Indexes of those with requests in the period, most requests first.
    active: Vec<u32>,
    /// Indexes of those with requests only in the previous period.
    gone: Vec<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) counts: Counts,
    /// Requests in the previous period, and in the month in which the period ends.
    pub(super) before: i64,
    pub(super) month: i64,
    /// The index of the name, and the last day on which the client had this name.
    name: u32,
    named_on: NaiveDate,
}

/// One client or endpoint.
#[derive(Clone, Copy)]
pub(crate) struct Contributor<'a> {
    all: &'a Contributors,
    place: u32,
}

impl Contributors {
    /// The index of an id, which is added if it is new. The name of a client is the one of the last day.
    pub(super) fn place(&mut self, id: &str, name: &str, day: NaiveDate) -> u32 {
        let place = self.ids.intern(id);
        if place as usize == self.sums.len() {
            let name = self.names.intern("");
            self.sums.push(Sums {
                name,
                ..Sums::default()
            });
        }
        if name.is_empty() {
            return place;
        }
        let sums = &mut self.sums[place as usize];
        let known = self.names.text(sums.name);
        if known == name {
            sums.named_on = sums.named_on.max(day);
        } else if known.is_empty() || (Reverse(day), name) < (Reverse(sums.named_on), known) {
            (sums.name, sums.named_on) = (self.names.intern(name), day);
        }
        place
    }

    pub(super) fn sums(&mut self, place: u32) -> &mut Sums {
        &mut self.sums[place as usize]
    }

    pub(crate) fn len(&self) -> usize {
        self.sums.len()
    }

    /// About how much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.ids.bytes() + self.names.bytes() + self.sums.len() * size_of::<Sums>()
    }

    /// Ranks and labels them, after all rows are added.
    pub(super) fn finish(&mut self) {
        let has_any = |one: Contributor<'_>| *one.counts() != Counts::default();
        self.active = self.ranked(|one| has_any(one).then_some(one.counts().requests));
        self.gone = self.ranked(|one| {
            let before = one.requests_before();
            (!has_any(one) && before > 0).then_some(before)
        });
        let clients = (0..self.sums.len()).map(|place| {
            let one = self.at(place as u32);
            ("", one.name(), one.id())
        });
        self.labels = Labels::new(clients);
    }

    /// Those with requests in the period, most requests first.
    pub(crate) fn active(&self) -> impl ExactSizeIterator<Item = Contributor<'_>> + Clone {
        self.active.iter().map(|place| self.at(*place))
    }

    /// Those with requests only in the previous period, most requests first.
    pub(crate) fn gone(&self) -> impl ExactSizeIterator<Item = Contributor<'_>> + Clone {
        self.gone.iter().map(|place| self.at(*place))
    }

    /// Those with a count above zero, the largest first.
    pub(crate) fn by(
        &self,
        count: impl Fn(Contributor<'_>) -> i64,
    ) -> impl Iterator<Item = (Contributor<'_>, i64)> {
        let places = self.ranked(|one| Some(count(one)).filter(|count| *count > 0));
        places.into_iter().map(move |place| {
            let one = self.at(place);
            (one, count(one))
        })
    }

    pub(crate) fn at(&self, place: u32) -> Contributor<'_> {
        Contributor { all: self, place }
    }

    /// Indexes of those that have a count, the largest first. If counts are equal, the name and the id decide.
    fn ranked(&self, count: impl Fn(Contributor<'_>) -> Option<i64>) -> Vec<u32> {
        let places = 0..self.sums.len() as u32;
        let mut places: Vec<_> = places.filter(|place| count(self.at(*place)).is_some()).collect();
        places.sort_unstable_by_key(|place| {
            let one = self.at(*place);
            (Reverse(count(one)), one.key())
        });
        places
    }
}

impl<'a> Contributor<'a> {
    /// The index in the list.
    pub(super) fn place(self) -> u32 {
        self.place
    }

    pub(crate) fn id(self) -> &'a str {
        self.all.ids.text(self.place)
    }

    /// The name as the service sent it; empty if it sent none.
    pub(crate) fn name(self) -> &'a str {
        self.all.names.text(self.sums().name)
    }

    /// The label for people.
    pub(crate) fn label(self) -> String {
        self.all.labels.of(("", self.name(), self.id()))
    }

    pub(crate) fn counts(self) -> &'a Counts {
        &self.sums().counts
    }

    pub(crate) fn requests_before(self) -> i64 {
        self.sums().before
    }

    pub(crate) fn requests_of_month(self) -> i64 {
        self.sums().month
    }

    /// The order if counts are equal.
    pub(super) fn key(self) -> (&'a str, &'a str) {
        let (name, id) = (self.name(), self.id());
        (if name.is_empty() { id } else { name }, id)
    }

    fn sums(self) -> &'a Sums {
        &self.all.sums[self.place as usize]
    }
}
