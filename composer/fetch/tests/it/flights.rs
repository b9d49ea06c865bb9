//! How fast a flight goes, and for how long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use composer_fetch::{AddressGuard, Cache, Config, Event, Fleet, FragmentRequest, Networks, PageFetches, Upstream};
use contract::{Params, Prefix, manifest::Manifest};
use futures_util::future::{join, join_all};
use http::HeaderMap;
use tokio::sync::Semaphore;

use crate::{
    bff::Bff,
    fetching::{MANIFEST, cache, request, until, upstream, visit},
    instances::terms,
};

const LONG: usize = 48 << 20;

/// A BFF that sends a body of [`LONG`] bytes as fast as it is taken, and counts what it has sent.
async fn pouring(lines: &'static str) -> (Bff, Arc<AtomicUsize>) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    let bff = Bff::run(move |mut peer| {
        let count = Arc::clone(&count);
        async move {
            peer.request().await;
            let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n{lines}content-length: {LONG}\r\n\r\n");
            peer.send(head.as_bytes()).await;
            let piece = vec![b'x'; 64 << 10];
            while count.load(SeqCst) < LONG && peer.send(&piece).await {
                count.fetch_add(piece.len(), SeqCst);
            }
            peer.closed().await;
        }
    })
    .await;
    (bff, sent)
}

/// Waits until `count` stands still.
async fn at_rest(count: &AtomicUsize) -> usize {
    let mut last = usize::MAX;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let now = count.load(SeqCst);
        if now == last {
            return now;
        }
        last = now;
    }
    panic!("it goes on and on: {last}");
}

#[tokio::test]
async fn an_answer_for_one_page_comes_at_the_pace_of_that_page() {
    for lines in ["", "cache-control: private\r\n"] {
        let (bff, sent) = pouring(lines).await;
        let upstream = upstream(bff.address);
        let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
        let wanted = FragmentRequest {
            max_body_bytes: LONG,
            deadline: Duration::from_millis(1_500),
            ..request(&upstream)
        };
        page.start(0, wanted);
        assert!(matches!(page.next().await, Some((_, Event::Head(_)))));
        page.pause();
        // Longer than its time: while the page stands still none of it passes.
        tokio::time::sleep(Duration::from_millis(1_600)).await;
        let ahead = at_rest(&sent).await;
        assert!(ahead < LONG / 2, "{ahead} bytes were read for a page that reads none");
        let mut bytes = 0;
        while let Some((_, event)) = page.next().await {
            match event {
                Event::Chunk(chunk) => bytes += chunk.len(),
                Event::End => {}
                event => panic!("{event:?}"),
            }
        }
        assert_eq!(bytes, LONG);
    }
}

