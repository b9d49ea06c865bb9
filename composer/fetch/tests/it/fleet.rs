//! Versions at several instances: who gets the next request, who is left alone, and what changes under load.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use composer_fetch::{Config, Fleet, InstanceState, Networks, OriginTerms, Upstream};
use tokio::{net::TcpListener, sync::Notify, time::timeout};

use crate::{
    bff::Bff,
    fetching::{fetch_by, manifest, request},
    instances::{OK, app, counting, fleet, listener, nowhere, quick, reached, terms, until},
};

fn state(fleet: &Fleet, address: SocketAddr) -> InstanceState {
    let origin = format!("http://{address}");
    let views = fleet.instances(&app());
    views.iter().find(|view| view.origin == origin).unwrap().state
}

/// Waits until `done` is true, fetching meanwhile.
async fn fetching_until(upstream: &Arc<Upstream>, done: impl Fn() -> bool) {
    let fetching = async {
        while !done() {
            fetch_by(request(upstream)).await;
        }
    };
    timeout(Duration::from_secs(10), fetching).await.unwrap();
}

#[tokio::test]
async fn requests_are_spread_over_all_instances() {
    let mut bffs = vec![];
    for _ in 0..3 {
        bffs.push(counting(listener().await).await);
    }
    let addresses: Vec<_> = bffs.iter().map(|(bff, _)| bff.address).collect();
    let (_fleet, upstream) = reached(&addresses, Config::default());
    for _ in 0..300 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
    for (_, count) in &bffs {
        let count = count.load(Relaxed);
        assert!((50..=170).contains(&count), "{count} of 300");
    }
    assert_eq!(upstream.numbers().requests, 300);
    assert_eq!(upstream.numbers().failures(), 0);
}

#[tokio::test]
async fn the_instance_with_less_to_do_is_preferred() {
    let mut slow = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.closed().await;
    })
    .await;
    let (quick, count) = counting(listener().await).await;
    let (fleet, upstream) = reached(&[slow.address, quick.address], Config::default());
    // Fetches until one hangs at the slow instance: from then on it has more to do.
    let hanging = loop {
        let fetching = tokio::spawn(fetch_by(request(&upstream)));
        tokio::select! {
            _ = slow.request() => break fetching,
            () = until(|| fetching.is_finished()) => {}
        }
    };
    let before = count.load(Relaxed);
    for _ in 0..50 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
    assert_eq!(count.load(Relaxed) - before, 50);
    let busy: usize = fleet.instances(&app()).iter().map(|view| view.in_flight).sum();
    assert_eq!(busy, 1);
    hanging.abort();
}

#[tokio::test]
async fn an_instance_that_cannot_be_connected_to_costs_no_fetch() {
    let (good, _) = counting(listener().await).await;
    let dead = nowhere().await;
    let (fleet, upstream) = reached(&[dead, good.address], Config::default());
    for _ in 0..40 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
    assert_eq!(state(&fleet, dead), InstanceState::Ejected);
    let views = fleet.instances(&app());
    let error = views.iter().find_map(|view| view.last_error.clone()).unwrap();
    assert!(error.starts_with("its server could not be reached: "), "{error}");
    let numbers = upstream.numbers();
    assert_eq!((numbers.requests, numbers.failures()), (40, 0));
}

#[tokio::test]
async fn an_instance_that_closes_without_a_word_costs_no_fetch() {
    let (good, _) = counting(listener().await).await;
    let dying = Bff::run(|mut peer| async move {
        peer.request().await;
    })
    .await;
    let (_fleet, upstream) = reached(&[dying.address, good.address], Config::default());
    for _ in 0..40 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
}

#[tokio::test]
async fn an_instance_that_dies_is_left_and_comes_back_by_a_probe() {
    let broken = Arc::new(AtomicBool::new(true));
    let (breaks, asked) = (Arc::clone(&broken), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&asked);
    let ill = Bff::run(move |mut peer| {
        let (breaks, counted) = (Arc::clone(&breaks), Arc::clone(&counted));
        async move {
            while peer.request().await {
                counted.fetch_add(1, Relaxed);
                if breaks.load(Relaxed) {
                    peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\nhalf")
                        .await;
                    return;
                }
                peer.send(OK).await;
            }
        }
    })
    .await;
    let (good, _) = counting(listener().await).await;
    let mut config = quick();
    config.health.eject_first = Duration::from_secs(3600);
    config.health.eject_longest = Duration::from_secs(3600);
    let (_fleet, upstream) = reached(&[ill.address, good.address], config);
    let mut cut = 0;
    for _ in 0..200 {
        cut += usize::from(fetch_by(request(&upstream)).await.outcome() == "cut");
    }
    assert_eq!(
        (cut, asked.load(Relaxed)),
        (5, 5),
        "left after its consecutive failures"
    );
    assert_eq!((upstream.numbers().requests, upstream.numbers().errors), (200, 5));

    let (fleet, upstream) = reached(&[ill.address, good.address], quick());
    fetching_until(&upstream, || state(&fleet, ill.address) == InstanceState::Ejected).await;
    broken.store(false, Relaxed);
    fetching_until(&upstream, || state(&fleet, ill.address) != InstanceState::Ejected).await;
    let before = asked.load(Relaxed);
    fetching_until(&upstream, || asked.load(Relaxed) > before + 20).await;
}

