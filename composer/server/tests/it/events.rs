//! Live events: from a BFF's feed to the tabs, across restarts of either, and not to those whom they don't concern.

use std::time::{Duration, Instant};

use composer_server::start;
use serde_json::json;
use tokio::{net::TcpSocket, time::timeout};

use crate::{
    admin_platform::Platform,
    feed::{Feed, Instance, Tab, with_feed},
    support::{Client, PATIENCE, config},
    visits::{ask, canary, publish},
};

/// A platform with the app `shop`, whose feed a test fills.
async fn shop(keys: &str) -> (Platform, Feed, Instance) {
    let platform = Platform::with(keys).await;
    platform.team("shop-team", &["shop"]).await;
    let feed = Feed::new("l1");
    let instance = feed.serve().await;
    platform.publish(&with_feed("shop", "1.0.0")).await;
    platform.announce("shop@1.0.0", &instance.origin()).await;
    platform.release(&["shop@1.0.0"]).await;
    (platform, feed, instance)
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_tab_learns_what_is_live_and_of_each_release() {
    let platform = Platform::start().await;
    platform.team("shop-team", &["shop"]).await;
    let (_one, _) = publish(&platform, "shop", "1.0.0").await;
    let (_two, _) = publish(&platform, "shop", "2.0.0").await;
    platform.release(&["shop@1.0.0"]).await;
    let mut tab = Tab::open(platform.running.public, "topics=", "").await;
    let user = "0123456789abcdef0123456789abcdef";
    let mut known = Tab::open(
        platform.running.public,
        "",
        &format!("cookie: marquetry-user={user}\r\nmarquetry-cohort: beta\r\n"),
    )
    .await;
    let live = tab.until("marquetry:released").await;
    assert_eq!(live["apps"], json!([{ "app": "shop", "version": "1.0.0" }]));
    known.until("marquetry:released").await;
    let beta = canary(&platform, "shop@2.0.0", json!({ "audience": { "cohort": "beta" } })).await;
    let canary = known.until("marquetry:released").await;
    assert_eq!(canary["apps"][0]["version"], "2.0.0");
    assert_eq!(format!("r{}", canary["release"]), beta);
    let promoted = platform.post(&format!("/v1/releases/{beta}/promote"), json!({})).await;
    promoted.expect(200);
    let all = tab.until("marquetry:released").await;
    assert_eq!(all["apps"][0]["version"], "2.0.0", "the canary was none of its affairs");
}

#[tokio::test]
async fn what_a_bff_publishes_reaches_the_tabs_that_want_it() {
    let (platform, feed, _instance) = shop("").await;
    let public = platform.running.public;
    let mut tab = Tab::open(public, "topics=shop:count,shop:local", "").await;
    let mut other = Tab::open(public, "topics=cart:count", "").await;
    tab.until_placed("shop").await;
    feed.publish("shop:count", json!({ "sku": "A", "stock": 3 }));
    assert_eq!(
        tab.next().await,
        ("shop:count".into(), json!({ "sku": "A", "stock": 3 }))
    );
    assert_eq!(tab.last, "shop.l1-1");
    // Of its own app's other topics, of others' and of no topics at all a feed may not speak.
    for topic in ["shop:local", "cart:count", "marquetry:released", "x"] {
        feed.publish(topic, 1);
    }
    feed.publish("shop:count", "no JSON");
    feed.publish("shop:count", "[1,\ndata: 2]");
    assert_eq!(tab.next().await, ("shop:count".into(), json!([1, 2])));
    assert!(other.is_silent().await);
}

#[tokio::test]
async fn a_composer_that_restarts_costs_its_tabs_no_event() {
    let (platform, feed, instance) = shop("").await;
    let mut tab = Tab::open(platform.running.public, "topics=shop:count", "").await;
    tab.until_placed("shop").await;
    feed.publish("shop:count", 1);
    assert_eq!(tab.next().await.1, 1);
    let Platform { running, folder, .. } = platform;
    let stopping = tokio::spawn(running.drain());
    assert_eq!(
        tab.any().await,
        None,
        "the stream ends, so that its tab goes to the next composer"
    );
    timeout(PATIENCE, stopping).await.unwrap().unwrap();
    feed.publish("shop:count", 2);
    feed.publish("shop:count", 3);
    let running = start(config(folder.path(), "data_dir = \"data\"")).await.unwrap();
    let resume = format!("topics=shop:count&after={}", tab.last);
    let mut again = Tab::open(running.public, &resume, "").await;
    feed.publish("shop:count", 4);
    for number in 2..=4 {
        assert_eq!(again.next().await, ("shop:count".into(), json!(number)));
    }
    let mut header = Tab::open(running.public, "topics=shop:count", "last-event-id: shop.l1-3\r\n").await;
    assert_eq!(header.next().await.1, 4);
    // The BFF goes away and comes back, with what has happened meanwhile.
    let address = instance.stop().await;
    feed.publish("shop:count", 5);
    let _back = feed.serve_at(address).await;
    assert_eq!(again.next().await.1, 5);
    assert!(feed.asked().contains(&"l1-4".to_owned()), "{:?}", feed.asked());
}

#[tokio::test]
async fn who_was_away_too_long_is_told_so() {
    let (platform, feed, instance) = shop("").await;
    let public = platform.running.public;
    let mut tab = Tab::open(public, "topics=shop:count,shop:own", "").await;
    tab.until_placed("shop").await;
    feed.publish("shop:count", 1);
    assert_eq!(tab.next().await.1, 1);
    let address = instance.stop().await;
    for number in 2..=9 {
        feed.publish("shop:count", number);
    }
    feed.forget(6);
    let back = feed.serve_at(address).await;
    let reset = (
        "marquetry:reset".to_owned(),
        json!({ "topics": ["shop:count", "shop:own"] }),
    );
    assert_eq!(tab.next().await, reset);
    feed.publish("shop:count", 10);
    while tab.next().await.1 != 10 {}
    // A log that is another one, as of a database that was made anew.
    back.stop().await;
    let other = Feed::new("l2");
    let _back = other.serve_at(address).await;
    assert_eq!(tab.next().await, reset);
    other.publish("shop:count", 11);
    assert_eq!(tab.next().await.1, 11);
    for lost in ["shop.l1-9", "shop.l2-7"] {
        let mut tab = Tab::open(public, &format!("topics=shop:count&after={lost}"), "").await;
        assert_eq!(tab.next().await.0, "marquetry:reset", "{lost}");
    }
}

#[tokio::test]
async fn a_page_hears_what_has_been_since_it_was_made() {
    let (platform, feed, _instance) = shop("").await;
    let public = platform.running.public;
    let mut first = Tab::open(public, "topics=shop:count", "").await;
    feed.publish("shop:count", 1);
    assert_eq!(first.next().await.1, 1);
    let mut page = Tab::open(public, "topics=shop:count&age=60000", "").await;
    assert_eq!(page.next().await.1, 1);
    let fresh = format!("topics=shop:count&after={}&fresh=shop:count&age=60000", page.last);
    let mut grown = Tab::open(public, &fresh, "").await;
    assert_eq!(grown.next().await.1, 1);
    assert!(grown.is_silent().await, "once");
}

#[tokio::test]
async fn an_event_for_some_is_heard_by_them_alone() {
    let (platform, feed, _instance) = shop("").await;
    let public = platform.running.public;
    let topics = "topics=shop:count,shop:own";
    let mut ida = Tab::open(public, topics, "cookie: who=ida; other=x\r\n").await;
    let mut bo = Tab::open(public, topics, "cookie: who=bo\r\n").await;
    ida.until_placed("shop").await;
    bo.until_placed("shop").await;
    feed.publish_to("ida", "shop:own", "\"for Ida\"");
    feed.publish("shop:own", "\"for nobody, as no audience is named\"");
    feed.publish_to("ida", "shop:count", "\"for Ida, though the topic is everybody's\"");
    feed.publish("shop:count", 7);
    assert_eq!(ida.next().await, ("shop:own".into(), json!("for Ida")));
    assert_eq!(ida.next().await.1, json!("for Ida, though the topic is everybody's"));
    assert_eq!(ida.next().await.1, 7);
    assert_eq!(bo.next().await.1, 7);
    for path in ["events", "audiences", "%65vents", "Events", "events/", "/events"] {
        let reply = ask(public, &format!("GET /_m/app/shop@1.0.0/{path}"), &[], "").await;
        assert_ne!(reply.status, 200, "{path}: {reply:?}");
    }
}

/// Has the same instance be another version's.
async fn another(platform: &Platform, instance: &Instance, version: &str) {
    let name = format!("shop@{version}");
    platform.publish(&with_feed("shop", version)).await;
    platform.announce(&name, &instance.origin()).await;
    platform.release(&[&name]).await;
}

#[tokio::test]
async fn a_feed_that_lies_harms_nobody() {
    let (platform, feed, instance) = shop("").await;
    let public = platform.running.public;
    let mut tab = Tab::open(public, "topics=shop:count", "").await;
    tab.until_placed("shop").await;
    feed.publish("shop:count", 1);
    assert_eq!(tab.next().await.1, 1);
    let opening = "event: marquetry:feed\ndata: {\"log\":\"l1\",\"after\":1}\n\n";
    let lies = [
        "<p>no feed</p>".to_owned(),
        format!("data: {}", "x".repeat(100_000)),
        format!("{opening}id: l1-1\nevent: shop:count\ndata: 99\n\n"),
        format!("{opening}id: l9-5\nevent: shop:count\ndata: 99\n\n"),
        format!("{opening}event: shop:count\ndata: 99\n\n"),
        "event: marquetry:feed\ndata: {\"log\":\"L 1\",\"after\":1}\n\n".to_owned(),
        format!("{opening}id: l1-2\nevent: shop:count\ndata: \u{0}\n\n"),
    ];
    for (at, lie) in lies.iter().enumerate() {
        feed.say(Some(lie));
        let asked = feed.asked().len();
        // Another version is asked at once, which spares this test the pause after a lie.
        another(&platform, &instance, &format!("1.0.{}", at + 1)).await;
        until("it is asked", || feed.asked().len() > asked).await;
        assert!(tab.is_silent().await, "{lie}");
    }
    feed.say(None);
    feed.publish("shop:count", 2);
    another(&platform, &instance, "2.0.0").await;
    assert_eq!(tab.next().await.1, 2);
}

#[tokio::test]
async fn places_for_tabs_are_limited_and_given_back() {
    let (platform, _feed, _instance) = shop("limits.tabs = 2\nlimits.requests = 1").await;
    let public = platform.running.public;
    let one = Tab::open(public, "", "").await;
    let _two = Tab::open(public, "", "").await;
    let refused = ask(public, "GET /_m/events", &[], "").await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    let page = ask(public, "GET /shop", &[], "").await;
    assert_eq!(page.status, 200, "tabs that listen take no places of requests");
    drop(one);
    let started = Instant::now();
    while ask(public, "HEAD /_m/events", &[], "").await.status == 503 {
        assert!(started.elapsed() < PATIENCE);
    }
    let foreign = ["sec-fetch-site: cross-site".to_owned()];
    assert_eq!(ask(public, "GET /_m/events", &foreign, "").await.status, 403);
    assert_eq!(ask(public, "POST /_m/events", &[], "").await.status, 405);
}

#[tokio::test]
async fn a_tab_that_reads_nothing_keeps_nobody_waiting() {
    let (platform, feed, _instance) = shop("limits.write_stall_ms = 500").await;
    let public = platform.running.public;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 << 10).unwrap();
    let mut slow = Client::over(socket.connect(public).await.unwrap());
    slow.send("GET /_m/events?topics=shop:count HTTP/1.0\r\nhost: localhost\r\n\r\n")
        .await;
    slow.head().await;
    let mut quick = Tab::open(public, "topics=shop:count", "").await;
    quick.until_placed("shop").await;
    let long = format!("\"{}\"", "x".repeat(15_000));
    for number in 0..240 {
        feed.publish("shop:count", &long);
        if number % 20 == 0 {
            while quick.last != format!("shop.l1-{}", number + 1) {
                assert_eq!(quick.next().await.0, "shop:count");
            }
        }
    }
    let started = Instant::now();
    while !metrics(&platform).await.contains("composer_event_tabs 1") {
        assert!(started.elapsed() < PATIENCE, "it should have been cut");
    }
    // What it left unread was never kept for it.
    let rest = slow.until_closed().await;
    assert!(rest.len() < 3_000_000, "{}", rest.len());
}

async fn metrics(platform: &Platform) -> String {
    let mut admin = Client::connect(platform.running.admin).await;
    admin.send("GET /metrics HTTP/1.0\r\nhost: localhost\r\n\r\n").await;
    admin.until_closed().await
}