#[tokio::test]
async fn who_takes_over_has_the_time_that_is_left() {
    let bff = Bff::run(move |mut peer| async move {
        peer.request().await;
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60\r\ncontent-length: 99\r\n\r\n";
        peer.send(head.as_bytes()).await;
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    })
    .await;
    let (upstream, cache) = (upstream(bff.address), cache());
    let get = || {
        let mut page = PageFetches::new(visit(HeaderMap::new()), Arc::clone(&cache));
        let wanted = FragmentRequest {
            deadline: Duration::from_secs(2),
            ..request(&upstream)
        };
        page.start(0, wanted);
        async move { while page.next().await.is_some() {} }
    };
    let began = Instant::now();
    join(get(), get()).await;
    assert!(began.elapsed() < Duration::from_millis(2_700), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_slow_pages_have_not_taken_has_a_limit() {
    let (bff, sent) = pouring("cache-control: max-age=60\r\n").await;
    let upstream = upstream(bff.address);
    let cache = Arc::new(Cache::new(1 << 20));
    let begin = |params: &str| {
        let mut page = PageFetches::new(visit(HeaderMap::new()), Arc::clone(&cache));
        let wanted = FragmentRequest {
            max_body_bytes: LONG,
            params: Params::parse(params),
            ..request(&upstream)
        };
        page.start(0, wanted);
        page
    };
    let mut slow = begin("sku=1");
    assert!(matches!(slow.next().await, Some((_, Event::Head(_)))));
    assert_eq!(at_rest(&sent).await, LONG, "it may be for others");
    let misses = || cache.numbers().misses;
    drop(begin("sku=2"));
    assert_eq!(misses(), 1, "the next one comes at its page's pace");
    drop(slow);
    let is_let = || {
        let before = misses();
        drop(begin("sku=2"));
        misses() > before
    };
    until(is_let, "what nobody holds any more leaves room").await;
}

/// The fragment of one version, and what its BFF says: a permit for each answer that may be given.
struct Counter {
    asked: Arc<AtomicUsize>,
    serves: Arc<Semaphore>,
    bff: Bff,
}

impl Counter {
    async fn open(lines: &'static str) -> Self {
        let (asked, serves) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let (count, let_go) = (Arc::clone(&asked), Arc::clone(&serves));
        let bff = Bff::run(move |mut peer| {
            let (count, let_go) = (Arc::clone(&count), Arc::clone(&let_go));
            async move {
                while peer.request().await {
                    count.fetch_add(1, SeqCst);
                    let_go.acquire().await.unwrap().forget();
                    let head =
                        format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n{lines}content-length: 2\r\n\r\nok");
                    peer.send(head.as_bytes()).await;
                }
            }
        })
        .await;
        Self { asked, serves, bff }
    }

    /// The version `version`, which this BFF answers for.
    fn version(&self, fleet: &Fleet, version: &str) -> Arc<Upstream> {
        let manifest = Manifest::parse("marquetry.toml", &MANIFEST.replace("1.0.0", version)).unwrap();
        let upstream = fleet.ensure(&manifest);
        fleet.set_origins(upstream.app(), &terms(&[self.bff.address])).unwrap();
        upstream
    }

    /// Pages that come at once, and what they cost when none is answered before as many as `wanted` have asked.
    async fn crowd(&self, fleet: &Fleet, upstream: &Arc<Upstream>, wanted: usize) -> usize {
        let before = self.asked.load(SeqCst);
        let pages = (0..10).map(|_| {
            let mut page = PageFetches::new(visit(HeaderMap::new()), Arc::clone(fleet.cache()));
            page.start(0, request(upstream));
            async move {
                while let Some((_, event)) = page.next().await {
                    assert!(!matches!(event, Event::Failed(_)), "{event:?}");
                }
            }
        });
        let serving = async {
            until(|| self.asked.load(SeqCst) >= before + wanted, "they ask").await;
            self.serves.add_permits(10);
        };
        join(join_all(pages), serving).await;
        self.serves.forget_permits(100);
        self.asked.load(SeqCst) - before
    }
}

#[tokio::test]
async fn a_new_version_is_kept_or_not_as_the_one_before() {
    let guard = Arc::new(AddressGuard::new(Networks::loopback()));
    let fleet = Fleet::new(Config::default(), guard, Prefix::default());
    let (alone, shared) = (
        Counter::open("").await,
        Counter::open("cache-control: max-age=60\r\n").await,
    );
    let first = alone.version(&fleet, "1.0.0");
    assert_eq!(alone.crowd(&fleet, &first, 1).await, 10);
    let second = alone.version(&fleet, "2.0.0");
    assert_eq!(
        alone.crowd(&fleet, &second, 10).await,
        10,
        "none waits for another's answer"
    );
    let third = shared.version(&fleet, "3.0.0");
    assert_eq!(shared.crowd(&fleet, &third, 10).await, 10, "as far as anybody knows");
    assert_eq!(
        shared.crowd(&fleet, &third, 1).await,
        1,
        "it is kept, and that has been seen"
    );
    let fourth = shared.version(&fleet, "4.0.0");
    assert_eq!(
        shared.crowd(&fleet, &fourth, 1).await,
        1,
        "it is kept, and that has been seen"
    );
}
