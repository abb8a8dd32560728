//! How fields of the generated types and of policies are read and set.

pub(crate) mod duration;
pub(crate) mod optional_text;
pub(crate) mod read;
pub(crate) mod setters;
