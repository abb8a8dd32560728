//! When a request is sent, and when it is sent again.

pub(crate) mod attempts;
pub(crate) mod budget;
pub(crate) mod policy;
pub(crate) mod poll_policy;
pub(crate) mod rate_limit;
pub(crate) mod transient;
