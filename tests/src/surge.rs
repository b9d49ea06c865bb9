//! Requests that come when they come, whether or not those before were answered: what overload is made of.
//!
//! A client that waits for each reply slows down with the server, and never overloads it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

/// Nobody waits longer for a reply.
const LONGEST: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(2);

/// Requests of a path, so many a second, over so many connections that are kept.
#[derive(Debug, Clone)]
pub struct Surge {
    /// Whom to ask.
    pub to: SocketAddr,
    /// For what.
    pub path: String,
    /// How often.
    pub per_second: f64,
    /// By how many connections; when all wait for a reply, requests wait for one of them.
    pub connections: usize,
}

/// What became of one request.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// When it was due, since the surge began.
    pub due: Duration,
    /// From then to the end of its reply.
    pub took: Duration,
    /// Its status; 0 when there was no whole reply.
    pub status: u16,
}

/// All of them, in the order in which they ended.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    /// Each one.
    pub all: Vec<Answered>,
}

impl Surge {
    /// Asks for `length`, and waits for the last replies.
    ///
    /// # Errors
    /// When no connection can be opened.
    pub async fn run(&self, length: Duration) -> Result<Answers> {
        let answers = Arc::new(Mutex::new(Answers::default()));
        let (due, waiting) = mpsc::unbounded_channel::<Instant>();
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        let began = Instant::now();
        let mut workers = Vec::new();
        for _ in 0..self.connections {
            let worker = Worker {
                to: self.to,
                path: self.path.clone(),
                sender: Some(connect(self.to).await?),
                began,
            };
            workers.push(tokio::spawn(worker.run(Arc::clone(&waiting), Arc::clone(&answers))));
        }
        let (mut ticks, began, mut sent) = (interval(TICK), Instant::now(), 0.0);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        while began.elapsed() < length {
            ticks.tick().await;
            let wanted = began.elapsed().as_secs_f64() * self.per_second;
            while sent < wanted {
                due.send(Instant::now()).context("the workers have ended")?;
                sent += 1.0;
            }
        }
        drop(due);
        for worker in workers {
            worker.await?;
        }
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut answers))
    }
}

impl Surge {
    /// Asks for `length` as often as replies come, on each connection: whoever asks so overloads nobody.
    ///
    /// # Errors
    /// When no connection can be opened.
    pub async fn steadily(&self, length: Duration) -> Result<Answers> {
        let began = Instant::now();
        let mut workers = Vec::new();
        for _ in 0..self.connections {
            let mut worker = Worker {
                to: self.to,
                path: self.path.clone(),
                sender: Some(connect(self.to).await?),
                began,
            };
            workers.push(tokio::spawn(async move {
                let mut answers = Answers::default();
                while began.elapsed() < length {
                    answers.all.push(worker.answer(Instant::now()).await);
                }
                answers
            }));
        }
        let mut answers = Answers::default();
        for worker in workers {
            answers.all.append(&mut worker.await?.all);
        }
        Ok(answers)
    }
}

struct Worker {
    to: SocketAddr,
    path: String,
    sender: Option<SendRequest<Empty<Bytes>>>,
    began: Instant,
}

impl Worker {
    async fn run(
        mut self,
        waiting: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<Instant>>>,
        answers: Arc<Mutex<Answers>>,
    ) {
        loop {
            let Some(due) = waiting.lock().await.recv().await else {
                return;
            };
            let answered = self.answer(due).await;
            answers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .all
                .push(answered);
        }
    }

    async fn answer(&mut self, due: Instant) -> Answered {
        let status = timeout(LONGEST, self.ask()).await;
        let status = status.context("no reply").and_then(|status| status);
        if status.is_err() {
            self.sender = None;
        }
        Answered {
            due: due.duration_since(self.began),
            took: due.elapsed(),
            status: status.unwrap_or_default(),
        }
    }

    async fn ask(&mut self) -> Result<u16> {
        let mut sender = match self.sender.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => connect(self.to).await?,
        };
        let request = Request::get(&self.path)
            .header(header::HOST, self.to.to_string())
            .header(header::ACCEPT_ENCODING, "br")
            .body(Empty::new())?;
        sender.ready().await?;
        let reply = sender.send_request(request).await?;
        let status = reply.status().as_u16();
        reply.into_body().collect().await?;
        self.sender = Some(sender);
        Ok(status)
    }
}

async fn connect(to: SocketAddr) -> Result<SendRequest<Empty<Bytes>>> {
    let stream = TcpStream::connect(to).await.context("no connection")?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // What breaks here breaks a reply too, which is counted.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(sender)
}

impl Answers {
    /// Those that were due at `from` or later.
    #[must_use]
    pub fn since(&self, from: Duration) -> Self {
        let late = self.all.iter().filter(|each| each.due >= from);
        Self {
            all: late.copied().collect(),
        }
    }

    /// How many have this status.
    pub fn count(&self, status: u16) -> usize {
        self.all.iter().filter(|each| each.status == status).count()
    }

    /// The share with this status.
    #[expect(clippy::cast_precision_loss, reason = "counts of requests")]
    pub fn share(&self, status: u16) -> f64 {
        self.count(status) as f64 / self.all.len().max(1) as f64
    }

    /// How long it took for `percent` of those with this status.
    pub fn took(&self, status: u16, percent: usize) -> Duration {
        let own = self.all.iter().filter(|each| each.status == status);
        let mut times: Vec<Duration> = own.map(|each| each.took).collect();
        times.sort_unstable();
        let at = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(at).copied().unwrap_or_default()
    }
}
