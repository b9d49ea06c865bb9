//! `Server-Timing`: what each fragment of a page took.

use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::site::Site;

const PATH: &str = "/product/7";

/// Names and what they are said to be, in their order; the times are numbers.
fn entries(text: &str) -> Vec<(&str, &str)> {
    text.split(", ")
        .map(|entry| {
            let (name, rest) = entry.split_once(';').unwrap();
            let mut description = "";
            for part in rest.split(';') {
                match part.split_once('=').unwrap() {
                    ("dur", time) => assert!(time.parse::<f64>().unwrap() >= 0.0, "{text}"),
                    ("desc", said) => description = said,
                    _ => panic!("{text}"),
                }
            }
            (name, description)
        })
        .collect()
}

#[tokio::test]
async fn a_page_says_what_its_fragments_took() {
    let site = Site::start().await;
    let reply = site.get(PATH).await;
    let mut told = entries(reply.header("server-timing").unwrap());
    assert_eq!(told.remove(0), ("total", ""));
    assert_eq!(told[0], ("shop-product", "fresh"));
    assert!(told.contains(&("shop-price", "fresh")), "{told:?}");
    let off = Site::start_with("pages.server_timing = false").await;
    assert_eq!(off.get(PATH).await.header("server-timing"), None);
}

#[tokio::test]
async fn what_is_late_is_said_at_the_end_to_whoever_reads_that() {
    let site = Site::start().await;
    site.answer("/fragments/hint", "");
    let reply = site.ask(&format!("GET {PATH} HTTP/1.1\r\nte: trailers\r\n"), "").await;
    let told = entries(reply.header("server-timing").unwrap());
    assert!(told.contains(&("shop-hint", "pending")), "{told:?}");
    let (_, trailer) = reply.body.rsplit_once("\r\n0\r\nserver-timing: ").unwrap();
    assert_eq!(entries(trailer.trim_end()), [("shop-hint", "fallback")]);
    let reply = site.ask(&format!("GET {PATH} HTTP/1.1\r\n"), "").await;
    assert!(reply.body.ends_with("\r\n0\r\n\r\n") && reply.header("trailer").is_none());
}

#[tokio::test]
async fn http2_has_it_at_the_end_too() {
    let site = Site::start().await;
    site.answer("/fragments/hint", "");
    let stream = TcpStream::connect(site.composer.running.public).await.unwrap();
    let stream = TokioIo::new(stream);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get(format!("http://localhost{PATH}")).header("te", "trailers");
    let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
    let body = sender
        .send_request(request)
        .await
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap();
    let trailers = body.trailers().unwrap();
    assert_eq!(
        entries(trailers["server-timing"].to_str().unwrap()),
        [("shop-hint", "fallback")]
    );
}
