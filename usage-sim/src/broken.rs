//! Broken responses, written directly to the socket, because no HTTP library sends them.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::effect::Break;
use crate::payload::Payload;
use crate::response::Response;

/// A reset discards data that the other side has not read yet. This is the time for it to arrive.
const DELIVERY: Duration = Duration::from_millis(20);

/// A response, and how its transfer breaks.
pub(crate) struct BrokenResponse {
    pub(crate) response: Response,
    pub(crate) how: Break,
}

impl BrokenResponse {
    /// Writes the response as far as it goes. An error means that the client closed the connection first.
    pub(crate) async fn write(self, mut stream: TcpStream) -> io::Result<()> {
        let Self { response, how } = self;
        match how {
            Break::Reset => stream.set_zero_linger(),
            Break::ResetAfter(bytes) => {
                stream.write_all(&chunked(response, bytes)).await?;
                sleep(DELIVERY).await;
                stream.set_zero_linger()
            }
            Break::Stall(bytes) => {
                stream.write_all(&chunked(response, bytes)).await?;
                while stream.read(&mut [0; 1024]).await? > 0 {}
                Ok(())
            }
            Break::CutChunked(bytes) => finish(stream, chunked(response, bytes)).await,
            Break::CutLength(bytes) => finish(stream, too_short(response, bytes)).await,
            Break::CloseDelimited(bytes) => finish(stream, delimited(response, bytes)).await,
        }
    }
}

async fn finish(mut stream: TcpStream, text: Vec<u8>) -> io::Result<()> {
    stream.write_all(&text).await?;
    stream.shutdown().await
}

/// One chunk without the last chunk that ends a body.
fn chunked(response: Response, bytes: usize) -> Vec<u8> {
    let mut text = head("HTTP/1.1", &response, "transfer-encoding: chunked\r\n");
    let body = response.payload.prefix(bytes);
    // An empty chunk would end the body.
    if !body.is_empty() {
        text.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        text.extend_from_slice(&body);
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// A body with a larger `Content-Length`: the real length if it is known, and always more than is sent.
fn too_short(mut response: Response, bytes: usize) -> Vec<u8> {
    let known = response.payload.length().unwrap_or(0);
    let payload = std::mem::replace(&mut response.payload, Payload::whole(""));
    let body = payload.prefix(bytes);
    let announced = known.max(body.len() as u64 + 1);
    let mut text = head("HTTP/1.1", &response, &format!("content-length: {announced}\r\n"));
    text.extend_from_slice(&body);
    text
}

fn delimited(response: Response, bytes: usize) -> Vec<u8> {
    let mut text = head("HTTP/1.0", &response, "connection: close\r\n");
    text.extend_from_slice(&response.payload.prefix(bytes));
    text
}

fn head(version: &str, response: &Response, framing: &str) -> Vec<u8> {
    let mut text = format!("{version} {}\r\n{framing}", response.status).into_bytes();
    for (name, value) in &response.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text
}
