//! Answers that go wrong on the way, written to the socket by hand: no HTTP library would send them.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::answer::Answer;
use crate::fault::Break;

/// A reset discards what the other side has not been given yet: time for it to arrive.
const DELIVERY: Duration = Duration::from_millis(20);

/// An answer, and how its transfer goes wrong.
pub(crate) struct Broken {
    pub(crate) answer: Answer,
    pub(crate) how: Break,
}

impl Broken {
    /// Writes what is to be written. An error means that the client was faster in breaking the connection.
    pub(crate) async fn play(self, mut stream: TcpStream) -> io::Result<()> {
        let Self { answer, how } = self;
        match how {
            Break::Reset => stream.set_zero_linger(),
            Break::ResetAfter(bytes) => {
                stream.write_all(&chunked(answer, bytes)).await?;
                sleep(DELIVERY).await;
                stream.set_zero_linger()
            }
            Break::Stall(bytes) => {
                stream.write_all(&chunked(answer, bytes)).await?;
                while stream.read(&mut [0; 1024]).await? > 0 {}
                Ok(())
            }
            Break::CutChunked(bytes) => finish(stream, chunked(answer, bytes)).await,
            Break::CutLength(bytes) => finish(stream, measured(answer, bytes)).await,
            Break::CloseDelimited(bytes) => finish(stream, delimited(answer, bytes)).await,
        }
    }
}

async fn finish(mut stream: TcpStream, text: Vec<u8>) -> io::Result<()> {
    stream.write_all(&text).await?;
    stream.shutdown().await
}

/// One chunk, and no end.
fn chunked(answer: Answer, bytes: usize) -> Vec<u8> {
    let mut text = head("HTTP/1.1", &answer, "transfer-encoding: chunked\r\n");
    let body = answer.payload.prefix(bytes);
    // An empty chunk would be the end.
    if !body.is_empty() {
        text.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        text.extend_from_slice(&body);
        text.extend_from_slice(b"\r\n");
    }
    text
}

/// Less than is announced: the real length where it is known, and in any case more than is sent.
fn measured(mut answer: Answer, bytes: usize) -> Vec<u8> {
    let known = answer.payload.length().unwrap_or(0);
    let payload = std::mem::replace(&mut answer.payload, crate::payload::Payload::whole(""));
    let body = payload.prefix(bytes);
    let announced = known.max(body.len() as u64 + 1);
    let mut text = head("HTTP/1.1", &answer, &format!("content-length: {announced}\r\n"));
    text.extend_from_slice(&body);
    text
}

fn delimited(answer: Answer, bytes: usize) -> Vec<u8> {
    let mut text = head("HTTP/1.0", &answer, "connection: close\r\n");
    text.extend_from_slice(&answer.payload.prefix(bytes));
    text
}

fn head(version: &str, answer: &Answer, framing: &str) -> Vec<u8> {
    let mut text = format!("{version} {}\r\n{framing}", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    text
}
