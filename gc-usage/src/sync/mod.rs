//! Keeps a data set up to date.

mod piece;
mod plan;
mod run;
mod status;
mod status_text;

pub(crate) use self::{
    run::{Options, sync_all},
    status::{OrganizationStatus, status},
    status_text::write_status,
};
