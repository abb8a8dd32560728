//! Settings: each from the first place that has it, of options, environment and profile.

mod config;
mod effective;
mod environment;
mod file;
mod gc;
mod host;
mod layer;
mod resolve;

pub(crate) use self::{
    config::Profiles,
    effective::Settings,
    layer::{KEYS, Key, Place},
    resolve::settings,
};
