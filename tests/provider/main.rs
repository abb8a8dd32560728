//! A program that installed a TLS provider of its own. It needs a process of its own.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio_rustls::rustls::crypto::{CryptoProvider, GetRandomFailed, SecureRandom, ring};
use usage_client::{Client, Credentials, RetryPolicy};

/// Counts how often it is used.
#[derive(Debug)]
struct CountingRandom(AtomicUsize);

impl SecureRandom for CountingRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ring::default_provider().secure_random.fill(bytes)
    }
}

static RANDOM: CountingRandom = CountingRandom(AtomicUsize::new(0));

#[tokio::test]
async fn the_provider_of_the_application_is_used_and_stays() {
    let provider = CryptoProvider {
        secure_random: &RANDOM,
        ..ring::default_provider()
    };
    provider.install_default().unwrap();
    let installed = CryptoProvider::get_default().unwrap().clone();

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // The client begins a handshake, and the connection closes.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let key = rcgen::KeyPair::generate().unwrap();
    let authority = rcgen::CertificateParams::new(vec![]).unwrap().self_signed(&key);
    let client = Client::builder()
        .base_url(format!("https://127.0.0.1:{port}"))
        .credentials(Credentials::access_token("t"))
        .retry(RetryPolicy::none())
        .root_certificates(authority.unwrap().pem())
        .build()
        .unwrap();
    let error = client.execution("9f32b7cf").poll().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert!(RANDOM.0.load(Ordering::Relaxed) > 0);
    assert!(Arc::ptr_eq(&installed, CryptoProvider::get_default().unwrap()));
}
