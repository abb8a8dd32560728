//! Why a connection attempt took too long: nothing answers, or the TLS handshake hangs.

use std::time::Duration;

use reqwest::Url;
use tokio::{net::TcpStream, time::timeout};

/// The stage that hangs. The HTTP client does not tell connecting and TLS apart. So this connects once more, without
/// TLS, and waits for at most `limit`.
pub(crate) async fn hanging_stage(url: &Url, limit: Duration) -> Option<String> {
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let address = (host.trim_matches(['[', ']']), port);
    let takes_connections = matches!(timeout(limit, TcpStream::connect(address)).await, Ok(Ok(_)));
    Some(match (takes_connections, url.scheme()) {
        (true, "https") => format!("port {port} takes connections, but the TLS handshake hangs"),
        (true, _) => return None,
        (false, _) => format!("nothing responds on port {port}"),
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_port_that_takes_connections_is_distinguished_from_one_that_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = |scheme| Url::parse(&format!("{scheme}://127.0.0.1:{port}/")).unwrap();
        let limit = Duration::from_secs(60);
        let stage = hanging_stage(&url("https"), limit).await.unwrap();
        assert_eq!(
            stage,
            format!("port {port} takes connections, but the TLS handshake hangs")
        );
        assert_eq!(hanging_stage(&url("http"), limit).await, None);
        drop(listener);
        let stage = hanging_stage(&url("https"), limit).await.unwrap();
        assert_eq!(stage, format!("nothing responds on port {port}"));
    }
}
