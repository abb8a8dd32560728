//! The page that a person looks at.

mod chart;
mod counts;
mod json;
mod markdown;
mod model;
mod sentences;
mod shares;
mod summing;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use self::{
    counts::Counts,
    markdown::markdown,
    model::Report,
    shares::Share,
    summing::{DIMENSIONS, Summing, needed_interval},
    text::text,
};
