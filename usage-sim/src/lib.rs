#![doc = include_str!("../README.md")]

mod aggregate;
mod body;
mod broken;
mod builder;
mod bulk;
mod catalog;
mod compute;
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
mod record;
mod replay;
mod response;
mod rows;
mod schedule;
mod server;
mod service;
mod usage;

pub use builder::{DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, SimulatorBuilder};
pub use fault::Fault;
pub use record::RecordedRequest;
pub use server::Simulator;
