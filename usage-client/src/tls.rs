//! The TLS backend.

/// Names ring as this process's TLS provider unless the application named one before: of the two that rustls offers,
/// ring builds in seconds with only a C compiler.
pub(crate) fn prepare() {
    #[cfg(feature = "rustls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only if another thread named one in between, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
