//! How fields of the generated types are read and set.

pub(crate) mod optional_text;
pub(crate) mod read;
