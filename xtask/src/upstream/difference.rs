//! What differs, and what it means to users of the crate.

use std::collections::BTreeMap;

use serde_json::Value;

/// What following the service means to who uses the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Calls are refused, answers are not understood, or data is gone.
    Breaking,
    Compatible,
}

/// One thing that differs.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub(super) effect: Effect,
    /// An operation, or a model of the document.
    pub(super) place: String,
    pub(super) text: String,
    /// What brings the document in step, where something is to be added.
    pub(super) addition: Option<Addition>,
}

impl Difference {
    pub(super) fn can_be_merged(&self) -> bool {
        self.addition.is_some()
    }

    pub(super) fn is_as(&self, other: &Self) -> bool {
        (&self.place, &self.text) == (&other.place, &other.text)
    }
}

/// Something that the service has and the document does not.
#[derive(Clone, Debug)]
pub(super) enum Addition {
    Property {
        pointer: Pointer,
        name: String,
        schema: Value,
        required: bool,
        direction: Direction,
    },
    Member {
        pointer: Pointer,
        member: String,
    },
    Permission {
        pointer: Pointer,
        name: String,
    },
    Parameter {
        pointer: Pointer,
        name: String,
        place: String,
        required: bool,
        description: String,
        schema: Value,
    },
    Status {
        pointer: Pointer,
        status: String,
        description: String,
        schema: Value,
    },
}

/// The keys that lead to a mapping of the document.
pub(super) type Pointer = Vec<String>;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Request,
    Response,
}

/// How what the service lets through relates to what the document does.
pub(super) enum Change {
    Wider,
    Narrower,
    Other,
}

impl Change {
    /// A service that takes more takes what the crate sends; one that sends less is understood.
    pub(super) fn effect(self, direction: Direction) -> Effect {
        match (self, direction) {
            (Self::Wider, Direction::Request) | (Self::Narrower, Direction::Response) => Effect::Compatible,
            _ => Effect::Breaking,
        }
    }
}

/// All that differs, and between what.
pub(super) struct Comparison {
    pub(super) published: String,
    pub(super) operations: usize,
    pub(super) models: usize,
    pub(super) differences: Vec<Difference>,
    /// The document's names for the models of the service.
    pub(super) names: BTreeMap<String, String>,
}
