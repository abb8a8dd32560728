//! Credentials, and the access token that they get.

pub(crate) mod credentials;
pub(crate) mod login;
pub(crate) mod token_cache;
