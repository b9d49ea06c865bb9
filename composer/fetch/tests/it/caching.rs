//! What is kept, for whom, until when, and how many fetches a crowd costs.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use composer_fetch::{Cache, Event, FragmentRequest, PageFetches, Purge};
use contract::Role;
use futures_util::future::join_all;
use http::{HeaderMap, header};
use tokio::sync::Notify;

use crate::{
    bff::Bff,
    fetching::{cache, request, until, upstream, visit},
    kitchen::{Kitchen, answer, told, with},
};

#[tokio::test]
async fn what_may_be_kept_is_asked_for_once() {
    let kitchen = Kitchen::open("cache-control: max-age=60\r\n").await;
    assert!(kitchen.get().await.ends_with(": <b>first</b>"));
    for _ in 0..3 {
        assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    }
    assert_eq!(kitchen.asked(), 1);
    let numbers = kitchen.cache.numbers();
    assert_eq!(
        (numbers.entries, numbers.hits, numbers.misses, numbers.stores),
        (1, 3, 1, 1)
    );
    assert!(numbers.bytes > 1_000 && numbers.bytes < 3_000, "{numbers:?}");
}

#[tokio::test]
async fn what_a_fragment_sees_tells_its_answers_apart_and_nothing_else_does() {
    let kitchen = Kitchen::open("cache-control: max-age=60\r\nvary: cookie, user-agent\r\n").await;
    let cookie = |value: &str| with(header::COOKIE, value);
    let cases = [
        (cookie("cart=7"), "", 1),
        (cookie("cart=8"), "", 2),
        (cookie("session=x; cart=7"), "", 2),
        (HeaderMap::new(), "", 3),
        (with(header::USER_AGENT, "other"), "", 3),
        (with(header::ACCEPT_LANGUAGE, "de"), "", 4),
        (HeaderMap::new(), "sku=1", 5),
        (HeaderMap::new(), "sku=1&", 5),
        (HeaderMap::new(), "sku=2", 6),
    ];
    for (headers, params, asked) in cases {
        kitchen.get_as(headers.clone(), params).await;
        assert_eq!(kitchen.asked(), asked, "{headers:?} {params}");
    }
}

#[tokio::test]
async fn an_answer_for_somebody_who_signed_in_is_never_kept() {
    let kitchen = Kitchen::open("cache-control: public, max-age=60\r\n").await;
    for asked in 1..=3 {
        kitchen.get_as(with(header::AUTHORIZATION, "Bearer x"), "").await;
        assert_eq!(kitchen.asked(), asked);
    }
    assert_eq!(kitchen.cache.numbers().entries, 0);
}

#[tokio::test]
async fn what_may_not_be_kept_is_fetched_each_time_until_it_may() {
    let kitchen = Kitchen::open("cache-control: private, max-age=60\r\n").await;
    for asked in 1..=3 {
        assert_eq!(kitchen.get().await, "fetched: <b>first</b>");
        assert_eq!(kitchen.asked(), asked);
    }
    kitchen.says(answer("cache-control: max-age=60\r\n", "<b>second</b>"));
    // The first is seen on its way, the second is kept.
    kitchen.get().await;
    kitchen.get().await;
    assert_eq!(kitchen.get().await, "kept: <b>second</b>");
    assert_eq!(kitchen.asked(), 5);
}

