//! The report: its data, and its formats for people and programs.

mod about;
mod builder;
mod contributors;
mod counts;
mod html;
mod json;
mod markdown;
mod model;
mod pairs;
mod palette;
mod sentences;
mod series;
#[cfg(test)]
mod tests;
mod text;
mod verdict;
mod workbook;

pub(crate) use self::{
    about::About,
    builder::{DIMENSIONS, ReportBuilder, needed_interval},
    contributors::Contributor,
    counts::Counts,
    html::{html, html_without_data},
    markdown::{failed_as_markdown, markdown},
    model::{Entry, Failed, Report},
    text::{List, failed_as_text, text},
    verdict::of_month,
    workbook::{workbook, workbook_without_data},
};
