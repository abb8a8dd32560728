//! The labels of clients in output for people.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
};

use crate::text::escape_control;

/// The label without a name and an id.
pub(crate) const NONE: &str = "(none)";
/// How many characters of an id are usually unique.
const SHORT_ID: usize = 8;

/// A client: its organization, if there are several, its name and its id.
pub(crate) type Client<'a> = (&'a str, &'a str, &'a str);

/// The label of each client: its name, or its id if it has no name. If clients have the same name, the beginning of the id
/// follows the name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Labels {
    /// Hashes of labels, each with the hash of its id; `None` if several ids have the label.
    owners: HashMap<u64, Option<u32>>,
    hasher: RandomState,
}

impl Labels {
    /// The labels of these clients. A client may occur several times.
    pub(crate) fn new<'a>(clients: impl Iterator<Item = Client<'a>> + Clone) -> Self {
        let mut labels = Self::default();
        for (scope, name, id) in clients.clone() {
            labels.claim(scope, &plain(name, id), id);
        }
        // The ids of clients with the same name may have the same beginning.
        let mut longer = Self {
            hasher: labels.hasher.clone(),
            ..Self::default()
        };
        for (scope, name, id) in clients {
            let label = plain(name, id);
            if !name.is_empty() && labels.owner(scope, &label) == Some(None) {
                longer.claim(scope, &with_id(&label, &short(id)), id);
            }
        }
        labels.owners.extend(longer.owners);
        labels
    }

    /// The label of a client. An unknown client has its id after its name.
    pub(crate) fn of(&self, (scope, name, id): Client<'_>) -> String {
        let label = plain(name, id);
        let owner = Some(Some(self.id_hash(id)));
        if name.is_empty() || id.is_empty() || self.owner(scope, &label) == owner {
            return label.into_owned();
        }
        let longer = with_id(&label, &short(id));
        match self.owner(scope, &longer) {
            Some(None) => with_id(&label, &escape_control(id)),
            _ => longer,
        }
    }

    fn claim(&mut self, scope: &str, label: &str, id: &str) {
        let owner = self.id_hash(id);
        self.owners
            .entry(self.hasher.hash_one((scope, label)))
            .and_modify(|known| *known = known.filter(|known| *known == owner))
            .or_insert(Some(owner));
    }

    fn owner(&self, scope: &str, label: &str) -> Option<Option<u32>> {
        self.owners.get(&self.hasher.hash_one((scope, label))).copied()
    }

    #[allow(clippy::cast_possible_truncation, reason = "half of a hash is one too")]
    fn id_hash(&self, id: &str) -> u32 {
        self.hasher.hash_one(id) as u32
    }
}

/// The name, else the id.
pub(crate) fn plain<'a>(name: &'a str, id: &'a str) -> Cow<'a, str> {
    match (name, id) {
        ("", "") => Cow::Borrowed(NONE),
        ("", id) => escape_control(id),
        (name, _) => escape_control(name),
    }
}

fn short(id: &str) -> Cow<'_, str> {
    let end = id.char_indices().nth(SHORT_ID).map_or(id.len(), |(at, _)| at);
    escape_control(&id[..end])
}

fn with_id(label: &str, id: &str) -> String {
    format!("{label} ({id})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_with_the_same_name_differ_by_their_ids() {
        let clients = [
            ("", "Sales", "273d7643-1"),
            ("", "Sales", "984a1b2c-1"),
            ("", "Sales", "984a1b2c-2"),
            ("", "Wallboard", "5"),
            ("", "", "6"),
            ("", "", ""),
            // The name is another client's id; and two names that a terminal would show alike.
            ("", "6", "7"),
            ("", "Line\nbreak", "81"),
            ("", "Line break", "82"),
            // The same client again, and a client of another organization.
            ("", "Wallboard", "5"),
            ("other", "Wallboard", "9"),
        ];
        let labels = Labels::new(clients.into_iter());
        assert_eq!(
            clients.map(|client| labels.of(client)),
            [
                "Sales (273d7643)",
                "Sales (984a1b2c-1)",
                "Sales (984a1b2c-2)",
                "Wallboard",
                "6",
                "(none)",
                "6 (7)",
                "Line break (81)",
                "Line break (82)",
                "Wallboard",
                "Wallboard",
            ]
        );
        // Clients that were unknown when the labels were made.
        assert_eq!(labels.of(("", "Wallboard", "new")), "Wallboard (new)");
        assert_eq!(labels.of(("", "Later", "1234567890")), "Later (12345678)");
    }
}
