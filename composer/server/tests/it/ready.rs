//! Pages whose every part is cached: shown again without a word to a BFF, and to whom they may be.

use crate::{site::Site, support::Reply};

const PATH: &str = "/product/7";
const KEPT: &str = "200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60, s-maxage=600";

async fn site() -> Site {
    let site = Site::start().await;
    site.reply("/fragments/product", KEPT, crate::site::PRODUCT);
    site.reply("/fragments/price", KEPT, "<b>12</b>");
    site.reply("/fragments/hint", KEPT, "<i>hint</i>");
    site
}

fn nonce(reply: &Reply) -> &str {
    let policy = reply.header("content-security-policy").unwrap();
    let from = policy.split("'nonce-").nth(1).unwrap();
    from.split('\'').next().unwrap()
}

#[tokio::test]
async fn a_page_of_cached_parts_is_sent_whole_with_a_nonce_of_its_own() {
    let site = site().await;
    let first = site.get(PATH).await;
    assert_eq!(
        first.header("cache-control"),
        Some("no-store"),
        "its parts came while it was sent"
    );
    let (second, third) = (site.get(PATH).await, site.get(PATH).await);
    for reply in [&second, &third] {
        let age = reply.header("cache-control").unwrap();
        assert!(
            age.starts_with("private, max-age=5") || age == "private, max-age=60",
            "{age}"
        );
        assert_eq!(
            reply.header("content-length"),
            Some(reply.body.len().to_string().as_str())
        );
        assert!(
            reply.body.contains("<b>12</b>") && reply.body.contains("<i>hint</i>"),
            "{reply:?}"
        );
        assert!(
            reply.header("vary").is_some_and(|vary| vary.contains("cookie")),
            "{reply:?}"
        );
    }
    assert_ne!(nonce(&second), nonce(&third));
    assert_ne!(second.header("x-request-id"), third.header("x-request-id"));
    assert_eq!(second.header("etag"), third.header("etag"));
    assert_eq!(site.requests("/fragments").len(), 3, "each was asked for once");
}

#[tokio::test]
async fn a_browser_that_has_the_page_keeps_its_policy() {
    let site = site().await;
    site.get(PATH).await;
    let page = site.get(PATH).await;
    let tag = page.header("etag").unwrap();
    let again = site
        .ask(&format!("GET {PATH} HTTP/1.1\r\nif-none-match: \"x\", {tag}\r\n"), "")
        .await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(tag));
    assert_eq!(
        again.header("content-security-policy"),
        None,
        "the page that it has is of another nonce"
    );
    let other = site
        .ask(&format!("GET {PATH} HTTP/1.1\r\nif-none-match: \"x\"\r\n"), "")
        .await;
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn whoever_a_fragment_could_tell_apart_gets_a_page_of_his_own() {
    let site = site().await;
    let ask = async |more: &str| site.ask(&format!("GET {PATH} HTTP/1.1\r\n{more}"), "").await;
    for _ in 0..2 {
        ask("cookie: cart=1\r\n").await;
    }
    let before = site.requests("/fragments").len();
    ask("cookie: cart=1; other=2\r\n").await;
    assert_eq!(
        site.requests("/fragments").len(),
        before,
        "a cookie that no fragment sees"
    );
    for (at, more) in ["cookie: cart=2\r\n", "accept-language: de\r\n", ""].iter().enumerate() {
        ask(more).await;
        assert_eq!(site.requests("/fragments").len(), before + 3 * (at + 1), "{more}");
    }
}

#[tokio::test]
async fn one_part_that_browsers_may_not_keep_keeps_them_from_the_page() {
    let site = site().await;
    let private = "200 OK\r\ncontent-type: text/html\r\ncache-control: no-store\r\ncdn-cache-control: max-age=600";
    site.reply("/fragments/hint", private, "<i>hint</i>");
    site.get(PATH).await;
    let reply = site.get(PATH).await;
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    site.reply("/fragments/hint", "200 OK\r\ncontent-type: text/html", "<i>new</i>");
    assert_eq!(
        site.get(PATH).await.header("content-length"),
        reply.header("content-length")
    );
}

#[tokio::test]
async fn a_page_with_a_part_that_is_not_kept_is_put_together_each_time() {
    let site = site().await;
    site.html("/fragments/hint", "<i>one</i>");
    site.get(PATH).await;
    site.html("/fragments/hint", "<i>two</i>");
    let reply = site.get(PATH).await;
    assert!(reply.body.contains("<i>two</i>"), "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("etag"), None);
}

#[tokio::test]
async fn no_browser_keeps_a_page_longer_than_its_lock_is_good_for() {
    let site = site().await;
    let year = "200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=31536000";
    for path in ["/fragments/product", "/fragments/price", "/fragments/hint"] {
        let body = if path == "/fragments/product" {
            crate::site::PRODUCT
        } else {
            "<b>x</b>"
        };
        site.reply(path, year, body);
    }
    site.get(PATH).await;
    assert_eq!(
        site.get(PATH).await.header("cache-control"),
        Some("private, max-age=3600")
    );
}

#[tokio::test]
async fn a_page_says_what_is_left_and_no_age() {
    let site = site().await;
    let old = "200 OK\r\ncontent-type: text/html\r\nage: 50\r\ncache-control: max-age=60";
    site.reply("/fragments/hint", old, "<i>hint</i>");
    site.get(PATH).await;
    let page = site.get(PATH).await;
    let control = page.header("cache-control").unwrap();
    let left = control.strip_prefix("private, max-age=").unwrap();
    assert!(left.parse::<u64>().unwrap() <= 10, "{control}");
    assert_eq!(page.header("age"), None, "it would be taken off once more");
    let alone = site.get("/_m/fragment/shop/hint").await;
    assert_eq!(
        (alone.header("cache-control"), alone.header("age")),
        (Some("no-store"), None)
    );
}

#[tokio::test]
async fn a_page_that_a_browser_keeps_is_for_the_versions_that_it_asked_for() {
    let site = site().await;
    site.get(PATH).await;
    let reply = site.get(PATH).await;
    assert!(reply.head.contains("vary: marquetry-composition\r\n"), "{reply:?}");
}

#[tokio::test]
async fn a_head_and_a_304_say_what_the_page_would() {
    let site = site().await;
    let ask = async |method: &str, more: &str| {
        let head = format!("{method} {PATH} HTTP/1.1\r\naccept-encoding: gzip\r\n{more}");
        site.ask(&head, "").await
    };
    for round in ["composed", "ready", "ready again"] {
        let (head, page) = (ask("HEAD", "").await, site.get(PATH).await);
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{round}: {head:?}");
        assert_eq!(head.header("content-encoding"), Some("gzip"), "{round}");
        assert!(head.head.contains("vary: accept-encoding\r\n") && page.head.contains("vary: accept-encoding\r\n"));
        assert_eq!(page.header("content-encoding"), None, "{round}");
        assert_ne!(head.header("content-length"), Some("0"), "{round}: {head:?}");
    }
    let tag = ask("HEAD", "").await.header("etag").unwrap().to_owned();
    for method in ["GET", "HEAD"] {
        let same = ask(method, &format!("if-none-match: {tag}\r\n")).await;
        assert_eq!((same.status, same.body.as_str()), (304, ""));
        assert!(same.head.contains("vary: accept-encoding\r\n"), "{same:?}");
        assert_eq!(same.header("content-encoding"), None, "{same:?}");
        assert_eq!(same.header("content-security-policy"), None, "{same:?}");
    }
}
