//! Reading the body of a request.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;

/// Largest body that the simulator accepts. The limit of the service is not known.
pub(crate) const LIMIT: usize = 1024 * 1024;

/// Reads a body to its end, also beyond the limit: a reset would lose the response to a half-read request. Keeps enough of
/// it to show that it is too large.
pub(crate) async fn read(mut body: Incoming) -> Bytes {
    let mut kept = BytesMut::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let (Ok(data), true) = (frame.into_data(), kept.len() <= LIMIT) {
            kept.extend_from_slice(&data);
        }
    }
    kept.freeze()
}
