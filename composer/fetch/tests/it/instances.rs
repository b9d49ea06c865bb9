//! A version at several instances, each of them a BFF of the test.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use composer_fetch::{AddressGuard, Config, Fleet, FragmentRequest, Networks, OriginTerms, Upstream};
use contract::{AppVersion, Prefix};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    bff::Bff,
    fetching::{fetch_by, manifest, request},
};

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nok";

pub(crate) fn app() -> AppVersion {
    "checkout@1.0.0".parse().unwrap()
}

/// Checks and ejections so short that a test can wait for them.
pub(crate) fn quick() -> Config {
    let mut config = Config::default();
    config.health.check_every = Duration::from_millis(20);
    config.health.check_limit = Duration::from_millis(200);
    config.health.eject_first = Duration::from_millis(50);
    config
}

pub(crate) fn fleet(config: Config) -> Arc<Fleet> {
    let guard = Arc::new(AddressGuard::new(Networks::loopback()));
    Arc::new(Fleet::new(config, guard, Prefix::default()))
}

pub(crate) fn terms(addresses: &[SocketAddr]) -> Vec<OriginTerms> {
    let terms = |address: &SocketAddr| OriginTerms {
        url: format!("http://{address}"),
        networks: Networks::default(),
    };
    addresses.iter().map(terms).collect()
}

/// A fleet with one version at these instances.
pub(crate) fn reached(addresses: &[SocketAddr], config: Config) -> (Arc<Fleet>, Arc<Upstream>) {
    let fleet = fleet(config);
    let upstream = fleet.ensure(&manifest());
    fleet.set_origins(&app(), &terms(addresses)).unwrap();
    (fleet, upstream)
}

/// Answers every request with `OK`, and counts them.
pub(crate) async fn counting(listener: TcpListener) -> (Bff, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let bff = Bff::listen(listener, move |mut peer| {
        let counted = Arc::clone(&counted);
        async move {
            while peer.request().await {
                counted.fetch_add(1, Relaxed);
                peer.send(OK).await;
            }
        }
    });
    (bff, count)
}

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Where nobody listens.
pub(crate) async fn nowhere() -> SocketAddr {
    listener().await.local_addr().unwrap()
}

pub(crate) async fn until(done: impl Fn() -> bool) {
    let waiting = async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting).await.unwrap();
}

pub(crate) async fn outcome(upstream: &Arc<Upstream>) -> &'static str {
    fetch_by(request(upstream)).await.outcome()
}

pub(crate) fn soon(upstream: &Arc<Upstream>) -> FragmentRequest {
    let deadline = Duration::from_millis(50);
    FragmentRequest {
        deadline,
        ..request(upstream)
    }
}
