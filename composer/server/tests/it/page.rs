//! Pages and single fragments, as a browser gets them.

use crate::site::{PRODUCT, Site};

const PATH: &str = "/product/7?sku=A&other=1";

#[tokio::test]
async fn a_page_is_its_fragments_in_its_layout() {
    let site = Site::start().await;
    let reply = site.get(PATH).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.contains("<title>Product</title>"), "{}", reply.body);
    assert!(
        reply.body.contains("<b>12</b>") && reply.body.contains("<i>hint</i>"),
        "{}",
        reply.body
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(
        policy.contains("script-src 'nonce-") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    let asked = site.requests("/fragments/product");
    assert!(
        asked[0].starts_with("GET /fragments/product?id=7&sku=A HTTP/1.1\r\n"),
        "{asked:?}"
    );
    assert_eq!(
        site.requests("/fragments/price").len(),
        1,
        "the eager slot is the one in the page"
    );
}

#[tokio::test]
async fn head_has_the_head_only() {
    let site = Site::start().await;
    let reply = site.ask(&format!("HEAD {PATH} HTTP/1.1\r\n"), "").await;
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn pages_are_read_only() {
    let site = Site::start().await;
    let reply = site
        .ask(&format!("POST {PATH} HTTP/1.1\r\ncontent-length: 0\r\n"), "")
        .await;
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD")));
    assert!(reply.body.contains("<h1>"), "{}", reply.body);
}

#[tokio::test]
async fn the_page_s_own_fragment_decides_status_and_cookies() {
    let site = Site::start().await;
    let head = "404 Not Found\r\ncontent-type: text/html\r\nset-cookie: cart=7; Domain=x.example; Path=/\r\n\
                set-cookie: session=1\r\nx-inner: 1\r\ncache-control: public, max-age=60";
    site.reply("/fragments/product", head, "<h1>No such product</h1>");
    let reply = site.get(PATH).await;
    assert_eq!(reply.status, 404);
    assert!(
        reply.body.contains("<main>") && reply.body.contains("No such product"),
        "{}",
        reply.body
    );
    assert_eq!(reply.header("set-cookie"), Some("cart=7; Path=/"));
    assert!(
        !reply.head.contains("session") && !reply.head.contains("x-inner"),
        "{}",
        reply.head
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    site.html("/fragments/product", PRODUCT);
    let only_primary = "200 OK\r\ncontent-type: text/html\r\nset-cookie: cart=8";
    site.reply("/fragments/price", only_primary, "<b>12</b>");
    assert_eq!(site.get(PATH).await.header("set-cookie"), None);
}

#[tokio::test]
async fn a_page_redirects_within_its_site_only() {
    let site = Site::start().await;
    for (location, status, sent) in [
        ("/product/8?x=1", 303, Some("/product/8?x=1")),
        ("http://localhost/product/8", 303, Some("/product/8")),
        ("https://evil.example/", 502, None),
        ("//evil.example/", 502, None),
    ] {
        let head = format!("303 See Other\r\nset-cookie: cart=9\r\nlocation: {location}");
        site.reply("/fragments/product", &head, "");
        let reply = site.get(PATH).await;
        assert_eq!((reply.status, reply.header("location")), (status, sent), "{location}");
        assert_eq!(reply.header("set-cookie").is_some(), sent.is_some(), "{location}");
    }
    site.reply("/fragments/product", "304 Not Modified", "");
    assert_eq!(site.get(PATH).await.status, 502);
}

#[tokio::test]
async fn a_failure_of_the_page_s_own_fragment_is_the_page_s() {
    let site = Site::start().await;
    for (answer, status) in [
        (
            "HTTP/1.1 500 No\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\nsecret",
            502,
        ),
        ("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", 503),
        (
            "HTTP/1.1 404 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
            404,
        ),
        ("SSH-2.0-x\r\n\r\n", 502),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n",
            504,
        ),
        ("", 504),
    ] {
        site.answer("/fragments/product", answer);
        let reply = site.get(PATH).await;
        assert_eq!(reply.status, status, "{answer}");
        let id = reply.header("x-request-id").unwrap();
        assert!(
            reply.body.contains(id) && !reply.body.contains("secret"),
            "{}",
            reply.body
        );
    }
}

#[tokio::test]
async fn an_essential_fragment_fails_the_page_and_an_optional_one_its_slot() {
    let site = Site::start().await;
    site.reply("/fragments/hint", "500 No", "");
    let reply = site.get(PATH).await;
    assert_eq!(reply.status, 200);
    assert!(
        reply.body.contains("no hint") && reply.body.contains("<b>12</b>"),
        "{}",
        reply.body
    );
    site.reply("/fragments/price", "500 No", "");
    assert_eq!(site.get(PATH).await.status, 502);
    for refused in [
        "404 No\r\ncontent-type: text/html",
        "401 No",
        "410 No",
        "303 See Other\r\nlocation: /",
    ] {
        site.reply("/fragments/price", refused, "<p>not yours");
        let reply = site.get(PATH).await;
        assert_eq!((reply.status, reply.header("location")), (502, None), "{refused}");
        assert!(!reply.body.contains("not yours"), "{}", reply.body);
    }
    site.answer("/fragments/price", "");
    assert_eq!(site.get(PATH).await.status, 504);
}

#[tokio::test]
async fn an_optional_fragment_that_hangs_gives_way_to_its_fallback() {
    let site = Site::start().await;
    for hangs in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n",
    ] {
        site.answer("/fragments/hint", hangs);
        let reply = site.get(PATH).await;
        assert_eq!(reply.status, 200);
        assert!(reply.body.contains("no hint"), "{}", reply.body);
        assert!(reply.body.contains("</html>"), "{}", reply.body);
    }
}

#[tokio::test]
async fn one_fragment_comes_composed_in_its_slot() {
    let site = Site::start().await;
    let reply = site.get("/_m/fragment/shop/price?id=7&x=1").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(
        reply.body.contains("<fragment-slot src=\"shop/price?id=7"),
        "{}",
        reply.body
    );
    assert!(
        reply.body.contains("<b>12</b>") && reply.body.contains("</fragment-slot>"),
        "{}",
        reply.body
    );
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let asked = site.requests("/fragments/price");
    assert!(
        asked[0].starts_with("GET /fragments/price?id=7 HTTP/1.1\r\n"),
        "{asked:?}"
    );
    assert!(asked[0].contains("marquetry-slot: shop/price\r\n"), "{asked:?}");
}

#[tokio::test]
async fn one_fragment_that_fails_is_a_problem() {
    let site = Site::start().await;
    let check = async |path: &str, status: u16| {
        let reply = site.get(path).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{path}");
        assert!(!reply.body.contains('<'), "{}", reply.body);
    };
    check("/_m/fragment/shop/nothing", 404).await;
    check("/_m/fragment/shop", 404).await;
    check("/_m/fragment/shop/price/more", 404).await;
    site.answer("/fragments/hint", "");
    check("/_m/fragment/shop/hint", 504).await;
    site.reply("/fragments/hint", "303 See Other\r\nlocation: /", "");
    check("/_m/fragment/shop/hint", 502).await;
    site.reply("/fragments/hint", "500 No", "");
    check("/_m/fragment/shop/hint", 502).await;
}
