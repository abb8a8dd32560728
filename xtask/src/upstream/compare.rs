//! The differences between two definitions, for users of the crate that is generated from the first.

mod models;
mod operations;

use std::{collections::BTreeSet, fmt::Display};

use anyhow::Result;

use super::{
    definition::Definition,
    difference::{Comparison, Difference, Direction, Effect},
    operation::{self, Outline},
};

/// The path of other operations on API usage.
const SIBLINGS: &str = "/api/v2/oauth/clients/{}/usage";
/// The path of operations near ours that are about another kind of usage.
const NO_SIBLINGS: &str = "/api/v2/usage/events";

/// Compares the operations of the document, and all that they refer to.
pub(super) fn compare(ours: &Definition<'_>, theirs: &Definition<'_>) -> Result<Comparison> {
    let own = Outline::find(ours, |_| true)?;
    let covered: BTreeSet<_> = own.iter().map(|outline| outline.key().1).collect();
    // The common prefix of our operations. Other operations below it are likely to be of interest.
    let prefix = covered
        .iter()
        .min_by_key(|path| path.len())
        .and_then(|path| path.rsplit_once('/'))
        .map_or_else(String::new, |(prefix, _)| format!("{prefix}/"));
    let published = Outline::find(theirs, |path| {
        let path = operation::without_names(path);
        let is_under = |prefix: &str| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let is_sibling = path.starts_with(&prefix) && !is_under(NO_SIBLINGS) || is_under(SIBLINGS);
        is_sibling || covered.contains(&path)
    })?;

    let mut comparer = Comparer {
        ours,
        theirs,
        found: Vec::new(),
        seen: BTreeSet::new(),
        models: BTreeSet::new(),
    };
    for outline in &own {
        match published.iter().find(|other| other.key() == outline.key()) {
            Some(other) => comparer.operation(&outline.read(ours)?, &other.read(theirs)?)?,
            None => comparer.missing_operation(outline)?,
        }
    }
    for other in &published {
        if !own.iter().any(|outline| outline.key() == other.key()) {
            let id = other.id().map(|id| format!(" (`{id}`)")).unwrap_or_default();
            let text = format!("is an operation that the document does not have{id}");
            comparer.compatible(&other.name(), text);
        }
    }
    let mut differences = comparer.found;
    differences.sort_by(|one, other| one.place.cmp(&other.place));
    let is_breaking = |found: &Difference| found.effect == Effect::Breaking;
    let (breaking, compatible) = differences.into_iter().partition(is_breaking);
    Ok(Comparison {
        published: theirs.name.clone(),
        operations: own.len(),
        models: comparer.models.len(),
        breaking,
        compatible,
    })
}

struct Comparer<'a> {
    ours: &'a Definition<'a>,
    theirs: &'a Definition<'a>,
    found: Vec<Difference>,
    /// Pairs of models that were compared.
    seen: BTreeSet<(String, String, Direction)>,
    /// Models of the document that were compared.
    models: BTreeSet<String>,
}

impl Comparer<'_> {
    fn breaking(&mut self, place: &str, text: impl Display) {
        self.report(Effect::Breaking, place, text);
    }

    fn compatible(&mut self, place: &str, text: impl Display) {
        self.report(Effect::Compatible, place, text);
    }

    fn report(&mut self, effect: Effect, place: &str, text: impl Display) {
        let text = text.to_string();
        // A model of several operations is reported once, with its worst effect.
        let known = self
            .found
            .iter_mut()
            .find(|found| found.place == place && found.text == text);
        match known {
            Some(known) => known.effect = known.effect.min(effect),
            None => self.found.push(Difference {
                effect,
                place: place.to_owned(),
                text,
            }),
        }
    }

    /// Reports a new part, which may be required in requests.
    fn new_part(&mut self, place: &str, what: &str, is_required: bool, kind: impl Display) {
        let (effect, text) = match is_required {
            true => (Effect::Breaking, "is new and required"),
            false => (Effect::Compatible, "is new"),
        };
        self.report(effect, place, format_args!("{what} {text}{kind}"));
    }

    /// Reports a part of a request that became required or optional.
    fn requirement(&mut self, place: &str, what: &str, ours: bool, theirs: bool) {
        match (ours, theirs) {
            (false, true) => self.breaking(place, format_args!("{what} is required now")),
            (true, false) => self.compatible(place, format_args!("{what} is optional now")),
            _ => {}
        }
    }
}
