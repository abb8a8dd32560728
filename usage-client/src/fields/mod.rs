//! How fields are read and set: of the generated types, and of policies.

pub(crate) mod duration;
pub(crate) mod optional_text;
pub(crate) mod read;
