//! Hosts and paths.

use crate::support::composer;

#[tokio::test]
async fn a_request_names_exactly_one_good_host() {
    let composer = composer("hosts = [\"shop.example\"]").await;
    let cases = [
        (400, ""),
        (400, "host:\r\n"),
        (400, "host: shop.example\r\nhost: shop.example\r\n"),
        (400, "host: shop.example, evil.example\r\n"),
        (400, "host: user@shop.example\r\n"),
        (400, "host: shop.example:http\r\n"),
        (421, "host: evil.example\r\n"),
        (200, "host: shop.example\r\n"),
        (200, "host: SHOP.example:8443\r\n"),
    ];
    for (status, host) in cases {
        let reply = composer
            .exchange(&format!("GET /static/hello.txt HTTP/1.1\r\n{host}\r\n"))
            .await;
        assert_eq!(reply.status, status, "{host:?}");
        assert!(reply.header("x-request-id").is_some(), "{host:?}");
    }
}

#[tokio::test]
async fn a_path_has_one_spelling() {
    let composer = composer("").await;
    let cases = [
        (200, "/static/hello.txt"),
        (200, "/static/hell%6F.txt"),
        (200, "/st%61tic/hello.txt"),
        (200, "http://localhost/static/hello.txt"),
        (400, "http://elsewhere/static/hello.txt"),
        (400, "*"),
        (400, "//static/hello.txt"),
        (400, "/static/../static/hello.txt"),
        (400, "/static/%2e%2e/static/hello.txt"),
        (400, "/static%2Fhello.txt"),
        (400, "/static/hello.txt%00"),
        (400, "/static/%c0%afhello.txt"),
        (400, "/static\\hello.txt"),
        (404, "/_m/nothing"),
        (404, "/_m/assets/00/nothing.js"),
    ];
    for (status, target) in cases {
        let reply = composer.get(target).await;
        assert_eq!(reply.status, status, "{target}: {reply:?}");
    }
    let reply = composer.get("/products/?sort=price").await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (308, Some("/products?sort=price"))
    );
}

#[tokio::test]
async fn a_client_cannot_choose_its_request_id() {
    let composer = composer("").await;
    let request = "GET /static/hello.txt HTTP/1.1\r\nhost: a\r\nx-request-id: mine\r\n\r\n";
    let (one, two) = (composer.exchange(request).await, composer.exchange(request).await);
    let ids = [one.header("x-request-id").unwrap(), two.header("x-request-id").unwrap()];
    assert!(ids[0] != ids[1] && !ids.contains(&"mine"), "{ids:?}");
}
