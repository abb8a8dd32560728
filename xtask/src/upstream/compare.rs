//! What differs between two definitions, for users of the crate that is generated from the first.

mod models;
mod operations;

use std::collections::BTreeSet;

use anyhow::Result;

use super::{
    definition::Definition,
    difference::{Comparison, Difference, Direction, Effect},
    operation::{self, Outline},
};

/// Operations on API usage that stand elsewhere than ours.
const SIBLINGS: &str = "/api/v2/oauth/clients/{}/usage";
/// Operations in the folder of ours that are on usage of another kind.
const NO_SIBLINGS: &str = "/api/v2/usage/events";

/// Compares the operations of the document, and all that they refer to.
pub(super) fn compare(ours: &Definition<'_>, theirs: &Definition<'_>) -> Result<Comparison> {
    let own = Outline::find(ours, |_| true)?;
    let covered: BTreeSet<_> = own.iter().map(|outline| outline.key().1).collect();
    // The folder that our operations stand in: what else is there is likely to be of interest.
    let folder = covered
        .iter()
        .min_by_key(|path| path.len())
        .and_then(|path| path.rsplit_once('/'))
        .map_or_else(String::new, |(folder, _)| format!("{folder}/"));
    let published = Outline::find(theirs, |path| {
        let path = operation::without_names(path);
        let is_under = |folder: &str| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let is_sibling = path.starts_with(&folder) && !is_under(NO_SIBLINGS) || is_under(SIBLINGS);
        is_sibling || covered.contains(&path)
    })?;

    let mut walk = Walk {
        ours,
        theirs,
        found: Vec::new(),
        seen: BTreeSet::new(),
        models: BTreeSet::new(),
    };
    for outline in &own {
        match published.iter().find(|other| other.key() == outline.key()) {
            Some(other) => walk.operation(&outline.read(ours)?, &other.read(theirs)?)?,
            None => walk.missing_operation(outline)?,
        }
    }
    for other in &published {
        if !own.iter().any(|outline| outline.key() == other.key()) {
            let id = other.id().map(|id| format!(" (`{id}`)")).unwrap_or_default();
            let text = format!("is an operation that the document does not have{id}");
            walk.report(Effect::Compatible, &other.name(), text);
        }
    }
    let mut differences = walk.found;
    differences.sort_by(|one, other| (one.effect, &one.place).cmp(&(other.effect, &other.place)));
    Ok(Comparison {
        published: theirs.name.clone(),
        operations: own.len(),
        models: walk.models.len(),
        differences,
    })
}

struct Walk<'a> {
    ours: &'a Definition<'a>,
    theirs: &'a Definition<'a>,
    found: Vec<Difference>,
    /// Pairs of models that were compared.
    seen: BTreeSet<(String, String, Direction)>,
    /// Models of the document that were compared.
    models: BTreeSet<String>,
}

impl Walk<'_> {
    fn report(&mut self, effect: Effect, place: &str, text: String) {
        // A model that several operations use is reported once, for whom it is worst.
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

    /// Something of a request that may have become required, or optional.
    fn demand(&mut self, place: &str, what: &str, ours: bool, theirs: bool) {
        match (ours, theirs) {
            (false, true) => self.report(Effect::Breaking, place, format!("{what} is required now")),
            (true, false) => self.report(Effect::Compatible, place, format!("{what} is optional now")),
            _ => {}
        }
    }
}
