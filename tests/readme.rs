#![doc = include_str!("../README.md")]
//!
//! (The workspace's README, so that its Rust examples are compiled.)
