//! Another instance is asked too when one takes longer than nearly always.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use composer_fetch::{Config, Upstream};
use tokio::time::timeout;

use crate::{
    bff::Bff,
    fetching::{Got, fetch_by, request},
    instances::{OK, counting, listener, outcome, reached, soon},
};

/// An instance that hangs where `hangs` is true.
async fn hanging(hangs: &Arc<AtomicBool>) -> Bff {
    let hangs = Arc::clone(hangs);
    Bff::run(move |mut peer| {
        let hangs = Arc::clone(&hangs);
        async move {
            while peer.request().await {
                if hangs.load(Relaxed) {
                    return peer.closed().await;
                }
                peer.send(OK).await;
            }
        }
    })
    .await
}

fn hedging() -> Config {
    Config {
        hedge: true,
        ..Config::default()
    }
}

async fn warmed_up(addresses: &[SocketAddr]) -> Arc<Upstream> {
    let (_fleet, upstream) = reached(addresses, hedging());
    for _ in 0..200 {
        assert_eq!(outcome(&upstream).await, "fresh");
    }
    upstream
}

#[tokio::test]
async fn another_instance_overtakes_one_that_hangs() {
    let hangs = Arc::new(AtomicBool::new(false));
    let (ill, (good, _)) = (hanging(&hangs).await, counting(listener().await).await);
    let upstream = warmed_up(&[ill.address, good.address]).await;
    hangs.store(true, Relaxed);
    for _ in 0..20 {
        let got: Got = fetch_by(request(&upstream)).await;
        assert_eq!((got.outcome(), got.body.as_str()), ("fresh", "ok"));
        assert!(got.took < Duration::from_secs(5), "{:?}", got.took);
    }
    assert!(upstream.instances().iter().all(|view| view.in_flight == 0));
    assert_eq!(upstream.policy().in_flight, 0);
}

#[tokio::test]
async fn one_instance_alone_is_never_overtaken() {
    let hangs = Arc::new(AtomicBool::new(false));
    let mut ill = hanging(&hangs).await;
    let upstream = warmed_up(&[ill.address]).await;
    for _ in 0..200 {
        ill.request().await;
    }
    hangs.store(true, Relaxed);
    assert_eq!(fetch_by(soon(&upstream)).await.outcome(), "deadline");
    ill.request().await;
    assert!(timeout(Duration::from_millis(50), ill.request()).await.is_err());
}

#[tokio::test]
async fn both_may_fail() {
    let hangs = Arc::new(AtomicBool::new(false));
    let (one, other) = (hanging(&hangs).await, hanging(&hangs).await);
    let upstream = warmed_up(&[one.address, other.address]).await;
    hangs.store(true, Relaxed);
    assert_eq!(fetch_by(soon(&upstream)).await.outcome(), "deadline");
    assert!(upstream.instances().iter().all(|view| view.in_flight == 0));
    assert!(upstream.instances().iter().all(|view| view.last_error.is_some()));
    assert_eq!(upstream.policy().in_flight, 0);
}
