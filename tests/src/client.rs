//! An HTTP client that keeps the time at which each piece of a reply arrived.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle};

use crate::wait::within;

/// No reply of a test takes longer.
const LIMIT: Duration = Duration::from_secs(30);

/// A request to be sent over a connection of its own.
pub struct Call {
    to: SocketAddr,
    request: http::request::Builder,
    body: Bytes,
}

/// A reply whose body is still arriving.
pub struct Arriving {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    sent_at: Instant,
    body: Incoming,
    read: Vec<u8>,
    pieces: Vec<(usize, Duration)>,
    _connection: Connection,
}

/// A reply that has arrived.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as far as it came.
    pub body: Vec<u8>,
    /// Whether the body ended as HTTP says.
    pub complete: bool,
    /// From the request to the end.
    pub took: Duration,
    pieces: Vec<(usize, Duration)>,
}

struct Connection(JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request with `GET`.
pub fn get(to: SocketAddr, path: &str) -> Call {
    call(Method::GET, to, path)
}

/// A request with any method.
pub fn call(method: Method, to: SocketAddr, path: &str) -> Call {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, to.to_string());
    Call {
        to,
        request,
        body: Bytes::new(),
    }
}

impl Call {
    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// Adds a body of that type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.request = self.request.header(header::CONTENT_TYPE, content_type);
        self.body = body.into();
        self
    }

    /// Sends it and waits for the whole reply.
    ///
    /// # Errors
    /// When no reply comes in time. A cut body is no error, but not `complete`.
    pub async fn send(self) -> Result<Reply> {
        let to = self.to;
        let all = async { self.open().await?.all().await };
        within(LIMIT, &format!("a reply of {to}"), all).await?
    }

    /// Sends it and waits for the head of the reply.
    ///
    /// # Errors
    /// When no head comes in time.
    pub async fn open(self) -> Result<Arriving> {
        let request = self.request.body(Full::new(self.body))?;
        let sent_at = Instant::now();
        let stream = TcpStream::connect(self.to)
            .await
            .with_context(|| format!("can't connect to {}", self.to))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let connection = Connection(tokio::spawn(async move {
            // What breaks here breaks the body too, which tells the test.
            let _ = connection.await;
        }));
        let reply = within(LIMIT, "the head of a reply", sender.send_request(request)).await??;
        let (head, body) = reply.into_parts();
        Ok(Arriving {
            status: head.status,
            headers: head.headers,
            sent_at,
            body,
            read: Vec::new(),
            pieces: Vec::new(),
            _connection: connection,
        })
    }
}

impl Arriving {
    /// Reads until the body holds `text`, and tells when it did, counted from the request.
    ///
    /// # Errors
    /// When the body ends before, or the limit is over.
    pub async fn until(&mut self, text: &str) -> Result<Duration> {
        let wanted = format!("`{text}` in the body");
        let search = async {
            while !contains(&self.read, text) {
                if !self.piece().await? {
                    bail!(
                        "the body ended without `{text}`: {}",
                        String::from_utf8_lossy(&self.read)
                    );
                }
            }
            Ok(self.sent_at.elapsed())
        };
        within(LIMIT, &wanted, search).await?
    }

    /// Reads the next piece; `false` is the end.
    ///
    /// # Errors
    /// When the body is cut.
    pub async fn piece(&mut self) -> Result<bool> {
        let Some(frame) = self.body.frame().await else {
            return Ok(false);
        };
        if let Ok(data) = frame?.into_data() {
            self.read.extend_from_slice(&data);
            self.pieces.push((self.read.len(), self.sent_at.elapsed()));
        }
        Ok(true)
    }

    /// The bytes read so far.
    pub fn read(&self) -> &[u8] {
        &self.read
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// Never for a cut body: that one is not `complete`.
    pub async fn all(mut self) -> Result<Reply> {
        let complete = loop {
            match self.piece().await {
                Ok(true) => {}
                Ok(false) => break true,
                Err(_) => break false,
            }
        };
        Ok(Reply {
            status: self.status,
            headers: self.headers,
            took: self.sent_at.elapsed(),
            body: self.read,
            complete,
            pieces: self.pieces,
        })
    }
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header's text, empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    }

    /// When `text` was complete, counted from the request.
    pub fn arrival(&self, text: &str) -> Option<Duration> {
        let end = position(&self.body, text)? + text.len();
        self.pieces.iter().find(|(read, _)| *read >= end).map(|(_, at)| *at)
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    position(bytes, text).is_some()
}

fn position(bytes: &[u8], text: &str) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text.as_bytes())
}
