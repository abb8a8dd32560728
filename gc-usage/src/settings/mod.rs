//! Settings from options, the environment and a profile: the first place that has one counts.

mod config;
mod effective;
mod environment;
mod file;
mod gc;
mod host;
mod key;
mod layer;
mod resolve;
mod value;

#[cfg(feature = "sync")]
pub(crate) use self::resolve::separated;
pub(crate) use self::{
    config::Profiles,
    effective::Settings,
    key::{Key, ONE_PROFILE},
    layer::{Found, Layer, Place},
    resolve::{Selection, settings},
    value::{Value, duration},
};
