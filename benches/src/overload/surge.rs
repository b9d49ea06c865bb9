//! Requests that come when they come, whether or not those before were answered: what overload is made of.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    net::Ipv4Addr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{
    Request,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::Notify,
    task::spawn_local,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::load::Target;

/// Nobody waits longer for a reply.
const LONGEST: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(1);

/// How often is asked, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Phase {
    pub(super) per_second: f64,
    pub(super) length: Duration,
}

/// What became of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answered {
    /// When it was due, since the surge began.
    pub(super) due: Duration,
    /// From then to the end of its reply.
    pub(super) took: Duration,
    /// Its status; 0 when there was no whole reply.
    pub(super) status: u16,
}

/// Asks phase after phase, over so many kept connections; when all wait for a reply, requests wait for one of them.
pub(super) async fn run(target: &Target, connections: usize, phases: &[Phase]) -> Result<Vec<Answered>> {
    let clients = Rc::new(Clients::connect(target, connections).await?);
    let began = Instant::now();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut phase_began = Duration::ZERO;
    for phase in phases {
        let mut sent = 0_u32;
        while began.elapsed() < phase_began + phase.length {
            ticks.tick().await;
            let wanted = (began.elapsed().saturating_sub(phase_began)).as_secs_f64() * phase.per_second;
            while f64::from(sent) < wanted {
                // When it was wanted, not when this came to it.
                let due = phase_began + Duration::from_secs_f64(f64::from(sent) / phase.per_second);
                clients.ask(began, due);
                sent += 1;
            }
        }
        phase_began += phase.length;
    }
    clients.settled().await;
    Ok(clients.answered.take())
}

/// Kept connections over which as many pages are asked for at once as the peak takes.
pub(super) struct Steady {
    clients: Rc<Clients>,
    pages: usize,
}

impl Steady {
    pub(super) async fn connect(target: &Target, connections: usize, pages: usize) -> Result<Self> {
        let clients = Rc::new(Clients::connect(target, connections).await?);
        Ok(Self { clients, pages })
    }

    /// Asks for so long, over one connection after the other, and waits for what is under way; how many came. A machine that
    /// stands still for a moment may have some refused.
    pub(super) async fn ask(&self, length: Duration) -> Result<usize> {
        let (clients, began) = (&self.clients, Instant::now());
        while began.elapsed() < length {
            while clients.under_way.get() < self.pages {
                clients.ask(began, Duration::ZERO);
            }
            clients.settled.notified().await;
        }
        clients.settled().await;
        let answered = clients.answered.take();
        let failed = answered.iter().filter(|each| each.status != 200).count();
        let asked = answered.len();
        ensure!(
            failed * 20 <= asked,
            "{failed} of {asked} pages at the peak were none: more than 5 %"
        );
        Ok(asked - failed)
    }
}

/// Kept connections, those first that have been idle for longest.
struct Clients {
    target: Target,
    host: String,
    idle: RefCell<VecDeque<Option<Sender>>>,
    waiting: RefCell<VecDeque<Duration>>,
    under_way: Cell<usize>,
    settled: Notify,
    answered: RefCell<Vec<Answered>>,
}

type Sender = SendRequest<Empty<Bytes>>;

impl Clients {
    async fn connect(target: &Target, connections: usize) -> Result<Self> {
        let mut idle = VecDeque::new();
        for _ in 0..connections {
            idle.push_back(Some(connect(target.port).await?));
        }
        Ok(Self {
            host: format!("127.0.0.1:{}", target.port),
            target: target.clone(),
            idle: RefCell::new(idle),
            waiting: RefCell::default(),
            under_way: Cell::new(0),
            settled: Notify::new(),
            answered: RefCell::default(),
        })
    }

    fn ask(self: &Rc<Self>, began: Instant, due: Duration) {
        let Some(sender) = self.idle.borrow_mut().pop_front() else {
            return self.waiting.borrow_mut().push_back(due);
        };
        self.under_way.set(self.under_way.get() + 1);
        let own = Rc::clone(self);
        spawn_local(async move {
            let (mut sender, mut due) = (sender, due);
            loop {
                let got = timeout(LONGEST, own.answer(sender)).await;
                let (kept, status) = got
                    .ok()
                    .and_then(Result::ok)
                    .map_or((None, 0), |(kept, status)| (Some(kept), status));
                let took = began.elapsed().saturating_sub(due);
                own.answered.borrow_mut().push(Answered { due, took, status });
                sender = kept;
                let Some(next) = own.waiting.borrow_mut().pop_front() else {
                    break;
                };
                due = next;
            }
            own.idle.borrow_mut().push_back(sender);
            own.under_way.set(own.under_way.get() - 1);
            own.settled.notify_one();
        });
    }

    async fn answer(&self, sender: Option<Sender>) -> Result<(Sender, u16)> {
        let mut sender = match sender.filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => connect(self.target.port).await?,
        };
        let mut request = Request::get(&self.target.path).header("host", &self.host);
        if let Some(token) = self.target.coding.token() {
            request = request.header("accept-encoding", token);
        }
        sender.ready().await?;
        let reply = sender.send_request(request.body(Empty::new())?).await?;
        let status = reply.status().as_u16();
        reply.into_body().collect().await?;
        Ok((sender, status))
    }

    /// Waits for the last reply.
    async fn settled(&self) {
        while self.under_way.get() > 0 {
            self.settled.notified().await;
        }
    }
}

async fn connect(port: u16) -> Result<Sender> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .context("no connection")?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // What breaks here breaks a reply too, which is counted.
    spawn_local(async move {
        let _ = connection.await;
    });
    Ok(sender)
}
