//! What a failing BFF costs: how often it is asked, how soon it is left alone, how soon it is back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use composer_fetch::{BreakerState, Config, Fleet, PageFetches, Upstream};
use http::HeaderMap;
use tokio::{net::TcpListener, sync::Notify, time::timeout};

use crate::{
    bff::Bff,
    fetching::{cache, fetch_by, request, visit},
    instances::{OK, app, counting, listener, nowhere, outcome, quick, reached, soon, terms, until},
};

const ILL: &[u8] = b"HTTP/1.1 500 Ill\r\ncontent-length: 0\r\n\r\n";

/// Answers well or with 500, and counts fetches; checks go well.
async fn wavering(is_ill: &Arc<AtomicBool>) -> (Bff, Arc<AtomicUsize>) {
    let (is_ill, count) = (Arc::clone(is_ill), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&count);
    let bff = Bff::run(move |mut peer| {
        let (is_ill, counted) = (Arc::clone(&is_ill), Arc::clone(&counted));
        async move {
            while let Some(head) = peer.head().await {
                if head.starts_with("GET /healthz") {
                    peer.send(OK).await;
                    return;
                }
                counted.fetch_add(1, Relaxed);
                peer.send(if is_ill.load(Relaxed) { ILL } else { OK }).await;
            }
        }
    })
    .await;
    (bff, count)
}

/// Fetches until the breaker is open.
async fn break_it(upstream: &Arc<Upstream>) {
    for _ in 0..100 {
        if outcome(upstream).await == "breaker" {
            return;
        }
    }
    panic!("it does not open: {:?}", upstream.policy());
}

fn watch(fleet: &Arc<Fleet>) -> tokio::task::JoinHandle<()> {
    let fleet = Arc::clone(fleet);
    tokio::spawn(async move { fleet.watch_health(std::future::pending()).await })
}

/// How long it takes until fetches go well again.
async fn back(upstream: &Arc<Upstream>) -> Duration {
    let started = Instant::now();
    let waiting = async {
        while outcome(upstream).await != "fresh" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), waiting).await.unwrap();
    started.elapsed()
}

