//! Settings: each from the first place that has it, of options, environment and profile.

mod config;
mod environment;
mod file;
mod gc;
mod host;
mod layer;
mod resolve;
mod values;

pub(crate) use self::{
    config::Profiles,
    layer::{KEYS, Key, Place},
    resolve::settings,
    values::Settings,
};