#[tokio::test]
async fn a_body_that_breaks_off_or_has_no_end_is_never_kept() {
    let kitchen = Kitchen::open("cache-control: max-age=60\r\nx-cut: 1\r\n").await;
    assert_eq!(kitchen.get().await, "failed: cut");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60\r\nx-cut: 1\r\n\r\n";
    kitchen.says(format!("{head}<b>cut off</b>"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    kitchen.get().await;
    assert_eq!(kitchen.cache.numbers().entries, 0);
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_is_never_kept_whatever_it_is_coded_by() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60\r\n";
    for coding in ["gzip", "identity", "chunked, gzip"] {
        let kitchen = Kitchen::open("").await;
        kitchen.says(format!(
            "{head}transfer-encoding: {coding}\r\nx-cut: 1\r\n\r\n<b>cut off</b>"
        ));
        kitchen.get().await;
        assert_eq!(kitchen.cache.numbers().entries, 0, "{coding}");
    }
}

#[tokio::test]
async fn five_hundred_pages_on_a_cold_key_are_one_fetch() {
    let kitchen = Kitchen::closed("cache-control: max-age=60\r\n").await;
    let pages: Vec<_> = (0..500)
        .map(|_| told(kitchen.page(HeaderMap::new(), kitchen.request(""))))
        .collect();
    let go = async {
        until(|| kitchen.asked() == 1, "the first is asked").await;
        kitchen.serves.add_permits(1);
    };
    let (all, ()) = tokio::join!(join_all(pages), go);
    assert!(all.iter().all(|got| got.ends_with(": <b>first</b>")), "{all:?}");
    assert_eq!(kitchen.asked(), 1);
    assert_eq!(kitchen.cache.numbers().coalesced, 499);
}

#[tokio::test]
async fn when_the_first_breaks_off_one_other_takes_over() {
    let kitchen = Kitchen::closed("cache-control: max-age=60\r\n").await;
    let pages: Vec<_> = (0..500)
        .map(|_| told(kitchen.page(HeaderMap::new(), kitchen.request(""))))
        .collect();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60\r\ncontent-length: 99\r\nx-cut: 1\r\n\r\n";
    kitchen.says(format!("{head}<b>cut"));
    let go = async {
        until(|| kitchen.asked() == 1, "the first is asked").await;
        kitchen.says(answer("cache-control: max-age=60\r\n", "<b>second</b>"));
        kitchen.serves.add_permits(100);
    };
    let (all, ()) = tokio::join!(join_all(pages), go);
    assert!(all.iter().all(|got| got.ends_with(": <b>second</b>")), "{:?}", all[0]);
    assert_eq!(kitchen.asked(), 2);
}

#[tokio::test]
async fn a_visitor_who_leaves_takes_nothing_from_the_others() {
    let kitchen = Kitchen::closed("cache-control: max-age=60\r\n").await;
    let mut first = kitchen.page(HeaderMap::new(), kitchen.request(""));
    assert!(matches!(first.next().await, Some((_, Event::Head(_)))));
    let second = kitchen.page(HeaderMap::new(), kitchen.request(""));
    drop(first);
    kitchen.serves.add_permits(1);
    assert!(told(second).await.ends_with(": <b>first</b>"));
    assert_eq!(kitchen.asked(), 1);
    assert_eq!(kitchen.get().await, "kept: <b>first</b>");
}

#[tokio::test]
async fn what_is_not_for_others_is_given_to_none_of_them() {
    let kitchen = Kitchen::open("cache-control: private\r\n").await;
    let pages: Vec<_> = (0..20)
        .map(|_| told(kitchen.page(HeaderMap::new(), kitchen.request(""))))
        .collect();
    let all = join_all(pages).await;
    assert!(all.iter().all(|got| got == "fetched: <b>first</b>"), "{all:?}");
    assert_eq!(kitchen.asked(), 20);
}

#[tokio::test]
async fn a_purge_counts_for_what_is_under_way_too() {
    let kitchen = Kitchen::open("cache-control: max-age=60\r\ncache-tag: cart, list\r\n").await;
    kitchen.get().await;
    kitchen.get_as(HeaderMap::new(), "sku=1").await;
    assert_eq!(kitchen.purge(&["other"]), 0);
    assert_eq!(kitchen.purge(&["list", "cart"]), 2);
    assert_eq!(kitchen.cache.numbers().entries, 0);
    kitchen.get().await;
    assert_eq!(kitchen.purge(&[]), 1);
    kitchen.serves.forget_permits(usize::MAX >> 4);
    let asked = kitchen.asked();
    let early = kitchen.page(HeaderMap::new(), kitchen.request(""));
    until(|| kitchen.asked() == asked + 1, "it is under way").await;
    kitchen.says(answer("cache-control: max-age=60\r\n", "<b>second</b>"));
    assert_eq!(kitchen.purge(&["cart"]), 0);
    // Who comes after the purge doesn't get what was asked for before it.
    let late = kitchen.page(HeaderMap::new(), kitchen.request(""));
    kitchen.serves.add_permits(100);
    assert!(told(early).await.ends_with(": <b>first</b>"));
    assert!(told(late).await.ends_with(": <b>second</b>"));
    assert_eq!(kitchen.get().await, "kept: <b>second</b>");
}

#[tokio::test]
async fn an_unsafe_method_removes_what_is_at_its_path() {
    let kitchen = Kitchen::open("cache-control: max-age=60\r\n").await;
    kitchen.get().await;
    assert_eq!(kitchen.cache.invalidate(&kitchen.upstream, "/cart/add"), 0);
    assert_eq!(kitchen.cache.invalidate(&kitchen.upstream, "/fragments/mini-cart"), 1);
    kitchen.get().await;
    assert_eq!(kitchen.asked(), 2);
    let other = upstream("127.0.0.1:1".parse().unwrap());
    assert_eq!(other.app(), kitchen.upstream.app());
    let again = FragmentRequest {
        upstream: other,
        ..kitchen.request("")
    };
    let got = told(kitchen.page(HeaderMap::new(), again)).await;
    assert_eq!(
        got, "failed: connect",
        "a version that is made anew shares nothing with the one before"
    );
}

#[tokio::test]
async fn a_stale_answer_is_shown_while_it_is_asked_for_anew() {
    let kitchen = Kitchen::open("cache-control: max-age=0, stale-while-revalidate=60\r\n").await;
    kitchen.get().await;
    kitchen.says(answer("cache-control: max-age=60\r\n", "<b>second</b>"));
    for _ in 0..10 {
        assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    }
    until(|| kitchen.cache.numbers().stores == 2, "it was asked for anew").await;
    assert_eq!(kitchen.get().await, "kept: <b>second</b>");
    assert_eq!(kitchen.asked(), 2);
}

#[tokio::test]
async fn a_stale_answer_stands_in_for_a_failure_and_not_for_a_404() {
    let kitchen = Kitchen::open("cache-control: max-age=0, stale-if-error=60\r\n").await;
    kitchen.get().await;
    kitchen.says("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n".into());
    for _ in 0..10 {
        assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    }
    assert_eq!(
        kitchen.asked(),
        2,
        "a BFF that has just failed is left alone for a moment"
    );
    kitchen.says("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n".into());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(kitchen.get().await, "failed: status");
    assert_eq!(kitchen.cache.numbers().entries, 0);
}

#[tokio::test]
async fn a_validator_saves_the_body() {
    let kitchen = Kitchen::open("cache-control: max-age=0, stale-if-error=1\r\netag: \"a\"\r\n").await;
    kitchen.get().await;
    kitchen.says("HTTP/1.1 304 Not Modified\r\ncache-control: max-age=60\r\netag: \"a\"\r\n\r\n".into());
    assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    assert_eq!(kitchen.asked(), 2);
    let seen = kitchen.seen.lock().unwrap();
    assert!(
        seen[1].contains("if-none-match: \"a\"\r\n") && !seen[0].contains("if-none-match"),
        "{}",
        seen[1]
    );
}

#[tokio::test]
async fn an_answer_that_still_counts_is_as_young_as_the_word_that_it_does() {
    let made = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(100));
    let lines = format!("cache-control: max-age=0, stale-if-error=600\r\netag: \"a\"\r\ndate: {made}\r\n");
    let kitchen = Kitchen::open(&lines).await;
    kitchen.get().await;
    kitchen.says("HTTP/1.1 304 Not Modified\r\ncache-control: max-age=60\r\netag: \"a\"\r\n\r\n".into());
    assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    assert_eq!(kitchen.get().await, "kept: <b>first</b>");
    assert_eq!(kitchen.asked(), 2, "it may be shown for another minute");
}

#[tokio::test]
async fn a_visitor_who_leaves_is_no_failure_that_a_stale_answer_stands_in_for() {
    let kitchen = Kitchen::open("cache-control: max-age=0, stale-if-error=600\r\n").await;
    kitchen.get().await;
    kitchen.serves.forget_permits(usize::MAX >> 4);
    let leaving = kitchen.page(HeaderMap::new(), kitchen.request(""));
    until(|| kitchen.asked() == 2, "it is asked about").await;
    drop(leaving);
    until(|| kitchen.upstream.policy().in_flight == 0, "nobody waits for it").await;
    kitchen.says(answer("cache-control: max-age=60\r\n", "<b>second</b>"));
    kitchen.serves.add_permits(100);
    assert!(kitchen.get().await.ends_with(": <b>second</b>"));
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_a_failure() {
    let kitchen = Kitchen::open("").await;
    kitchen.says("HTTP/1.1 304 Not Modified\r\ncache-control: max-age=60\r\n\r\n".into());
    assert_eq!(kitchen.get().await, "failed: status");
}

#[tokio::test]
async fn a_redirect_is_the_pages_own_and_not_kept() {
    let kitchen = Kitchen::open("").await;
    kitchen.says("HTTP/1.1 303 See\r\nlocation: /x\r\ncache-control: max-age=60\r\ncontent-length: 0\r\n\r\n".into());
    for asked in 1..=2 {
        let wanted = FragmentRequest {
            role: Role::Primary,
            ..kitchen.request("")
        };
        let mut page = kitchen.page(HeaderMap::new(), wanted);
        assert!(matches!(page.next().await, Some((_, Event::Head(_)))));
        while page.next().await.is_some() {}
        assert_eq!(kitchen.asked(), asked);
    }
    assert_eq!(kitchen.cache.numbers().entries, 0);
}

#[tokio::test]
async fn memory_is_bounded_whatever_is_asked() {
    let kitchen = Kitchen::open("cache-control: max-age=60\r\ncache-tag: all\r\n").await;
    let cache = Arc::new(Cache::new(200_000));
    for at in 0..1_000 {
        let mut page = PageFetches::new(visit(with(header::COOKIE, &format!("cart={at}"))), Arc::clone(&cache));
        page.start(0, kitchen.request(""));
        while page.next().await.is_some() {}
    }
    let numbers = cache.numbers();
    assert!(
        numbers.bytes <= 200_000 && numbers.entries > 50 && numbers.entries < 200,
        "{numbers:?}"
    );
    assert_eq!(numbers.stores, 1_000);
    assert_eq!(numbers.entries + numbers.evictions, 1_000);
    let all = Purge {
        app: "checkout".parse().unwrap(),
        version: Some("1.0.0".parse().unwrap()),
        tags: vec!["all".into()],
    };
    assert_eq!(cache.purge(&all) as u64, numbers.entries);
    assert_eq!(cache.numbers().bytes, 0);
}

#[tokio::test]
async fn a_page_that_leaves_alone_leaves_no_fetch_behind() {
    let gone = Arc::new(Notify::new());
    let tell = Arc::clone(&gone);
    let bff = Bff::run(move |mut peer| {
        let tell = Arc::clone(&tell);
        async move {
            peer.request().await;
            peer.closed().await;
            tell.notify_one();
        }
    })
    .await;
    let mut page = PageFetches::new(visit(HeaderMap::new()), cache());
    let upstream = upstream(bff.address);
    page.start(0, request(&upstream));
    until(|| upstream.policy().in_flight == 1, "it is under way").await;
    drop(page);
    tokio::time::timeout(Duration::from_secs(5), gone.notified())
        .await
        .unwrap();
}
