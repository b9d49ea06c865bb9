//! The server: one script a request, chosen by its address.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use anyhow::Result;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::{
    answer::Answer,
    script::{Script, Then, perform, say},
};

/// What an address answers: scripts in turn, one a request.
#[derive(Debug, Clone)]
pub enum Plan {
    /// The scripts, again from the first after the last.
    Turns(Vec<Script>),
    /// A good reply in which `{q}` stands for the request's own parameter `q`.
    Template(Answer),
}

/// A running BFF. It can go away and come back at the same port; dropping it closes its connections.
pub struct FaultServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    plans: Mutex<HashMap<String, Plan>>,
    asked: Mutex<HashMap<String, usize>>,
    open: AtomicUsize,
}

/// Counts a connection for as long as it lives.
struct Open<'s>(&'s AtomicUsize);

impl FaultServer {
    /// Starts one that answers 404.
    ///
    /// # Errors
    /// When loopback has no free port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            listening: Mutex::new(Some(task)),
        })
    }

    /// Where it listens.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says what `target` does from now on: a path, or a path with its query, which goes before the path alone.
    pub fn on(&self, target: &str, plan: Plan) {
        lock(&self.shared.plans).insert(target.to_owned(), plan);
    }

    /// One script for each request.
    pub fn does(&self, target: &str, script: Script) {
        self.on(target, Plan::Turns(vec![script]));
    }

    /// A good reply to each request, on connections that are kept.
    pub fn answers(&self, target: &str, answer: &Answer) {
        self.does(target, say(answer.wire()));
    }

    /// How often `target` was asked for, as it was given to [`Self::on`].
    pub fn asked(&self, target: &str) -> usize {
        lock(&self.shared.asked).get(target).copied().unwrap_or_default()
    }

    /// How many requests there were.
    pub fn asked_in_all(&self) -> usize {
        lock(&self.shared.asked).values().sum()
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.shared.open.load(Relaxed)
    }

    /// Goes away: connections end, new ones are refused.
    pub async fn away(&self) {
        let task = lock(&self.listening).take();
        if let Some(task) = task {
            task.abort();
            let _ = task.await;
        }
    }

    /// Comes back at its port.
    ///
    /// # Errors
    /// When the port was taken meanwhile.
    pub async fn back(&self) -> Result<()> {
        if lock(&self.listening).is_none() {
            let listener = TcpListener::bind(self.address).await?;
            let task = tokio::spawn(accept(listener, Arc::clone(&self.shared)));
            *lock(&self.listening) = Some(task);
        }
        Ok(())
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.listening).take() {
            task.abort();
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Shared {
    /// The script for `target`.
    fn script(&self, target: &str) -> Script {
        let path = target.split('?').next().unwrap_or_default();
        let plans = lock(&self.plans);
        let found = [target, path].into_iter().find_map(|key| Some((key, plans.get(key)?)));
        let Some((key, plan)) = found else {
            return say(Answer::html("nothing here").status("HTTP/1.1 404 Not Found").wire());
        };
        let mut asked = lock(&self.asked);
        let before = asked.entry(key.to_owned()).or_default();
        *before += 1;
        match plan {
            Plan::Turns(scripts) => scripts[(*before - 1) % scripts.len()].clone(),
            Plan::Template(answer) => {
                let q = target.split("q=").nth(1).unwrap_or_default();
                let q = q.split('&').next().unwrap_or_default();
                say(answer.body(answer.text().replace("{q}", q)).wire())
            }
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    shared.open.fetch_add(1, Relaxed);
                    let _open = Open(&shared.open);
                    // What the other side breaks is its own affair.
                    let _ = serve(stream, &shared).await;
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> Result<()> {
    let _ = stream.set_nodelay(true);
    let mut read = Vec::new();
    loop {
        let Some(head) = read_head(&mut stream, &mut read).await? else {
            return Ok(());
        };
        let target = head.split(' ').nth(1).unwrap_or_default();
        if perform(shared.script(target), &mut stream, &read).await? == Then::Close {
            return Ok(());
        }
    }
}

/// The next head, which is cut off `read`; `None` when the other side has ended.
async fn read_head(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<Option<String>> {
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = read.split_off(end + 4);
            let head = String::from_utf8_lossy(read).into_owned();
            *read = rest;
            return Ok(Some(head));
        }
        anyhow::ensure!(read.len() < 1 << 20, "a head of more than a megabyte");
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
