//! Who the client is, and the access token that proves it.

pub(crate) mod credentials;
pub(crate) mod login;
pub(crate) mod token_cache;