#[tokio::test]
async fn one_request_at_a_time_tries_an_ejected_instance() {
    let asked = Arc::new(Notify::new());
    let hung = Arc::new(AtomicUsize::new(0));
    let (told, counted) = (Arc::clone(&asked), Arc::clone(&hung));
    let ill = Bff::run(move |mut peer| {
        let (told, counted) = (Arc::clone(&told), Arc::clone(&counted));
        async move {
            peer.request().await;
            if counted.fetch_add(1, Relaxed) < 5 {
                peer.send(b"nonsense\r\n\r\n").await;
            } else {
                told.notify_one();
                peer.closed().await;
            }
        }
    })
    .await;
    let (good, _) = counting(listener().await).await;
    let (fleet, upstream) = reached(&[ill.address, good.address], quick());
    fetching_until(&upstream, || state(&fleet, ill.address) == InstanceState::Ejected).await;
    let probe = loop {
        let fetching = tokio::spawn(fetch_by(request(&upstream)));
        tokio::select! {
            () = asked.notified() => break fetching,
            () = until(|| fetching.is_finished()) => {}
        }
    };
    for _ in 0..50 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
    assert_eq!(hung.load(Relaxed), 6);
    // A probe whose page is dropped says nothing: the next request may try again.
    probe.abort();
    let again = tokio::spawn({
        let upstream = Arc::clone(&upstream);
        async move { fetching_until(&upstream, || false).await }
    });
    timeout(Duration::from_secs(5), asked.notified()).await.unwrap();
    again.abort();
}

#[tokio::test]
async fn when_no_instance_is_left_all_are_tried() {
    let (one, other) = (nowhere().await, nowhere().await);
    let (fleet, upstream) = reached(&[one, other], Config::default());
    fetching_until(&upstream, || {
        state(&fleet, one) == InstanceState::Ejected && state(&fleet, other) == InstanceState::Ejected
    })
    .await;
    let (_back, count) = counting(TcpListener::bind(one).await.unwrap()).await;
    for _ in 0..5 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
    assert_eq!(count.load(Relaxed), 5);
}

#[tokio::test]
async fn a_version_without_instances_says_so() {
    let (fleet, upstream) = reached(&[], Config::default());
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "no_instance");
    assert!(!upstream.has_instances() && !fleet.has_instances(&app()));
    assert_eq!(upstream.numbers().errors, 1);
}

#[tokio::test]
async fn checks_find_who_is_ill_and_who_is_well_again() {
    let ill = Arc::new(AtomicBool::new(false));
    let answers = Arc::clone(&ill);
    let mut bff = Bff::run(move |mut peer| {
        let ill = answers.load(Relaxed);
        async move {
            peer.request().await;
            let status = if ill { "503 Ill" } else { "404 Not Found" };
            peer.send(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())
                .await;
        }
    })
    .await;
    let dead = nowhere().await;
    let (fleet, _) = reached(&[bff.address, dead], quick());
    assert_eq!(state(&fleet, bff.address), InstanceState::Unknown);
    let stop = Arc::new(Notify::new());
    let watching = tokio::spawn({
        let (fleet, stop) = (Arc::clone(&fleet), Arc::clone(&stop));
        async move { fleet.watch_health(stop.notified()).await }
    });
    assert!(bff.request().await.starts_with("GET /healthz HTTP/1.1\r\n"));
    until(|| state(&fleet, bff.address) == InstanceState::Healthy).await;
    until(|| state(&fleet, dead) == InstanceState::Unhealthy).await;
    ill.store(true, Relaxed);
    until(|| state(&fleet, bff.address) == InstanceState::Unhealthy).await;
    let view = &fleet.instances(&app())[0];
    assert_eq!(view.last_error.as_deref(), Some("GET /healthz was answered with 503"));
    ill.store(false, Relaxed);
    until(|| state(&fleet, bff.address) == InstanceState::Healthy).await;
    stop.notify_one();
    timeout(Duration::from_secs(5), watching).await.unwrap().unwrap();
}

