//! Usage against limits: what is over, by how much, and by whom.

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
