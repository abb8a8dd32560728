//! Settings: each from the first place that has it, of options, environment and profile.

mod config;
mod gc;
mod layer;
mod resolve;

pub(crate) use self::{
    config::Profiles,
    layer::{KEYS, Key, Place},
    resolve::{Settings, settings},
};
