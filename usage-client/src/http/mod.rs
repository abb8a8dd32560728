//! One request and its response.

mod connect_timeout;
mod connection_error;
pub(crate) mod content;
pub(crate) mod error_body;
mod gzip;
pub(crate) mod hosts;
pub(crate) mod json;
pub(crate) mod lookup;
pub(crate) mod proxy;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod response_error;
pub(crate) mod retry_after;
pub(crate) mod send;
pub(crate) mod tls;
