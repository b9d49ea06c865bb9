//! One fetch, its events written down.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use composer_fetch::{Cache, Config, Event, FetchError, Forwarded, FragmentRequest, PageFetches, Upstream, Visit};
use contract::{Params, Prefix, Role, manifest::Manifest};
use http::{HeaderMap, HeaderValue, StatusCode};

pub(crate) const MANIFEST: &str = r#"
[app]
name = "checkout"
version = "1.0.0"
owner = "team"
cookies = ["cart"]
headers = ["authorization"]

[[fragments]]
name = "mini-cart"
"#;

/// What came of a fetch.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: Option<StatusCode>,
    pub(crate) body: String,
    pub(crate) failure: Option<FetchError>,
    pub(crate) took: Duration,
}

impl Got {
    /// `fresh`, or the label of the failure.
    pub(crate) fn outcome(&self) -> &'static str {
        self.failure.as_ref().map_or("fresh", FetchError::label)
    }
}

pub(crate) fn manifest() -> Manifest {
    Manifest::parse("marquetry.toml", MANIFEST).unwrap()
}

pub(crate) fn upstream(origin: SocketAddr) -> Arc<Upstream> {
    upstream_at(&[origin])
}

pub(crate) fn upstream_at(origins: &[SocketAddr]) -> Arc<Upstream> {
    upstream_with(origins, |_| {})
}

pub(crate) fn upstream_with(origins: &[SocketAddr], set: impl FnOnce(&mut Config)) -> Arc<Upstream> {
    let mut config = Config::default();
    set(&mut config);
    let origins: Vec<String> = origins.iter().map(|origin| format!("http://{origin}")).collect();
    Arc::new(Upstream::new(&manifest(), &Prefix::default(), &origins, &config).unwrap())
}

pub(crate) fn request(upstream: &Arc<Upstream>) -> FragmentRequest {
    FragmentRequest {
        upstream: Arc::clone(upstream),
        fragment: "checkout/mini-cart".parse().unwrap(),
        path: "/fragments/mini-cart".into(),
        params: Params::default(),
        role: Role::Optional,
        deadline: Duration::from_secs(20),
        max_body_bytes: 100_000,
    }
}

pub(crate) fn visit(headers: HeaderMap) -> Visit {
    let from = Forwarded {
        client: Ipv4Addr::LOCALHOST.into(),
        host: HeaderValue::from_static("shop.example"),
        proto: "https",
    };
    let trace = HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    Visit::new(headers, &from, trace, HeaderValue::from_static("abc"))
}

/// An empty cache of the usual size.
pub(crate) fn cache() -> Arc<Cache> {
    Arc::new(Cache::new(Config::default().cache_bytes))
}

/// Fetches with all defaults.
pub(crate) async fn fetch(origin: SocketAddr) -> Got {
    fetch_by(request(&upstream(origin))).await
}

pub(crate) async fn fetch_by(request: FragmentRequest) -> Got {
    let started = std::time::Instant::now();
    let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
    page.start('a', request);
    let mut got = Got {
        status: None,
        body: String::new(),
        failure: None,
        took: Duration::ZERO,
    };
    while let Some((key, event)) = page.next().await {
        assert_eq!(key, 'a');
        match event {
            Event::Head(head) => got.status = Some(head.status),
            Event::Chunk(bytes) => got.body.push_str(std::str::from_utf8(&bytes).unwrap()),
            Event::End => {}
            Event::Failed(error) => got.failure = Some(error),
            Event::Kept(entry) => {
                got.status = Some(entry.head.status);
                got.body.push_str(std::str::from_utf8(entry.kept.raw()).unwrap());
            }
        }
    }
    got.took = started.elapsed();
    got
}

/// Waits until `is_so`, for seconds at most.
pub(crate) async fn until(is_so: impl Fn() -> bool, what: &str) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within 5 s: {what}");
}

#[tokio::test]
async fn what_hangs_until_its_page_ends_was_late() {
    for (limit, is_over, late) in [(800, true, 1), (20_000, true, 0), (800, false, 0)] {
        let bff = crate::bff::Bff::says("").await;
        let upstream = upstream(bff.address);
        let deadline = Duration::from_millis(limit);
        let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
        let hanging = FragmentRequest {
            deadline,
            ..request(&upstream)
        };
        page.start('a', hanging);
        let most_of_it = Duration::from_millis(410);
        assert!(tokio::time::timeout(most_of_it, page.next()).await.is_err());
        if is_over {
            page.end();
        }
        drop(page);
        let is_done = || upstream.policy().in_flight == 0 && upstream.numbers().deadlines == late;
        until(is_done, &format!("{limit} {is_over}")).await;
    }
}
