//! A server that writes what a test prescribes, byte for byte.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use usage_client::{Client, ClientBuilder, Credentials};

use crate::{HANG, ID, SECRET, quick};

/// What is written, each piece after a pause. The connection is closed at the end.
pub(crate) type Script = Box<dyn Iterator<Item = (Duration, Vec<u8>)> + Send>;

const TOKEN: &str = r#"{"access_token":"token-of-a-test","token_type":"bearer","expires_in":86400}"#;
const ACCEPTED: &str = r#"{"executionId":"e-1"}"#;
pub(crate) const COMPLETE: &str = r#"{"results":[{"clientId":"a","requests":7}],"queryStatus":"Complete"}"#;

/// Which request it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    Login,
    Submit,
    Results,
}

impl Asked {
    /// The body of a healthy service's response.
    pub(crate) fn healthy(self) -> &'static str {
        match self {
            Self::Login => TOKEN,
            Self::Submit => ACCEPTED,
            Self::Results => COMPLETE,
        }
    }
}

pub(crate) struct Raw {
    url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    sent: Arc<AtomicUsize>,
}

impl Raw {
    /// Answers each request with what `answer` writes for it, or as a healthy service does.
    pub(crate) async fn start(answer: impl Fn(Asked) -> Option<Script> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, sent) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (told, count, answer) = (Arc::clone(&asked), Arc::clone(&sent), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (told, count, answer) = (Arc::clone(&told), Arc::clone(&count), Arc::clone(&answer));
                tokio::spawn(async move {
                    // The client may go away in the middle: that is what some tests wait for.
                    let _ = serve(connection, &told, &count, &*answer).await;
                });
            }
        });
        Self { url, asked, sent }
    }

    /// Answers requests of this kind with `script`, and others as a healthy service does.
    pub(crate) async fn on(kind: Asked, script: impl Fn() -> Script + Send + Sync + 'static) -> Self {
        Self::start(move |asked| (asked == kind).then(&script)).await
    }

    /// Answers the first request of this kind with `first`, later ones with `later`, and others as a healthy service
    /// does.
    pub(crate) async fn on_first(
        kind: Asked,
        first: Script,
        later: impl Fn() -> Script + Send + Sync + 'static,
    ) -> Self {
        let first = Mutex::new(Some(first));
        Self::on(kind, move || first.lock().unwrap().take().unwrap_or_else(&later)).await
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder()
            .base_url(&self.url)
            .login_url(&self.url)
            .credentials(Credentials::client_credentials(ID, SECRET))
            .retry(quick())
    }

    /// What was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests of this kind there were.
    pub(crate) fn count(&self, kind: Asked) -> usize {
        self.asked().into_iter().filter(|asked| *asked == kind).count()
    }

    /// How many bytes were taken from it.
    pub(crate) fn sent(&self) -> usize {
        self.sent.load(Ordering::Relaxed)
    }
}

async fn serve(
    mut connection: TcpStream,
    told: &Mutex<Vec<Asked>>,
    count: &AtomicUsize,
    answer: &(impl Fn(Asked) -> Option<Script> + Sync),
) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&request).into_owned();
    let asked = match head.lines().next().unwrap_or_default() {
        line if line.contains("/oauth/token") => Asked::Login,
        line if line.starts_with("POST") => Asked::Submit,
        _ => Asked::Results,
    };
    // A connection that is closed with bytes unread is reset, which may cost what was written.
    let begin = head.find("\r\n\r\n").unwrap_or_default() + 4;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse::<usize>())
    });
    let length = length.transpose().unwrap().unwrap_or_default();
    while request.len() < begin + length {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    told.lock().unwrap().push(asked);
    let healthy = || whole(200, "", asked.healthy());
    for (pause, piece) in answer(asked).unwrap_or_else(healthy) {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        connection.write_all(&piece).await?;
        count.fetch_add(piece.len(), Ordering::Relaxed);
    }
    connection.shutdown().await
}

/// Nothing at all, for a long time.
pub(crate) fn silence() -> Script {
    Box::new([(HANG, Vec::new())].into_iter())
}

/// These bytes at once, then the end of the connection.
pub(crate) fn at_once(bytes: impl Into<Vec<u8>>) -> Script {
    Box::new([(Duration::ZERO, bytes.into())].into_iter())
}

/// A response with its length. Each header ends with a line break.
pub(crate) fn whole(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Script {
    let body = body.as_ref();
    let mut text = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        body.len()
    )
    .into_bytes();
    text.extend_from_slice(body);
    at_once(text)
}

/// A chunked response of these pieces, each after the pause.
pub(crate) fn chunked(
    status: u16,
    headers: &str,
    pause: Duration,
    pieces: impl Iterator<Item = Vec<u8>> + Send + 'static,
) -> Script {
    let head =
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n{headers}\r\n");
    let chunk = move |piece: Vec<u8>| {
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend_from_slice(&piece);
        chunk.extend_from_slice(b"\r\n");
        (pause, chunk)
    };
    Box::new(
        std::iter::once((Duration::ZERO, head.into_bytes()))
            .chain(pieces.map(chunk))
            .chain(std::iter::once((Duration::ZERO, b"0\r\n\r\n".to_vec()))),
    )
}

/// The text in as many gzip members as there are parts.
pub(crate) fn gzip<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    use std::io::Write as _;

    let mut all = Vec::new();
    for part in parts {
        let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        member.write_all(part).unwrap();
        all.extend(member.finish().unwrap());
    }
    all
}
