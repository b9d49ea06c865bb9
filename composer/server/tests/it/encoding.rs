//! Pages that nobody may encode, as their length would tell what is in them.

use crate::{site::Site, support::Reply};

const PAGE: &str = "/product/7";
const LONG: &str = "<p>the same again and again and again and again and again and again and again</p>";

async fn ask(site: &Site, path: &str, more: &str) -> Reply {
    site.ask(&format!("GET {path} HTTP/1.1\r\naccept-encoding: gzip\r\n{more}"), "")
        .await
}

fn is_left_alone(reply: &Reply) {
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-encoding"), None, "{reply:?}");
    assert!(reply.body.contains(LONG), "{reply:?}");
    let control = reply.header("cache-control").unwrap();
    assert!(control.ends_with(", no-transform"), "{control}");
    assert!(!reply.head.contains("vary: accept-encoding"), "{reply:?}");
}

#[tokio::test]
async fn a_page_is_not_compressed_when_its_manifest_says_so() {
    let site = Site::start().await;
    site.html("/fragments/secret", LONG);
    is_left_alone(&ask(&site, "/secret", "").await);
    is_left_alone(&ask(&site, "/_m/fragment/shop/secret", "").await);
    let others = ask(&site, "/_m/fragment/shop/hint", "").await;
    assert_eq!(others.header("content-encoding"), Some("gzip"), "{}", others.head);
    let kept = "200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60";
    site.reply("/fragments/secret", kept, LONG);
    for _ in 0..3 {
        is_left_alone(&ask(&site, "/secret", "").await);
    }
}

#[tokio::test]
async fn what_a_page_s_own_fragment_forbids_nobody_does() {
    let site = Site::start().await;
    let kept = "200 OK\r\ncontent-type: text/html\r\ncache-control: max-age=60";
    site.reply("/fragments/price", kept, "<b>12</b>");
    for control in ["no-transform", "No-Transform, max-age=60"] {
        let head = format!("200 OK\r\ncontent-type: text/html\r\ncache-control: {control}");
        site.reply("/fragments/product", &head, LONG);
        for _ in 0..3 {
            is_left_alone(&ask(&site, PAGE, "").await);
        }
        is_left_alone(&ask(&site, "/_m/fragment/shop/product?id=7", "").await);
    }
    let page = ask(&site, PAGE, "").await;
    let control = page.header("cache-control").unwrap();
    assert!(control.starts_with("private, max-age="), "{control}");
    let known = format!("if-none-match: {}\r\n", page.header("etag").unwrap());
    let same = ask(&site, PAGE, &known).await;
    assert_eq!(same.status, 304);
    assert!(
        same.header("cache-control").unwrap().ends_with(", no-transform"),
        "{same:?}"
    );
}

#[tokio::test]
async fn what_another_fragment_forbids_is_not_the_page_s() {
    let site = Site::start().await;
    let head = "200 OK\r\ncontent-type: text/html\r\ncache-control: no-transform";
    site.reply("/fragments/price", head, LONG);
    let page = site
        .ask(&format!("HEAD {PAGE} HTTP/1.1\r\naccept-encoding: gzip\r\n"), "")
        .await;
    assert_eq!(page.header("content-encoding"), Some("gzip"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
}
