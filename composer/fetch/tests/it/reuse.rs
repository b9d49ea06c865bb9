//! Connections: used again, replaced when closed, let go with their page.

use std::{sync::Arc, time::Duration};

use composer_fetch::{Cache, Config, Event, PageFetches};
use http::HeaderMap;
use tokio::{net::TcpListener, sync::Notify, time::timeout};

use crate::{
    bff::Bff,
    fetching::{cache, fetch_by, request, upstream, visit},
    instances::reached,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn a_connection_is_used_again() {
    let connections = Arc::new(());
    let seen = Arc::clone(&connections);
    let bff = Bff::run(move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            while peer.request().await {
                peer.send(OK).await;
                // Dropped only with the connection's task.
                let _ = &seen;
            }
        }
    })
    .await;
    let upstream = upstream(bff.address);
    for _ in 0..20 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
    assert_eq!(Arc::strong_count(&connections), 3);
}

#[tokio::test]
async fn an_idle_connection_is_closed_on_time_though_nobody_asks() {
    let closed = Arc::new(Notify::new());
    let told = Arc::clone(&closed);
    let bff = Bff::run(move |mut peer| {
        let told = Arc::clone(&told);
        async move {
            while peer.request().await {
                peer.send(OK).await;
            }
            told.notify_one();
        }
    })
    .await;
    let config = Config {
        idle_timeout: Duration::from_millis(50),
        ..Config::default()
    };
    let (fleet, upstream) = reached(&[bff.address], config);
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    tokio::select! {
        () = fleet.close_idle(std::future::pending()) => {}
        closed = timeout(Duration::from_secs(10), closed.notified()) => closed.unwrap(),
    }
}

#[tokio::test]
async fn a_restarted_bff_shows_no_error() {
    // Each connection answers once, and closes when the second request is in: the closing can't be seen before.
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.send(OK).await;
        peer.request().await;
    })
    .await;
    let upstream = upstream(bff.address);
    for _ in 0..5 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
}

#[tokio::test]
async fn a_bff_that_broke_off_its_answer_is_not_asked_again() {
    let mut bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.send(OK).await;
        peer.request().await;
        peer.send(b"HTTP/1.1 2").await;
    })
    .await;
    let upstream = upstream(bff.address);
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    assert_eq!(fetch_by(request(&upstream)).await.outcome(), "head");
    assert!(bff.request().await.starts_with("GET "));
    assert!(bff.request().await.starts_with("GET "));
}

#[tokio::test]
async fn a_page_that_is_dropped_lets_go_of_its_connections() {
    let gone = Arc::new(Notify::new());
    let (told, seen) = (Arc::clone(&gone), Arc::new(Notify::new()));
    let asked = Arc::clone(&seen);
    let bff = Bff::run(move |mut peer| {
        let (told, asked) = (Arc::clone(&told), Arc::clone(&asked));
        async move {
            peer.request().await;
            asked.notify_one();
            peer.closed().await;
            told.notify_one();
        }
    })
    .await;
    let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
    page.start(0, request(&upstream(bff.address)));
    tokio::select! {
        () = seen.notified() => {}
        event = page.next() => panic!("{event:?}"),
    }
    drop(page);
    timeout(Duration::from_secs(5), gone.notified()).await.unwrap();
}

#[tokio::test]
async fn time_that_the_page_stands_still_is_not_charged() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let go_on = Arc::new(Notify::new());
    let waiting = Arc::clone(&go_on);
    let bff = Bff::listen(listener, move |mut peer| {
        let waiting = Arc::clone(&waiting);
        async move {
            peer.request().await;
            peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n")
                .await;
            waiting.notified().await;
            peer.send(b"ok").await;
            peer.closed().await;
        }
    });
    let mut wanted = request(&upstream(bff.address));
    wanted.deadline = Duration::from_millis(300);
    // What may be kept is fetched by a task of its own, which no browser keeps waiting.
    let mut page = PageFetches::new(visit(HeaderMap::new()), Arc::new(Cache::new(0)));
    page.start(0, wanted);
    assert!(matches!(page.next().await, Some((0, Event::Head(_)))));
    // The browser takes nothing for longer than the deadline.
    page.pause();
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(600)).await;
    tokio::time::resume();
    go_on.notify_one();
    assert!(matches!(page.next().await, Some((0, Event::Chunk(_)))));
    assert!(matches!(page.next().await, Some((0, Event::End))));
    assert!(page.next().await.is_none());
    assert!(page.paused() >= Duration::from_millis(500));
}

#[tokio::test]
async fn a_fetch_that_is_stopped_says_no_more() {
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n").await;
        while peer.send(&[b'x'; 1000]).await {}
    })
    .await;
    let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
    page.start(0, request(&upstream(bff.address)));
    assert!(matches!(page.next().await, Some((0, Event::Head(_)))));
    page.stop(0);
    assert!(page.next().await.is_none());
}

#[tokio::test]
async fn a_bff_that_times_out_an_idle_connection_aloud_is_asked_on_a_new_one() {
    const LATE: &[u8] = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let bff = Bff::run(|mut peer| async move {
        peer.request().await;
        peer.send(OK).await;
        peer.request().await;
        peer.send(LATE).await;
    })
    .await;
    let upstream = upstream(bff.address);
    for _ in 0..5 {
        assert_eq!(fetch_by(request(&upstream)).await.outcome(), "fresh");
    }
}
