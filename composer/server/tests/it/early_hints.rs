//! `103 Early Hints`: told while a page is waited for, and never where they could be taken for something else.

use std::time::Duration;

use bytes::Bytes;
use h2::client;
use http::{Request, StatusCode};
use tokio::{net::TcpStream, time::timeout};

use crate::{
    site::Site,
    support::{PATIENCE, Reply},
};

const PATH: &str = "/product/7";
const NAVIGATION: &str = "sec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n";

async fn http2(site: &Site) -> client::SendRequest<Bytes> {
    let stream = TcpStream::connect(site.composer.running.public).await.unwrap();
    let (sender, connection) = client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn navigation(path: &str) -> Request<()> {
    let request = Request::get(format!("http://localhost{path}"));
    let request = request
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    request.body(()).unwrap()
}

/// What is said before the response, and its status.
async fn hints(sender: &client::SendRequest<Bytes>, request: Request<()>) -> (Vec<String>, StatusCode) {
    let mut sender = sender.clone().ready().await.unwrap();
    let (mut response, _) = sender.send_request(request, true).unwrap();
    let mut links = Vec::new();
    loop {
        // Whatever comes first: in the order of the stream, what is informational stands before the response.
        let next = std::future::poll_fn(|cx| response.poll_informational(cx));
        match timeout(PATIENCE, next).await.unwrap() {
            Some(early) => {
                let early = early.unwrap();
                assert_eq!(early.status(), 103);
                assert_eq!(early.headers().len(), 1, "{early:?}");
                links.push(early.headers()["link"].to_str().unwrap().to_owned());
            }
            None => return (links, response.await.unwrap().status()),
        }
    }
}

fn is_style(links: &str) -> bool {
    links.starts_with("</_m/assets/") && links.ends_with("/shop.css>; rel=preload; as=style")
}

#[tokio::test]
async fn files_are_named_before_any_bff_answers() {
    let site = Site::start().await;
    site.answer("/fragments/product", "");
    let sender = http2(&site).await;
    let (links, status) = hints(&sender, navigation(PATH)).await;
    assert!(links.len() == 1 && is_style(&links[0]), "{links:?}");
    assert_eq!(status, StatusCode::GATEWAY_TIMEOUT);
    site.html("/fragments/product", crate::site::PRODUCT);
    let (links, status) = hints(&sender, navigation(PATH)).await;
    assert!(links.len() == 1 && is_style(&links[0]), "{links:?}");
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_browser_that_opens_a_page_is_told() {
    let site = Site::start().await;
    let sender = http2(&site).await;
    let without = |name: &str| {
        let mut request = navigation(PATH);
        request.headers_mut().remove(name);
        request
    };
    let mut head = navigation(PATH);
    *head.method_mut() = http::Method::HEAD;
    let mut frame = navigation(PATH);
    frame.headers_mut().insert("sec-fetch-dest", "iframe".parse().unwrap());
    for request in [
        without("sec-fetch-mode"),
        without("sec-fetch-dest"),
        head,
        frame,
        navigation("/static/hello.txt"),
        navigation("/no/such/page"),
        navigation("/_m/fragment/shop/price?id=7"),
    ] {
        let asked = format!("{request:?}");
        assert!(hints(&sender, request).await.0.is_empty(), "{asked}");
    }
    let off = Site::start_with("pages.early_hints = \"off\"").await;
    assert!(hints(&http2(&off).await, navigation(PATH)).await.0.is_empty());
    let mut client = site.composer.client().await;
    client.send(&get(PATH, NAVIGATION)).await;
    assert_eq!(
        client.head().await.status,
        200,
        "HTTP/1.1 carries none unless it is told to"
    );
}

fn get(path: &str, lines: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{lines}\r\n")
}

async fn told_over_http1() -> Site {
    Site::start_with("pages.early_hints = \"all\"").await
}

#[tokio::test]
async fn http1_carries_hints_where_it_is_told_to() {
    let site = told_over_http1().await;
    let mut client = site.composer.client().await;
    for _ in 0..3 {
        site.answer("/fragments/product", "");
        client.send(&get(PATH, NAVIGATION)).await;
        let early = client.head().await;
        assert_eq!(early.status, 103);
        assert!(early.header("link").is_some_and(is_style), "{early:?}");
        assert_eq!(early.head.lines().count(), 3, "{early:?}");
        assert_eq!(client.reply().await.status, 504);
    }
}

#[tokio::test]
async fn http1_carries_none_where_they_could_be_taken_for_a_response() {
    let site = told_over_http1().await;
    let first_line = async |request: String| {
        let mut client = site.composer.client().await;
        client.send(&request).await;
        client.head().await.status
    };
    site.answer("/fragments/product", "");
    let plain = get(PATH, NAVIGATION);
    assert_eq!(first_line(plain.clone()).await, 103);
    assert_eq!(first_line(plain.replace("HTTP/1.1", "HTTP/1.0")).await, 504);
    assert_eq!(
        first_line(get(PATH, "user-agent: curl/7.88.1\r\naccept: */*\r\n")).await,
        504
    );
    assert_eq!(first_line(plain.repeat(2)).await, 504);
    assert_eq!(first_line(format!("{plain}GET /static")).await, 504);
    assert_eq!(first_line(format!("{plain}\r\n")).await, 504);
}

/// One response after another, as a client reads them that knows what it asked for.
fn responses(mut bytes: &[u8], methods: &[&str]) -> Vec<(usize, Reply)> {
    let mut all = Vec::new();
    for method in methods {
        let mut early = 0;
        let reply = loop {
            let end = bytes
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
                .expect("a head ends");
            let head = String::from_utf8(bytes[..end + 2].to_vec()).expect("a head is text");
            bytes = &bytes[end + 4..];
            assert!(head.starts_with("HTTP/1.1 "), "not a head: {head:?}");
            let status = head[9..12].parse().unwrap();
            if status != 103 {
                break Reply {
                    status,
                    head,
                    body: String::new(),
                };
            }
            early += 1;
        };
        let mut body = Vec::new();
        if *method != "HEAD" && reply.header("transfer-encoding") == Some("chunked") {
            loop {
                let end = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
                let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
                body.extend_from_slice(&bytes[end + 2..end + 2 + length]);
                assert_eq!(&bytes[end + 2 + length..end + 4 + length], b"\r\n");
                bytes = &bytes[end + 4 + length..];
                if length == 0 {
                    break;
                }
            }
        } else if *method != "HEAD" && reply.status != 304 {
            let length: usize = reply.header("content-length").unwrap().parse().unwrap();
            body = bytes[..length].to_vec();
            bytes = &bytes[length..];
        }
        let body = String::from_utf8(body).unwrap();
        all.push((early, Reply { body, ..reply }));
    }
    assert_eq!(bytes, b"", "something is left over");
    all
}

#[tokio::test]
async fn responses_stay_what_they_are_however_requests_are_cut_and_piled_up() {
    let site = told_over_http1().await;
    std::fs::write(site.composer.folder.path().join("static/hello.txt"), "hello").unwrap();
    let kinds = [
        ("GET", get(PATH, NAVIGATION), "Product"),
        ("GET", get(PATH, "accept: */*\r\n"), "Product"),
        ("HEAD", get(PATH, NAVIGATION).replacen("GET", "HEAD", 1), ""),
        ("GET", get("/static/hello.txt", ""), "hello"),
        (
            "POST",
            "POST /_m/report HTTP/1.1\r\nhost: localhost\r\ncontent-length: 8\r\n\r\n\r\n\r\n{\"a\"".into(),
            "",
        ),
    ];
    let mut hinted = 0;
    for seed in 0..150 {
        let mut random = fastrand::Rng::with_seed(seed);
        let asked: Vec<_> = (0..random.usize(1..5))
            .map(|_| random.choice(&kinds).unwrap())
            .collect();
        let mut bytes: String = asked.iter().map(|(_, request, _)| request.as_str()).collect();
        bytes.push_str(&get("/static/hello.txt", "connection: close\r\n"));
        let mut client = site.composer.client().await;
        let mut rest = bytes.as_str();
        while !rest.is_empty() {
            let at = match random.u8(0..3) {
                0 => random.usize(1..=rest.len()),
                1 => rest.find("\r\n\r\n").map_or(rest.len(), |end| end + 4),
                _ => rest.len(),
            };
            client.send(&rest[..at]).await;
            rest = &rest[at..];
            if random.bool() {
                tokio::time::sleep(Duration::from_millis(random.u64(0..4))).await;
            }
        }
        let said = client.until_closed().await;
        let methods: Vec<&str> = asked.iter().map(|(method, ..)| *method).chain(["GET"]).collect();
        let replies = responses(said.as_bytes(), &methods);
        for ((early, reply), (method, request, content)) in replies.iter().zip(&asked) {
            assert!(reply.body.contains(content), "seed {seed}: {reply:?}");
            assert!(
                *early <= usize::from(request.contains("navigate") && *method == "GET"),
                "seed {seed}"
            );
            hinted += early;
        }
        assert_eq!(replies.last().unwrap().1.body, "hello", "seed {seed}");
    }
    assert!(hinted > 0, "none was ever hinted");
}
