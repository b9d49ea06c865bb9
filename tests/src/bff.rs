//! A made-up BFF that does, byte for byte, what a test says: slow, broken, hostile.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;
use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};

/// One thing the BFF does with a connection, after it has read the request's head.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends bytes.
    Send(Bytes),
    /// Sends the same bytes so many times, with a pause after each.
    Repeat(Bytes, usize, Duration),
    /// Waits.
    Wait(Duration),
    /// Waits until the test opens the gate.
    Gate(Arc<Semaphore>),
    /// Sends back whatever comes, until the other side ends.
    Echo,
    /// Sends the request's own head and body as the body of a complete reply.
    Mirror,
    /// Keeps the connection open and says nothing more.
    Hang,
}

/// The steps of one reply; then the connection ends.
pub type Behaviour = Vec<Step>;

/// A running BFF; dropping it closes its connections.
pub struct Bff {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    behaviours: Mutex<HashMap<String, Behaviour>>,
    heads: Mutex<Vec<String>>,
}

impl Bff {
    /// Starts one that answers 404.
    ///
    /// # Errors
    /// When loopback has no free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Where it listens.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says what `path` does from now on.
    pub fn on(&self, path: &str, behaviour: Behaviour) {
        let mut behaviours = self.shared.behaviours.lock().unwrap_or_else(PoisonError::into_inner);
        behaviours.insert(path.to_owned(), behaviour);
    }

    /// The heads of all requests so far, as they came.
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Bff {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A complete reply of HTML.
pub fn html(body: &str) -> Behaviour {
    reply("200 OK", "content-type: text/html; charset=utf-8\r\n", body)
}

/// A complete reply with any status and header lines.
pub fn reply(status: &str, headers: &str, body: &str) -> Behaviour {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    vec![Step::Send((head + body).into())]
}

/// A complete reply of HTML after a pause.
pub fn late(pause: Duration, body: &str) -> Behaviour {
    let mut steps = vec![Step::Wait(pause)];
    steps.append(&mut html(body));
    steps
}

/// The head of a reply that ends with its connection.
pub fn head() -> Step {
    Step::Send("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n\r\n".into())
}

/// The head of a reply of `length` bytes.
pub fn head_of(length: usize) -> Step {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {length}\r\n\r\n");
    Step::Send(head.into())
}

/// Some bytes.
pub fn send(text: impl Into<Bytes>) -> Step {
    Step::Send(text.into())
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        // What the other side breaks is its own affair.
        connections.spawn(async move {
            let _ = serve(stream, &shared).await;
        });
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> Result<()> {
    let (head, rest) = read_head(&mut stream).await?;
    shared
        .heads
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(head.clone());
    let target = head.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let behaviours = shared.behaviours.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let behaviour = behaviours.get(path).cloned();
    for step in behaviour.unwrap_or_else(|| reply("404 Not Found", "", "nothing here")) {
        perform(step, &mut stream, &head, &rest).await?;
    }
    Ok(stream.shutdown().await?)
}

async fn perform(step: Step, stream: &mut TcpStream, head: &str, rest: &[u8]) -> Result<()> {
    match step {
        Step::Send(bytes) => stream.write_all(&bytes).await?,
        Step::Repeat(bytes, times, pause) => {
            for _ in 0..times {
                stream.write_all(&bytes).await?;
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            }
        }
        Step::Wait(pause) => tokio::time::sleep(pause).await,
        Step::Gate(gate) => gate.acquire().await?.forget(),
        Step::Echo => {
            stream.write_all(rest).await?;
            let (mut from, mut to) = stream.split();
            tokio::io::copy(&mut from, &mut to).await?;
        }
        Step::Mirror => {
            let body = body_after(stream, head, rest).await?;
            let text = format!("{head}\r\n\r\n{}", String::from_utf8_lossy(&body));
            for step in reply("200 OK", "content-type: text/plain\r\n", &text) {
                if let Step::Send(bytes) = step {
                    stream.write_all(&bytes).await?;
                }
            }
        }
        Step::Hang => std::future::pending().await,
    }
    Ok(())
}

/// Reads up to the empty line; gives the head, and what came after it.
async fn read_head(stream: &mut TcpStream) -> Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            read.truncate(end);
            return Ok((String::from_utf8_lossy(&read).into_owned(), rest));
        }
        anyhow::ensure!(read.len() < 1 << 20, "a head of more than a megabyte");
        anyhow::ensure!(
            stream.read_buf(&mut read).await? > 0,
            "the connection ended within the head"
        );
    }
}

/// The request's body, of a length that its head says or in chunks that end with `0`.
async fn body_after(stream: &mut TcpStream, head: &str, rest: &[u8]) -> Result<Vec<u8>> {
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(Ok(0), |length| length.trim().parse())?;
    let chunked = head.contains("transfer-encoding: chunked");
    let mut body = rest.to_vec();
    while body.len() < length || chunked && !body.ends_with(b"0\r\n\r\n") {
        anyhow::ensure!(
            stream.read_buf(&mut body).await? > 0,
            "the connection ended within the body"
        );
    }
    Ok(body)
}