#[tokio::test]
async fn an_unhealthy_instance_gets_no_requests() {
    let dead = nowhere().await;
    let (good, count) = counting(listener().await).await;
    let (fleet, upstream) = reached(&[dead, good.address], quick());
    tokio::select! {
        () = fleet.watch_health(std::future::pending()) => {}
        () = until(|| state(&fleet, dead) == InstanceState::Unhealthy) => {}
    }
    let late = TcpListener::bind(dead).await.unwrap();
    let before = count.load(Relaxed);
    for _ in 0..50 {
        fetch_by(request(&upstream)).await;
    }
    assert_eq!(count.load(Relaxed) - before, 50);
    assert!(timeout(Duration::ZERO, late.accept()).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instances_change_under_load_without_a_failed_fetch() {
    let mut bffs = vec![];
    for _ in 0..4 {
        bffs.push(counting(listener().await).await);
    }
    let addresses: Vec<_> = bffs.iter().map(|(bff, _)| bff.address).collect();
    let (fleet, upstream) = reached(&addresses[..1], Config::default());
    let stop = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..8)
        .map(|_| {
            let (upstream, stop) = (Arc::clone(&upstream), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut fetched = 0_u64;
                while !stop.load(Relaxed) {
                    let got = fetch_by(request(&upstream)).await;
                    assert_eq!(got.outcome(), "fresh", "{got:?}");
                    fetched += 1;
                }
                fetched
            })
        })
        .collect();
    for round in 0..200_usize {
        let from = round % 3;
        fleet.set_origins(&app(), &terms(&addresses[from..from + 2])).unwrap();
        let before = upstream.numbers().requests;
        until(|| upstream.numbers().requests > before + 10 || load.iter().any(tokio::task::JoinHandle::is_finished))
            .await;
    }
    stop.store(true, Relaxed);
    let mut fetched = 0;
    for each in load {
        fetched += each.await.unwrap();
    }
    let numbers = upstream.numbers();
    assert_eq!((numbers.requests, numbers.failures()), (fetched, 0));
    assert!(bffs.iter().all(|(_, count)| count.load(Relaxed) > 0));
    assert!(fleet.instances(&app()).iter().all(|view| view.in_flight == 0));
}

#[tokio::test]
async fn what_is_known_of_an_instance_stays_while_others_come_and_go() {
    let dead = nowhere().await;
    let (good, _) = counting(listener().await).await;
    let (fleet, upstream) = reached(&[dead, good.address], Config::default());
    fetching_until(&upstream, || state(&fleet, dead) == InstanceState::Ejected).await;
    fleet
        .set_origins(&app(), &terms(&[good.address, dead, good.address, nowhere().await]))
        .unwrap();
    assert_eq!(state(&fleet, dead), InstanceState::Ejected);
    assert_eq!(fleet.instances(&app()).len(), 3, "one given twice is one");
    // Within other networks it is another: what was connected to by the old ones is not used any more.
    let mut moved = terms(&[dead, good.address]);
    moved[0].networks = Networks::loopback();
    fleet.set_origins(&app(), &moved).unwrap();
    assert_eq!(state(&fleet, dead), InstanceState::Unknown);
}

#[tokio::test]
async fn instances_may_announce_themselves_before_their_version_is_known() {
    let (bff, _) = counting(listener().await).await;
    let fleet = fleet(Config::default());
    fleet.set_origins(&app(), &terms(&[bff.address])).unwrap();
    assert!(fleet.get(&app()).is_none() && fleet.has_instances(&app()));
    let upstream = fleet.ensure(&manifest());
    assert!(Arc::ptr_eq(&upstream, &fleet.ensure(&manifest())));
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    let wrong = [
        terms(&[bff.address]),
        vec![OriginTerms {
            url: "ftp://a".into(),
            networks: Networks::default(),
        }],
    ];
    assert!(fleet.set_origins(&app(), &wrong.concat()).is_err());
    assert_eq!(fleet.instances(&app()).len(), 1, "nothing has changed");
    fleet.retain(|_| false);
    assert!(fleet.get(&app()).is_none() && fleet.versions().is_empty());
    assert_eq!(
        fetch_by(request(&upstream)).await.outcome(),
        "fresh",
        "who holds it goes on with it"
    );
}
