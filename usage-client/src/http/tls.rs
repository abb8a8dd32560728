//! TLS: the backend and the certificates.

use reqwest::ClientBuilder;
use secrecy::SecretString;

use crate::error::{Error, Result};

/// Certificates in addition to the operating system's.
#[derive(Clone, Debug, Default)]
#[cfg_attr(
    not(any(feature = "rustls", feature = "native-tls")),
    allow(dead_code, reason = "there is no TLS to apply them to")
)]
pub(crate) struct Settings {
    pub(crate) root_certificates: Vec<Vec<u8>>,
    /// Certificate chain and private key in PEM.
    pub(crate) identity: Option<(String, SecretString)>,
}

/// The error of a client that cannot be built because of TLS.
pub(crate) fn unusable(cause: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::configuration(
        "the HTTP client cannot be built; if there are no certificates, install the system's package \
         (ca-certificates on Linux)",
    )
    .with_source(cause)
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
impl Settings {
    /// The certificates of all PEM texts.
    fn roots<C, E>(&self, parse: impl Fn(&[u8]) -> Result<Vec<C>, E>) -> Result<Vec<C>>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let mut roots = Vec::new();
        for pem in &self.root_certificates {
            let certificates = parse(pem)
                .map_err(|error| Error::wrong_setting("root_certificates", "not PEM").with_source(error))?;
            if certificates.is_empty() {
                return Err(Error::wrong_setting(
                    "root_certificates",
                    "there is no certificate in the PEM text",
                ));
            }
            roots.extend(certificates);
        }
        Ok(roots)
    }
}

/// The cause is left out, because it may contain parts of the key.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn unusable_identity<E>(_: E) -> Error {
    Error::wrong_setting("identity", "not a certificate chain and its private key in PEM")
}

#[cfg(feature = "rustls")]
mod by_rustls {
    use std::sync::Arc;

    use rustls::{
        ClientConfig, RootCertStore,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    };
    use rustls_platform_verifier::Verifier;
    use secrecy::ExposeSecret as _;

    use super::{ClientBuilder, Error, Result, Settings, unusable, unusable_identity};

    impl Settings {
        /// `in_use`: whether TLS reaches any host. Loading the system's certificates fails where there are none, for
        /// example in small containers. That must not prevent the use of a simulator over plain HTTP.
        pub(crate) fn apply(&self, builder: ClientBuilder, in_use: bool) -> Result<ClientBuilder> {
            Ok(builder.tls_backend_preconfigured(self.config(in_use)?))
        }

        fn config(&self, in_use: bool) -> Result<ClientConfig> {
            // Only applications choose a provider for their process, for example for FIPS.
            let provider = CryptoProvider::get_default().cloned();
            let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
            let config = ClientConfig::builder_with_provider(provider.clone())
                .with_safe_default_protocol_versions()
                .map_err(unusable)?;
            // Invalid certificates are an error even if they are not used.
            let roots = self.roots(|pem| CertificateDer::pem_slice_iter(pem).collect())?;
            let config = if in_use {
                let verifier = verifier(roots, provider).map_err(|error| match error {
                    rustls::Error::InvalidCertificate(_) => {
                        Error::wrong_setting("root_certificates", "a certificate in the PEM text is damaged")
                            .with_source(error)
                    }
                    error => unusable(error),
                })?;
                config
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(verifier))
            } else {
                config.with_root_certificates(RootCertStore::empty())
            };
            let mut config = match &self.identity {
                Some((certificates, key)) => {
                    let key = key.expose_secret().as_bytes();
                    let chain = [certificates.as_bytes(), key].into_iter();
                    let chain = chain.flat_map(CertificateDer::pem_slice_iter);
                    let chain = chain.collect::<Result<_, _>>().map_err(unusable_identity)?;
                    let key = PrivateKeyDer::from_pem_slice(key)
                        .or_else(|_| PrivateKeyDer::from_pem_slice(certificates.as_bytes()))
                        .map_err(unusable_identity)?;
                    config
                        .with_client_auth_cert(chain, key)
                        .map_err(unusable_identity)?
                }
                None => config.with_no_client_auth(),
            };
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            Ok(config)
        }
    }

    fn verifier(
        roots: Vec<CertificateDer<'static>>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Verifier, rustls::Error> {
        if roots.is_empty() {
            return Verifier::new(provider);
        }
        #[cfg(not(target_os = "android"))]
        return Verifier::new_with_extra_roots(roots, provider);
        #[cfg(target_os = "android")]
        Err(rustls::Error::General(
            "Android takes no other authorities".to_owned(),
        ))
    }
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
impl Settings {
    pub(crate) fn apply(&self, builder: ClientBuilder, in_use: bool) -> Result<ClientBuilder> {
        use secrecy::ExposeSecret as _;

        let mut builder = builder.tls_certs_merge(self.roots(reqwest::Certificate::from_pem_bundle)?);
        if let Some((certificates, key)) = &self.identity {
            let (certificates, key) = (certificates.as_bytes(), key.expose_secret().as_bytes());
            let identity = reqwest::Identity::from_pkcs8_pem(certificates, key);
            builder = builder.identity(identity.map_err(unusable_identity)?);
        }
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
