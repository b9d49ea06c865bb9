//! A steady stream of page views, each one read and checked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{
    sync::Semaphore,
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval},
};

/// Views under way at most; a composer that is slower than this makes the stream thinner.
const UNDER_WAY: usize = 64;

/// One page view.
#[derive(Debug, Clone)]
pub struct View {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub text: String,
    /// The cookies that it sets, `name=value` each.
    pub cookies: Vec<String>,
}

/// Asks with connections that are kept, as browsers do.
#[derive(Clone)]
pub struct Visitors {
    address: SocketAddr,
    client: Client<HttpConnector, Empty<Bytes>>,
}

/// A stream of views that runs until it is ended.
pub struct Load {
    task: JoinHandle<()>,
    tally: Arc<Mutex<Tally>>,
    began: Instant,
}

/// What became of the views.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// All that were answered or failed.
    pub views: u64,
    /// What was wrong, the first twenty.
    pub faults: Vec<String>,
    /// How many were wrong.
    pub wrong: u64,
}

impl Visitors {
    /// Visitors of the composer at `address`.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// One view of `path`, with these headers.
    ///
    /// # Errors
    /// When there is no whole reply.
    pub async fn view(&self, path: &str, headers: &[(&str, &str)]) -> Result<View> {
        let mut request = Request::get(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let reply = self
            .client
            .request(request.body(Empty::new())?)
            .await
            .context("no reply")?;
        let status = reply.status().as_u16();
        let set = reply.headers().get_all(header::SET_COOKIE).iter();
        let cookies = set
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .map(str::to_owned)
            .collect();
        let body = reply
            .into_body()
            .collect()
            .await
            .context("the body was cut")?
            .to_bytes();
        Ok(View {
            status,
            text: String::from_utf8_lossy(&body).into_owned(),
            cookies,
        })
    }

    /// Views `path` `per_second` times a second, and asks `check` what is wrong with each reply.
    pub fn stream(&self, path: &str, per_second: u32, check: fn(&View) -> Option<String>) -> Load {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let (visitors, path, counted) = (self.clone(), Arc::<str>::from(path), Arc::clone(&tally));
        let task = tokio::spawn(async move {
            let places = Arc::new(Semaphore::new(UNDER_WAY));
            let mut tick = interval(Duration::from_secs(1) / per_second);
            tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
            loop {
                tick.tick().await;
                let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                    return;
                };
                let (visitors, path, tally) = (visitors.clone(), Arc::clone(&path), Arc::clone(&counted));
                tokio::spawn(async move {
                    let fault = match visitors.view(&path, &[]).await {
                        Ok(view) => check(&view),
                        Err(error) => Some(format!("{error:#}")),
                    };
                    tally.lock().unwrap_or_else(PoisonError::into_inner).count(fault);
                    drop(place);
                });
            }
        });
        Load {
            task,
            tally,
            began: Instant::now(),
        }
    }
}

impl Tally {
    fn count(&mut self, fault: Option<String>) {
        self.views += 1;
        if let Some(fault) = fault {
            self.wrong += 1;
            if self.faults.len() < 20 {
                self.faults.push(fault);
            }
        }
    }
}

impl Load {
    /// What became of the views so far.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the stream: what became of the views, and how many there were a second.
    pub fn end(self) -> (Tally, f64) {
        self.task.abort();
        let tally = self.tally();
        #[expect(clippy::cast_precision_loss, reason = "a count of page views")]
        let rate = tally.views as f64 / self.began.elapsed().as_secs_f64();
        (tally, rate)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.task.abort();
    }
}
