//! TLS: the backend, and the certificates of gateways.

use reqwest::ClientBuilder;
use secrecy::SecretString;

use crate::error::Result;

/// Certificates beside the operating system's.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    not(any(feature = "rustls", feature = "native-tls")),
    allow(dead_code, reason = "there is no TLS to apply them to")
)]
pub(crate) struct Settings {
    pub(crate) root_certificates: Vec<Vec<u8>>,
    /// Certificate chain and private key, in PEM.
    pub(crate) identity: Option<(String, SecretString)>,
}

impl Settings {
    pub(crate) fn has_roots(&self) -> bool {
        !self.root_certificates.is_empty()
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl Settings {
    /// `in_use`: whether any host is asked by TLS. Loading the system's authorities fails where there are none, as in
    /// small containers, which must not matter to who asks a simulator by plain HTTP.
    pub(crate) fn apply(&self, mut builder: ClientBuilder, in_use: bool) -> Result<ClientBuilder> {
        use crate::error::Error;

        prepare();
        for pem in &self.root_certificates {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|error| Error::configuration("root_certificates: not PEM").with_source(error))?;
            if certificates.is_empty() {
                return Err(Error::configuration(
                    "root_certificates: there is no certificate in the PEM text",
                ));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some((certificates, key)) = &self.identity {
            // The cause is left out: it may repeat parts of the key.
            let identity = identity(certificates, key).map_err(|_| {
                Error::configuration("identity: not a certificate chain and its private key in PEM")
            })?;
            builder = builder.identity(identity);
        }
        // What is wrong with certificates is told though they are not used.
        Ok(if in_use {
            builder
        } else {
            builder.tls_certs_only([])
        })
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
impl Settings {
    pub(crate) fn apply(&self, builder: ClientBuilder, _in_use: bool) -> Result<ClientBuilder> {
        Ok(builder)
    }
}

#[cfg(feature = "rustls")]
fn identity(certificates: &str, key: &SecretString) -> reqwest::Result<reqwest::Identity> {
    use secrecy::ExposeSecret as _;

    reqwest::Identity::from_pem(format!("{certificates}\n{}", key.expose_secret()).as_bytes())
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
fn identity(certificates: &str, key: &SecretString) -> reqwest::Result<reqwest::Identity> {
    use secrecy::ExposeSecret as _;

    reqwest::Identity::from_pkcs8_pem(certificates.as_bytes(), key.expose_secret().as_bytes())
}

/// Names ring as this process's TLS provider unless the application named one before: of the two that rustls offers,
/// ring builds in seconds with only a C compiler.
#[cfg(feature = "rustls")]
fn prepare() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only if another thread named one in between, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
fn prepare() {}
