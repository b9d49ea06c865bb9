//! BFFs by hand: what they send, byte by byte.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A BFF, and the request heads that it got.
pub(crate) struct Bff {
    pub(crate) address: SocketAddr,
    requests: mpsc::UnboundedReceiver<String>,
}

impl Bff {
    /// Answers each connection by `serve`, which gets the connection and where to note requests.
    pub(crate) async fn run<F>(serve: impl Fn(Peer) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::listen(listener, serve)
    }

    pub(crate) fn listen<F>(listener: TcpListener, serve: impl Fn(Peer) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr().unwrap();
        let (notes, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // What is sent in two steps must not wait for the first one's acknowledgement.
                stream.set_nodelay(true).unwrap();
                let notes = notes.clone();
                tokio::spawn(serve(Peer { stream, notes }));
            }
        });
        Self { address, requests }
    }

    /// Answers every first request of a connection with these bytes, and leaves the connection open.
    pub(crate) async fn says(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::run(move |mut peer| {
            let answer = answer.clone();
            async move {
                peer.request().await;
                peer.send(&answer).await;
                std::future::pending::<()>().await;
            }
        })
        .await
    }

    /// The next request head that it got.
    pub(crate) async fn request(&mut self) -> String {
        self.requests.recv().await.unwrap()
    }
}

/// The composer, as the BFF sees it.
pub(crate) struct Peer {
    stream: TcpStream,
    notes: mpsc::UnboundedSender<String>,
}

impl Peer {
    /// Reads one request's head; false when the composer closed instead.
    pub(crate) async fn request(&mut self) -> bool {
        let head = self.head().await;
        head.is_some_and(|head| self.notes.send(head).is_ok())
    }

    /// The same without a note of it.
    pub(crate) async fn head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.ok()?);
        }
        Some(String::from_utf8(head).unwrap())
    }

    /// Sends bytes; false when the composer is gone.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Reads until the composer closes.
    pub(crate) async fn closed(&mut self) {
        while self.stream.read_u8().await.is_ok() {}
    }
}
