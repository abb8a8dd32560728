//! The report: its data, and its formats for people and programs.

mod builder;
mod contributors;
mod counts;
mod json;
mod markdown;
mod model;
mod sentences;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use self::{
    builder::{DIMENSIONS, ReportBuilder, needed_interval},
    contributors::Contributor,
    counts::Counts,
    markdown::markdown,
    model::Report,
    text::{List, text},
};
