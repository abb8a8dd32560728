//! TLS to a gateway with a private authority that wants the client's own certificate.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::{CryptoProvider, ring},
        server::WebPkiClientVerifier,
    },
};
use usage_client::{Client, Credentials, RetryPolicy};

use crate::{ID, SECRET, assert_says, run, service, submit, token_builder, with_source};

const TOKEN: &str = "token-behind-tls";

/// A private certificate authority.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    roots: Arc<RootCertStore>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        Self {
            pem: certificate.pem(),
            issuer: Issuer::new(params, key),
            roots: Arc::new(roots),
        }
    }

    /// A certificate for a name, and its key.
    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

/// Ends TLS in front of a service on the loopback address; clients need a certificate of the authority.
async fn gateway(authority: &Authority, service: SocketAddr) -> u16 {
    let (certificate, key) = authority.issue("localhost");
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(authority.roots.clone(), provider.clone());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(
            vec![certificate.der().clone()],
            key.serialize_der().try_into().unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut outer = acceptor.accept(socket).await?;
                let mut inner = TcpStream::connect(service).await?;
                tokio::io::copy_bidirectional(&mut outer, &mut inner).await
            });
        }
    });
    port
}

#[tokio::test]
async fn a_private_authority_and_mutual_tls_are_both_needed_and_work() {
    let service = service().access_token(TOKEN).start().await.unwrap();
    let address = service.url().trim_start_matches("http://").parse().unwrap();
    let authority = Authority::new();
    let port = gateway(&authority, address).await;
    let (certificate, key) = authority.issue("client");
    let builder = Client::builder()
        .base_url(format!("https://localhost:{port}"))
        .credentials(Credentials::access_token(TOKEN))
        .retry(RetryPolicy::none());

    let trusting = builder.clone().root_certificates(authority.pem.clone());
    let identified = trusting.clone().identity(certificate.pem(), key.serialize_pem());
    run(&identified.build().unwrap()).await.unwrap();
    assert_eq!(service.requests().len(), 2);
    assert!(
        CryptoProvider::get_default().is_none(),
        "a library installs no provider"
    );

    // Without its own certificate the client is turned away; without the authority it turns the gateway away.
    let without_authority = builder.identity(certificate.pem(), key.serialize_pem());
    for lacking in [trusting, without_authority] {
        // A machine without any certificate authorities says so when the client is built.
        if let Ok(client) = lacking.build() {
            let error = run(&client).await.unwrap_err();
            assert!(error.is_connect(), "{error:?}");
        }
    }
    assert_eq!(service.requests().len(), 2);
}

#[tokio::test]
async fn what_is_not_pem_is_named() {
    let builder = token_builder("https://localhost:1");
    let error = builder.clone().root_certificates("not PEM").build().unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_says(&error, "root_certificates");
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = builder.clone().root_certificates(damaged).build().unwrap_err();
    assert_says(&error, "root_certificates: a certificate");
    // Without TLS nothing is trusted, but what is no PEM is told all the same.
    let plain = builder.clone().base_url("http://127.0.0.1:1");
    let error = plain.root_certificates("not PEM").build().unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let error = builder.identity("not PEM", "nor this").build().unwrap_err();
    assert!(error.is_configuration(), "{error}");
    assert_says(&error, "identity");
}

#[tokio::test]
async fn a_handshake_that_hangs_is_told_from_a_host_that_does_not_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for (is_login, told) in [(true, "login"), (false, "submit")] {
        let credentials = match is_login {
            true => Credentials::client_credentials(ID, SECRET),
            false => Credentials::access_token("token"),
        };
        let client = Client::builder()
            .base_url(format!("https://127.0.0.1:{port}"))
            .credentials(credentials)
            .connect_timeout(Duration::from_millis(400))
            .retry(RetryPolicy::none())
            .build()
            .unwrap();
        let error = submit(&client).await.unwrap_err();
        assert!(
            error.is_timeout() && error.is_login() == is_login,
            "{told}: {error:?}"
        );
        let stage = format!("port {port} takes connections, but the TLS handshake hangs");
        assert!(with_source(&error).contains(&stage), "{told}: {error:?}");
    }
}
