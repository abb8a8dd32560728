//! The counts of two families by client, and what their difference is made of.

mod formats;
mod model;
mod sentences;

pub(crate) use self::{formats::write, model::Comparison};
