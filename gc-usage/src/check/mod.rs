//! Compares usage with limits: which limit is exceeded, by how much, and which clients contribute most.

mod finding;
mod limits;
mod openmetrics;
mod text;

pub(crate) use self::{
    finding::Checked,
    limits::Limits,
    openmetrics::{openmetrics, openmetrics_without_data},
    text::text,
};
