//! What a connection waits for, and how long it may.
//!
//! hyper's own timer for heads can't do this: it runs while a kept connection is idle too, so that one
//! limit would have to serve both, and it isn't running while the first bytes tell HTTP/1 from HTTP/2.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::Version;
use tokio::time::{Instant, sleep_until};

use crate::config::Limits;

/// Which limit a connection broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expired {
    /// The head of a request did not arrive in time.
    Head,
    /// No further request arrived in time.
    Idle,
}

/// Shared by a connection's stream, its requests and the task that drives it.
#[derive(Debug)]
pub(super) struct Activity {
    head: Duration,
    idle: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    in_flight: usize,
    http2: bool,
    waits_for: Expired,
    since: Instant,
}

/// One request, from its head to the end of its reply.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Activity {
    /// A new connection: it has to send a head.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            head: limits.head,
            idle: limits.idle,
            state: Mutex::new(State {
                in_flight: 0,
                http2: false,
                waits_for: Expired::Head,
                since: Instant::now(),
            }),
        }
    }

    /// A head has arrived.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.http2 = version == Version::HTTP_2;
        InFlight(self.clone())
    }

    /// Bytes have arrived: on an idle HTTP/1 connection the next head begins.
    pub(super) fn received(&self) {
        let mut state = self.state();
        if state.in_flight == 0 && !state.http2 && state.waits_for == Expired::Idle {
            state.waits_for = Expired::Head;
            state.since = Instant::now();
        }
    }

    /// Waits until the connection has stood still for too long.
    pub(super) async fn expired(&self) -> Expired {
        let mut sleep = pin!(sleep_until(Instant::now() + self.head.min(self.idle)));
        std::future::poll_fn(|cx| {
            loop {
                let (waits_for, deadline) = self.deadline();
                if deadline < sleep.deadline() {
                    sleep.as_mut().reset(deadline);
                }
                std::task::ready!(sleep.as_mut().poll(cx));
                if deadline <= Instant::now() {
                    return std::task::Poll::Ready(waits_for);
                }
                sleep.as_mut().reset(deadline);
            }
        })
        .await
    }

    fn deadline(&self) -> (Expired, Instant) {
        let state = self.state();
        let allowed = match state.waits_for {
            Expired::Head => self.head,
            Expired::Idle => self.idle,
        };
        let since = if state.in_flight > 0 {
            Instant::now()
        } else {
            state.since
        };
        (state.waits_for, since + allowed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        if state.in_flight == 0 {
            state.waits_for = Expired::Idle;
            state.since = Instant::now();
        }
    }
}
