#![doc = include_str!("../README.md")]

mod aggregate;
mod answer;
mod armed;
mod builder;
mod bulk;
mod catalog;
mod computing;
mod connection;
mod errors;
mod execution;
mod fault;
mod history;
mod ids;
mod interval;
mod limit;
mod oauth;
mod payload;
mod query;
mod raw;
mod record;
mod replay;
mod rows;
mod server;
mod service;
mod usage;

pub use builder::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, SimulatorBuilder};
pub use fault::Fault;
pub use record::Seen;
pub use server::Simulator;