#[tokio::test]
async fn a_dead_version_fails_at_once_and_is_back_soon_after_it_is() {
    let dead = nowhere().await;
    let (fleet, upstream) = reached(&[dead], Config::default());
    let watching = watch(&fleet);
    for _ in 0..20 {
        assert_eq!(outcome(&upstream).await, "connect");
    }
    assert_eq!(upstream.policy().breaker.state, BreakerState::Open);
    let mut times: Vec<Duration> = vec![];
    let long = Instant::now() + Duration::from_millis(2_500);
    while Instant::now() < long {
        let got = fetch_by(request(&upstream)).await;
        if got.outcome() == "breaker" {
            times.push(got.took);
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    times.sort_unstable();
    let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
    assert!(median < Duration::from_millis(1), "{median:?}");
    assert!(longest < Duration::from_millis(200), "{longest:?}");
    let (_bff, _) = counting(TcpListener::bind(dead).await.unwrap()).await;
    let back = back(&upstream).await;
    assert!(back < Duration::from_secs(2), "{back:?}");
    watching.abort();
}

#[tokio::test]
async fn one_that_flaps_is_back_soon_each_time() {
    let is_ill = Arc::new(AtomicBool::new(false));
    let (bff, count) = wavering(&is_ill).await;
    let (fleet, upstream) = reached(&[bff.address], Config::default());
    let watching = watch(&fleet);
    for round in 0..3 {
        is_ill.store(true, Relaxed);
        let before = count.load(Relaxed);
        break_it(&upstream).await;
        assert!(count.load(Relaxed) - before <= 64, "round {round}");
        is_ill.store(false, Relaxed);
        let back = back(&upstream).await;
        assert!(back < Duration::from_secs(2), "round {round}: {back:?}");
    }
    watching.abort();
}

#[tokio::test]
async fn a_try_that_hangs_blocks_nobody() {
    let (hangs, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
    let (hanging, told) = (Arc::clone(&hangs), Arc::clone(&asked));
    let bff = Bff::run(move |mut peer| {
        let (hanging, told) = (Arc::clone(&hanging), Arc::clone(&told));
        async move {
            while peer.request().await {
                if hanging.load(Relaxed) {
                    told.notify_one();
                    return peer.closed().await;
                }
                peer.send(ILL).await;
            }
        }
    })
    .await;
    let (_fleet, upstream) = reached(&[bff.address], Config::default());
    break_it(&upstream).await;
    hangs.store(true, Relaxed);
    let probe = loop {
        let fetching = tokio::spawn(fetch_by(request(&upstream)));
        tokio::select! {
            () = asked.notified() => break fetching,
            () = until(|| fetching.is_finished()) => {}
        }
    };
    assert_eq!(upstream.policy().breaker.state, BreakerState::HalfOpen);
    let got = fetch_by(request(&upstream)).await;
    assert_eq!(got.outcome(), "breaker");
    assert!(got.took < Duration::from_millis(200), "{:?}", got.took);
    // Its visitor leaves: that says nothing, and another may try.
    probe.abort();
    assert!(probe.await.is_err());
    let again = tokio::spawn(fetch_by(request(&upstream)));
    timeout(Duration::from_secs(5), asked.notified()).await.unwrap();
    again.abort();
}

#[tokio::test]
async fn late_answers_open_and_visitors_who_leave_do_not() {
    let bff = Bff::says("").await;
    let (_fleet, upstream) = reached(&[bff.address], Config::default());
    for _ in 0..40 {
        let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
        page.start('a', request(&upstream));
        assert!(timeout(Duration::from_millis(1), page.next()).await.is_err());
    }
    assert_eq!(upstream.policy().breaker.of, 0);
    let late = (0..20).map(|_| fetch_by(soon(&upstream)));
    for got in futures_util::future::join_all(late).await {
        assert_eq!(got.outcome(), "deadline");
    }
    assert_eq!(outcome(&upstream).await, "breaker");
    let view = upstream.policy();
    assert_eq!((view.breaker.failed, view.breaker.of, view.in_flight), (20, 20, 0));
    assert_eq!(
        view.breaker.last_error.as_deref(),
        Some("head and body took longer than 50ms")
    );
}

#[tokio::test]
async fn what_visitors_ask_wrongly_opens_nothing() {
    let bff = Bff::run(|mut peer| async move {
        while peer.request().await {
            peer.send(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await;
        }
    })
    .await;
    let (_fleet, upstream) = reached(&[bff.address], Config::default());
    for _ in 0..100 {
        assert_eq!(outcome(&upstream).await, "status");
    }
    assert_eq!(upstream.policy().breaker.failed, 0);
}

#[tokio::test]
async fn a_new_instance_of_a_version_that_is_left_alone_is_tried_at_once() {
    let dead = nowhere().await;
    let mut config = Config::default();
    config.breaker.open_first = Duration::from_secs(3600);
    config.breaker.open_longest = Duration::from_secs(3600);
    let (fleet, upstream) = reached(&[dead], config);
    break_it(&upstream).await;
    let (bff, _) = counting(listener().await).await;
    fleet.set_origins(&app(), &terms(&[bff.address])).unwrap();
    assert_eq!(outcome(&upstream).await, "fresh");
    assert_eq!(upstream.policy().breaker.state, BreakerState::Closed);
}

/// Closes each connection when a request is in, and counts them.
async fn dying() -> (Bff, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let bff = Bff::run(move |mut peer| {
        let counted = Arc::clone(&counted);
        async move {
            if peer.request().await {
                counted.fetch_add(1, Relaxed);
            }
        }
    })
    .await;
    (bff, count)
}

fn always_closed(mut config: Config) -> Config {
    config.breaker.failures_percent = 100;
    config
}

#[tokio::test]
async fn retries_are_a_share_of_what_is_asked() {
    let (bff, attempts) = dying().await;
    let (_fleet, upstream) = reached(&[bff.address], always_closed(Config::default()));
    let started = Instant::now();
    for _ in 0..1_000 {
        assert_eq!(outcome(&upstream).await, "head");
    }
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap() + 2;
    let attempts = attempts.load(Relaxed);
    assert!(
        (1_150..=1_200 + 10 * seconds).contains(&attempts),
        "{attempts} in {seconds} s"
    );
    assert_eq!(upstream.policy().retries_left, 0);
}

#[tokio::test]
async fn with_a_breaker_a_failing_version_is_hardly_asked() {
    let (bff, attempts) = dying().await;
    let (_fleet, upstream) = reached(&[bff.address], Config::default());
    let started = Instant::now();
    for _ in 0..1_000 {
        assert_ne!(outcome(&upstream).await, "fresh");
    }
    let tries = usize::try_from(started.elapsed().as_millis() / 500).unwrap();
    let attempts = attempts.load(Relaxed);
    assert!(attempts <= 3 * (20 + tries), "{attempts}, {tries} tries");
}

#[tokio::test]
async fn one_that_cannot_now_costs_no_fetch_where_there_is_another() {
    let overloaded = Bff::run(|mut peer| async move {
        while peer.request().await {
            peer.send(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n").await;
        }
    })
    .await;
    let (good, _) = counting(listener().await).await;
    let (_fleet, upstream) = reached(&[overloaded.address, good.address], Config::default());
    for _ in 0..30 {
        assert_eq!(outcome(&upstream).await, "fresh");
    }
    let (_fleet, upstream) = reached(&[overloaded.address], Config::default());
    assert_eq!(outcome(&upstream).await, "status");
}

#[tokio::test]
async fn an_app_has_so_many_fetches_at_once_and_the_others_wait_for_their_turn() {
    let (go_on, asked) = (Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
    let (waiting, counted) = (Arc::clone(&go_on), Arc::clone(&asked));
    let bff = Bff::run(move |mut peer| {
        let (waiting, counted) = (Arc::clone(&waiting), Arc::clone(&counted));
        async move {
            while peer.request().await {
                counted.fetch_add(1, Relaxed);
                waiting.notified().await;
                peer.send(OK).await;
            }
        }
    })
    .await;
    let config = Config {
        max_in_flight_per_app: 2,
        ..Config::default()
    };
    let (_fleet, upstream) = reached(&[bff.address], config);
    let fetch = || tokio::spawn(fetch_by(request(&upstream)));
    let mut fetches: Vec<_> = (0..2 + 64).map(|_| fetch()).collect();
    until(|| upstream.policy().waiting == 64).await;
    assert_eq!(fetch().await.unwrap().outcome(), "bulkhead", "the queue is full");
    until(|| asked.load(Relaxed) == 2).await;
    let view = upstream.policy();
    assert_eq!((view.in_flight, view.in_flight_limit), (2, 2));
    let gone = fetches.split_off(60);
    gone.iter().for_each(tokio::task::JoinHandle::abort);
    until(|| upstream.policy().waiting == 58).await;
    assert_eq!(
        fetch_by(soon(&upstream)).await.outcome(),
        "deadline",
        "who waits has its deadline"
    );
    let pushing = tokio::spawn(async move {
        loop {
            go_on.notify_one();
            tokio::task::yield_now().await;
        }
    });
    for each in fetches {
        assert_eq!(each.await.unwrap().outcome(), "fresh");
    }
    pushing.abort();
    assert_eq!((upstream.policy().in_flight, upstream.policy().waiting), (0, 0));
}

#[tokio::test]
async fn an_instance_that_is_missed_is_checked_more_often() {
    let dead = nowhere().await;
    let mut config = quick();
    config.health.check_every = Duration::from_secs(4);
    let (fleet, _upstream) = reached(&[dead], config);
    let watching = watch(&fleet);
    until(|| fleet.instances(&app())[0].last_error.is_some()).await;
    let started = Instant::now();
    let (mut bff, _) = counting(TcpListener::bind(dead).await.unwrap()).await;
    assert!(bff.request().await.starts_with("GET /healthz"));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    watching.abort();
}
