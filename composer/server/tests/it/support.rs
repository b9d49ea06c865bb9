//! A composer in this process, and a client that sends exactly the bytes it is told to.

use std::{net::SocketAddr, path::Path, time::Duration};

use composer_server::{Config, Running, start};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than anything here takes; a test that waits this long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Composer {
    pub(crate) running: Running,
    pub(crate) folder: TempDir,
}

/// Starts a composer with `static/hello.txt` and the given keys.
pub(crate) async fn composer(keys: &str) -> Composer {
    let folder = TempDir::new().unwrap();
    std::fs::create_dir(folder.path().join("static")).unwrap();
    std::fs::write(folder.path().join("static/hello.txt"), "hello").unwrap();
    let running = start(config(folder.path(), keys)).await.unwrap();
    Composer { running, folder }
}

pub(crate) fn config(folder: &Path, keys: &str) -> Config {
    let fixed = "listen = \"127.0.0.1:0\"\nadmin_listen = \"127.0.0.1:0\"\nstatic_dir = \"static\"\n";
    Config::parse(&folder.join("composer.toml"), &format!("{fixed}{keys}")).unwrap()
}

impl Composer {
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.running.public).await
    }

    pub(crate) async fn admin(&self) -> Client {
        Client::connect(self.running.admin).await
    }

    /// One request on a connection of its own: status and everything else.
    pub(crate) async fn exchange(&self, request: &str) -> Reply {
        let mut client = self.client().await;
        client.send(request).await;
        client.reply().await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.exchange(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            .await
    }
}

pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    pending: Vec<u8>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) fn over(stream: TcpStream) -> Self {
        Self {
            stream,
            pending: vec![],
        }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Waits for the other side to end the connection; what it said until then.
    pub(crate) async fn until_closed(&mut self) -> String {
        let mut rest = std::mem::take(&mut self.pending);
        let read = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        // A reset is an end too.
        let _ = read.expect("the connection should have been closed");
        String::from_utf8_lossy(&rest).into_owned()
    }

    /// Reads one reply with a `Content-Length`, or without body.
    pub(crate) async fn reply(&mut self) -> Reply {
        timeout(PATIENCE, self.read_reply())
            .await
            .expect("a reply should have come")
    }

    /// Reads the head of a reply that has no body, whatever its length says.
    pub(crate) async fn head(&mut self) -> Reply {
        timeout(PATIENCE, self.read_head())
            .await
            .expect("a reply should have come")
    }

    async fn read_reply(&mut self) -> Reply {
        let mut reply = self.read_head().await;
        let bodiless = matches!(reply.status, 100..200 | 204 | 304);
        let length = reply.header("content-length").filter(|_| !bodiless);
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        while self.pending.len() < length {
            assert!(self.fill().await > 0, "closed inside a body");
        }
        reply.body = String::from_utf8(self.pending.drain(..length).collect()).unwrap();
        reply
    }

    async fn read_head(&mut self) -> Reply {
        let end = loop {
            if let Some(end) = self.pending.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            assert!(
                self.fill().await > 0,
                "closed before a head: {:?}",
                String::from_utf8_lossy(&self.pending)
            );
        };
        let head = String::from_utf8(self.pending.drain(..end + 4).collect()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply {
            status,
            head,
            body: String::new(),
        }
    }

    /// What came behind the last reply.
    pub(crate) fn rest(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.pending)).unwrap()
    }

    async fn fill(&mut self) -> usize {
        self.stream.read_buf(&mut self.pending).await.unwrap()
    }
}
