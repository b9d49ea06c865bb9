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
    /// True when the last request had no body, and went on to no other protocol.
    plain: bool,
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
                plain: true,
                waits_for: Expired::Head,
                since: Instant::now(),
            }),
        }
    }

    /// A head has arrived; `plain` when nothing follows it but the next.
    pub(super) fn begin(self: &Arc<Self>, version: Version, plain: bool) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.http2 = version == Version::HTTP_2;
        state.plain = plain;
        InFlight(self.clone())
    }

    /// Tells whether all requests are over, and nothing but another may follow.
    pub(super) fn is_between(&self) -> bool {
        let state = self.state();
        state.in_flight == 0 && state.plain
    }

    /// A request has come and was answered.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        state.waits_for = Expired::Idle;
        state.since = Instant::now();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn activity() -> Arc<Activity> {
        Arc::new(Activity::new(&Limits {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            ..Limits::default()
        }))
    }

    async fn after(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    async fn expires(activity: &Activity) -> (Expired, u64) {
        let started = Instant::now();
        let expired = activity.expired().await;
        (expired, started.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_owes_a_head() {
        assert_eq!(expires(&activity()).await, (Expired::Head, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_connection_may_idle_until_a_head_begins() {
        let activity = activity();
        drop(activity.begin(Version::HTTP_11, true));
        assert_eq!(expires(&activity).await, (Expired::Idle, 60));
        drop(activity.begin(Version::HTTP_11, true));
        after(30).await;
        activity.received();
        activity.received();
        assert_eq!(expires(&activity).await, (Expired::Head, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_on_an_idle_http2_connection_are_no_head() {
        let activity = activity();
        drop(activity.begin(Version::HTTP_2, false));
        after(30).await;
        activity.received();
        assert_eq!(expires(&activity).await, (Expired::Idle, 30));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_under_way_keeps_its_connection() {
        let activity = activity();
        let (long, short) = (
            activity.begin(Version::HTTP_2, false),
            activity.begin(Version::HTTP_2, false),
        );
        drop(short);
        let waited = tokio::time::timeout(Duration::from_secs(1_000), activity.expired()).await;
        assert!(waited.is_err());
        drop(long);
        assert_eq!(expires(&activity).await, (Expired::Idle, 60));
    }
}
