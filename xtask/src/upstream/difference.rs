//! What differs, and what it means to users of the crate.

/// What following the service means to who uses the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    /// Calls are refused, answers are not understood, or data is gone.
    Breaking,
    Compatible,
}

/// One thing that differs.
pub(super) struct Difference {
    pub(super) effect: Effect,
    /// An operation, or a model of the document.
    pub(super) place: String,
    pub(super) text: String,
}

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
}
