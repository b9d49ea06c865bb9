//! Asks every instance again and again whether it is well, and closes connections to it that nobody uses any more.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use futures_util::{
    future,
    stream::{self, StreamExt},
};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use crate::{FetchError, HealthConfig, instances::Instances, origin::Origin, text::chain};

/// Checks under way at once.
const MAX_CHECKS: usize = 64;

/// No two rounds are closer.
const SHORTEST: Duration = Duration::from_millis(1);

/// What a check asks.
const PATH: &str = "/healthz";

/// No idle connection stays longer beyond its time.
const SWEEP: Duration = Duration::from_secs(1);

/// One that is ill, or whose version is left alone, is checked so many times as often: it is missed.
const OFTEN: u32 = 4;

/// Checks what `instances` gives, every so often, until `stop` ends.
pub(crate) async fn run(
    instances: impl Fn() -> Vec<Arc<Instances>>,
    terms: &HealthConfig,
    stop: impl Future<Output = ()>,
) {
    let often = terms.check_every / OFTEN;
    let well = every(Duration::ZERO, terms.check_every, || chosen(&instances(), false));
    // Half a beat later, so that no check is made twice.
    let ill = every(often / 2, often, || chosen(&instances(), true));
    let mut stop = pin!(stop);
    tokio::select! {
        biased;
        () = &mut stop => {}
        _ = future::join(well, ill) => {}
    }
}

/// Closes idle connections of what `instances` gives when their time is over, until `stop` ends.
pub(crate) async fn sweep(instances: impl Fn() -> Vec<Arc<Instances>>, stop: impl Future<Output = ()>) {
    let mut beat = interval_at(Instant::now() + SWEEP, SWEEP);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = beat.tick() => {}
        }
        for each in instances() {
            each.all().iter().for_each(|origin| origin.sweep());
        }
    }
}

type Check = (Arc<Instances>, Arc<Origin>);

async fn every(first: Duration, period: Duration, due: impl Fn() -> Vec<Check>) {
    let mut beat = interval_at(Instant::now() + first, period.max(SHORTEST));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        stream::iter(due()).for_each_concurrent(MAX_CHECKS, check).await;
    }
}

/// The instances that are ill, or those that are not.
fn chosen(all: &[Arc<Instances>], ill: bool) -> Vec<Check> {
    let mut chosen = vec![];
    for instances in all {
        let is_open = instances.allowance.breaker.is_open();
        for origin in instances.all().iter() {
            if ill == (is_open || origin.is_ill()) {
                chosen.push((Arc::clone(instances), Arc::clone(origin)));
            }
        }
    }
    chosen
}

async fn check((instances, origin): Check) {
    let limit = origin.config().health.check_limit;
    let asked = timeout(limit, ask(&origin)).await;
    let late = |_| Err(format!("GET {PATH}: no answer within {limit:?}"));
    if origin.checked(asked.unwrap_or_else(late)) {
        instances.allowance.breaker.nudge(Instant::now());
    }
}

/// Asks on a new connection: that one which is open already still works says nothing of the next.
async fn ask(origin: &Origin) -> Result<(), String> {
    let failed = |error: FetchError| format!("GET {PATH}: {}", chain(&error));
    let mut connection = origin.connect().await.map_err(failed)?;
    let host = origin.target().address.authority();
    let request = format!("GET {PATH} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let sent = connection.send(request.as_bytes()).await;
    let head = sent.map_err(|error| failed(error.into()))?;
    if head.status.is_server_error() {
        return Err(format!("GET {PATH} was answered with {}", head.status.as_u16()));
    }
    Ok(())
}
