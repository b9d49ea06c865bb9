//! The store under load: a million answers, and what leaves for more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use composer_page::Kept;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Cache, Purge};
use crate::{Entry, ResponseHead, entry::Origin, freshness::Freshness, key::KeyRef};

fn entry(cache: &Cache, number: u64) -> Arc<Entry> {
    let mut bytes = vec![b'k'; 120];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    let key = KeyRef {
        hash: cache.hash(&bytes),
        bytes: &bytes,
    };
    let origin = Origin {
        key: key.to_key(),
        app: "shop@1.0.0".parse().unwrap(),
        path: "/fragments/tile".into(),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=600"));
    let head = ResponseHead {
        status: StatusCode::OK,
        headers,
    };
    let kept = Arc::new(Kept::new(Bytes::from(vec![b'x'; 200])));
    let freshness = Freshness {
        fresh: Duration::from_secs(600),
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
    };
    let tags = Box::from([Box::from("all")]);
    Arc::new(Entry::new(
        origin,
        (head, kept, tags),
        freshness,
        tokio::time::Instant::now(),
    ))
}

/// Puts `count` answers; the longest that one took, and that of the nine hundred and ninety-ninth of a thousand.
fn put(cache: &Cache, from: u64, count: u64) -> (Duration, Duration) {
    let mut took: Vec<Duration> = (from..from + count)
        .map(|number| {
            let entry = entry(cache, number);
            let began = Instant::now();
            cache.keep(&entry, cache.log.now());
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    (took[took.len() - 1], took[took.len() * 999 / 1000])
}

fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4_096
}

#[test]
#[ignore = "takes gigabytes and a minute: cargo test --release -p composer-fetch --lib a_million -- --ignored --nocapture"]
fn a_million_answers_leave_without_a_pause() {
    let before = resident_bytes();
    let bytes = 1_000_000 * entry(&Cache::new(0), 0).weight();
    let cache = Cache::new(bytes);
    let (longest, p999) = put(&cache, 0, 1_000_000);
    let numbers = cache.numbers();
    let resident = resident_bytes() - before;
    println!("filling: longest {longest:?}, p99.9 {p999:?}, {numbers:?}, resident {resident}, limit {bytes}");
    let (longest, p999) = put(&cache, 1_000_000, 1_000_000);
    let numbers = cache.numbers();
    let resident = resident_bytes() - before;
    println!("evicting: longest {longest:?}, p99.9 {p999:?}, {numbers:?}, resident {resident}");
    assert!(numbers.bytes <= bytes);
    let began = Instant::now();
    let all = Purge {
        app: "shop".parse().unwrap(),
        version: None,
        tags: vec!["all".into()],
    };
    let purged = cache.purge(&all);
    println!("purging {purged}: {:?}", began.elapsed());
    assert_eq!(cache.numbers().entries, 0);
}

#[test]
fn what_is_displaced_is_current_no_more() {
    let cache = Cache::new(40_000);
    let all: Vec<_> = (0..100)
        .map(|number| {
            let entry = entry(&cache, number);
            cache.keep(&entry, cache.log.now());
            entry
        })
        .collect();
    let current = all.iter().filter(|entry| entry.is_current()).count() as u64;
    assert_eq!(current, cache.numbers().entries);
    assert!(current > 5 && current < 40, "{current}");
    let counted: u64 = cache.apps().values().sum();
    assert_eq!(counted, current);
}

#[test]
fn the_same_key_is_one_answer_and_the_last_one_counts() {
    let cache = Cache::new(1 << 20);
    let (first, second) = (entry(&cache, 7), entry(&cache, 7));
    cache.keep(&first, cache.log.now());
    cache.keep(&second, cache.log.now());
    assert!(!first.is_current() && second.is_current());
    assert_eq!((cache.numbers().entries, cache.apps().values().sum::<u64>()), (1, 1));
    cache.weigh(&second);
    assert!(second.is_current() && cache.numbers().entries == 1);
}
