//! Differences, and their effect on users of the crate.

/// The effect on users of the crate, if the document follows the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Calls are refused, responses cannot be read, or data is missing.
    Breaking,
    Compatible,
}

pub(super) struct Difference {
    pub(super) effect: Effect,
    /// An operation, or a model of the document.
    pub(super) place: String,
    pub(super) text: String,
}

/// Whether a value is in requests or in responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Request,
    Response,
}

/// How the values that the service allows relate to those of the document.
pub(super) enum Change {
    Wider,
    Narrower,
    Other,
}

impl Change {
    /// The crate works if the service accepts more values than before, or sends fewer.
    pub(super) fn effect(self, direction: Direction) -> Effect {
        match (self, direction) {
            (Self::Wider, Direction::Request) | (Self::Narrower, Direction::Response) => Effect::Compatible,
            _ => Effect::Breaking,
        }
    }
}

/// All differences between the document and a published definition.
pub(super) struct Comparison {
    pub(super) published: String,
    pub(super) operations: usize,
    pub(super) models: usize,
    pub(super) breaking: Vec<Difference>,
    pub(super) compatible: Vec<Difference>,
}
