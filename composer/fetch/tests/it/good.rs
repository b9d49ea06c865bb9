//! What a sound BFF sees, and what its page gets.

use std::sync::Arc;

use contract::{Params, Prefix, Role, manifest::Manifest};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use composer_fetch::{Config, PageFetches, Upstream};

use crate::{
    bff::Bff,
    fetching::{MANIFEST, cache, fetch, fetch_by, request, upstream, visit},
};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<b>2</b>\n";

#[tokio::test]
async fn a_fragment_is_handed_on_whole() {
    let bff = Bff::says(OK).await;
    let got = fetch(bff.address).await;
    assert_eq!((got.outcome(), got.body.as_str()), ("fresh", "<b>2</b>\n"));
}

#[tokio::test]
async fn chunks_are_joined_and_trailers_dropped() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n";
    let bff = Bff::says(format!("{head}3\r\nabc\r\n2\r\nde\r\n0\r\nx: y\r\n\r\n")).await;
    let got = fetch(bff.address).await;
    assert_eq!((got.outcome(), got.body.as_str()), ("fresh", "abcde"));
}

#[tokio::test]
async fn a_fragment_sees_what_its_manifest_lists_and_nothing_else() {
    let mut bff = Bff::says(OK).await;
    let mut headers = HeaderMap::new();
    let mut received = |name: header::HeaderName, value: &'static str| {
        headers.append(name, HeaderValue::from_static(value));
    };
    received(header::COOKIE, "session=secret; cart=7");
    received(header::AUTHORIZATION, "Bearer x");
    received(header::ACCEPT_LANGUAGE, "de");
    received(header::USER_AGENT, "browser");
    received(header::REFERER, "https://shop.example/");
    received(header::HeaderName::from_static("x-forwarded-for"), "6.6.6.6");
    received(header::HeaderName::from_static("marquetry-base"), "/evil");
    let mut page = PageFetches::new(visit(headers), cache());
    let mut wanted = request(&upstream(bff.address));
    wanted.params = Params::parse("sku=AU 02");
    page.start((), wanted);
    while page.next().await.is_some() {}
    let seen = bff.request().await;
    let mut lines: Vec<&str> = seen.trim_end().lines().collect();
    let request_line = lines.remove(0);
    lines.sort_unstable();
    let trace = lines.iter().position(|line| line.starts_with("traceparent: "));
    let trace = lines.remove(trace.unwrap());
    assert!(
        trace.starts_with("traceparent: 00-0af7651916cd43dd8448eb211c80319c-"),
        "{trace}"
    );
    assert_eq!(request_line, "GET /fragments/mini-cart?sku=AU+02 HTTP/1.1");
    let host = format!("host: {}", bff.address);
    let mut expected = vec![
        "accept-language: de",
        "accept: text/html",
        "authorization: Bearer x",
        "cookie: cart=7",
        "marquetry-base: /_m/app/checkout@1.0.0",
        "marquetry-deadline-ms: 20000",
        "marquetry-slot: checkout/mini-cart",
        "x-forwarded-host: shop.example",
        "x-forwarded-proto: https",
        "x-request-id: abc",
        &host,
    ];
    expected.sort_unstable();
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_fragment_may_see_less_than_its_app_and_the_browsers_address() {
    let upstream = |origin, keys: &str| {
        let manifest = format!("{MANIFEST}{keys}\n");
        let manifest = Manifest::parse("marquetry.toml", &manifest).unwrap();
        let origins = [format!("http://{origin}")];
        Arc::new(Upstream::new(&manifest, &Prefix::default(), &origins, &Config::default()).unwrap())
    };
    for (keys, expected) in [
        ("cookies = []\nheaders = []", vec![]),
        (
            "cookies = [\"cart\"]\nheaders = [\"x-forwarded-for\"]",
            vec!["cookie: cart=7", "x-forwarded-for: 127.0.0.1"],
        ),
        (
            "headers = [\"accept-language\"]",
            vec!["accept-language: de", "cookie: cart=7"],
        ),
    ] {
        let mut bff = Bff::says(OK).await;
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("cart=7; session=secret"));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("de"));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        let mut page = PageFetches::new(visit(headers), cache());
        page.start((), request(&upstream(bff.address, keys)));
        while page.next().await.is_some() {}
        let seen = bff.request().await;
        let tells = ["cookie", "accept-language", "authorization", "x-forwarded-for"];
        let mut told: Vec<&str> = seen
            .lines()
            .filter(|line| tells.iter().any(|name| line.starts_with(&format!("{name}:"))))
            .collect();
        told.sort_unstable();
        assert_eq!(told, expected, "{keys}");
    }
}

#[tokio::test]
async fn only_a_primary_fragment_may_redirect_or_answer_4xx() {
    let redirect = "HTTP/1.1 303 See Other\r\nlocation: /checkout/cart\r\ncontent-length: 0\r\n\r\n";
    let missing = "HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 4\r\n\r\nnone";
    for (answer, status) in [(redirect, StatusCode::SEE_OTHER), (missing, StatusCode::NOT_FOUND)] {
        let bff = Bff::says(answer).await;
        let mut primary = request(&upstream(bff.address));
        primary.role = Role::Primary;
        let got = fetch_by(primary).await;
        assert_eq!((got.outcome(), got.status), ("fresh", Some(status)));
        let got = fetch(bff.address).await;
        assert_eq!((got.outcome(), got.status), ("status", None));
    }
}
