//! Connections over memory, with handlers that do what no page does.

mod broken;
mod refused;
mod slow;

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use axum::response::IntoResponse;
use bytes::Bytes;
use h2::{Reason, SendStream, client};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::{Notify, Semaphore},
    time::Instant,
};

use super::*;

const PEER: Peer = Peer {
    address: SocketAddr::V4(std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 1)),
    tls: false,
};

/// What a client of h2's may be sent unread.
const WINDOW: usize = 65_535;

fn limits() -> Limits {
    Limits {
        head: Duration::from_secs(10),
        idle: Duration::from_secs(60),
        write_stall: Duration::from_secs(20),
        ..Limits::default()
    }
}

/// Serves one connection; what the client holds of it.
fn connect(handler: Handler, limits: Limits, drain: Drain) -> DuplexStream {
    let (client, server) = duplex(64 << 10);
    tokio::spawn(async move {
        let door = Door::new("test", handler, limits, drain);
        let places = Arc::new(Semaphore::new(1));
        let place = places.acquire_owned().await.unwrap();
        serve(&door, server, PEER, place).await;
    });
    client
}

async fn http2(handler: Handler) -> client::SendRequest<Bytes> {
    http2_within(handler, limits()).await
}

async fn http2_within(handler: Handler, limits: Limits) -> client::SendRequest<Bytes> {
    let stream = connect(handler, limits, Drain::default());
    let (sender, connection) = client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> http::Request<()> {
    http::Request::get(format!("http://localhost{path}")).body(()).unwrap()
}

fn post() -> http::Request<()> {
    http::Request::post("http://localhost/").body(()).unwrap()
}

async fn ask(
    sender: &client::SendRequest<Bytes>,
    request: http::Request<()>,
) -> Result<(http::response::Parts, Bytes, Option<HeaderMap>), h2::Error> {
    let mut sender = sender.clone().ready().await?;
    let (response, _) = sender.send_request(request, true)?;
    read(response).await
}

async fn read(
    response: client::ResponseFuture,
) -> Result<(http::response::Parts, Bytes, Option<HeaderMap>), h2::Error> {
    let (parts, mut body) = response.await?.into_parts();
    let mut whole = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        whole.extend_from_slice(&data);
    }
    Ok((parts, whole.into(), body.trailers().await?))
}

/// Sends as fast as the other side takes it.
async fn send(stream: &mut SendStream<Bytes>, mut left: usize) {
    while left > 0 {
        stream.reserve_capacity(left);
        let room = match stream.capacity() {
            0 => std::future::poll_fn(|cx| stream.poll_capacity(cx))
                .await
                .unwrap()
                .unwrap(),
            room => room,
        };
        let part = room.min(left).min(16 << 10);
        left -= part;
        stream.send_data(vec![b'u'; part].into(), left == 0).unwrap();
    }
}

fn text(body: &'static str) -> Response {
    Response::new(Body::from(body))
}

#[tokio::test]
async fn bodies_of_any_length_go_both_ways_at_once() {
    const BYTES: usize = 5 << 20;
    let sender = http2(Handler::new(async |request: Request| {
        let body = request.into_body().into_data_stream();
        Response::new(Body::from_stream(body))
    }))
    .await;
    let mut streams = Vec::new();
    for _ in 0..3 {
        let (response, mut upload) = sender
            .clone()
            .ready()
            .await
            .unwrap()
            .send_request(post(), false)
            .unwrap();
        let upload = tokio::spawn(async move { send(&mut upload, BYTES).await });
        streams.push((upload, tokio::spawn(read(response))));
    }
    for (upload, reply) in streams {
        let (head, body, _) = reply.await.unwrap().unwrap();
        assert_eq!((head.status, body.len()), (StatusCode::OK, BYTES));
        upload.await.unwrap();
    }
}

#[tokio::test]
async fn trailers_go_both_ways_and_a_connection_s_own_fields_none() {
    let sender = http2(Handler::new(async |request: Request| {
        let body = request.into_body().collect().await.unwrap();
        let mut trailers = body.trailers().unwrap().clone();
        trailers.insert("te", HeaderValue::from_static("trailers"));
        let frames = [Frame::data(Bytes::from_static(b"x")), Frame::trailers(trailers)];
        let frames = futures_util::stream::iter(frames.map(Ok::<_, Infallible>));
        let mut response = Response::new(Body::new(StreamBody::new(frames)));
        for (name, value) in [
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
        ] {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }))
    .await;
    let mut asked = sender.clone().ready().await.unwrap();
    let (response, mut upload) = asked.send_request(post(), false).unwrap();
    let trailers = HeaderMap::from_iter([(http::header::ETAG, HeaderValue::from_static("\"1\""))]);
    upload.send_trailers(trailers.clone()).unwrap();
    let (head, body, got) = read(response).await.unwrap();
    assert_eq!((body.as_ref(), got), (&b"x"[..], Some(trailers)));
    assert_eq!(head.headers.keys().collect::<Vec<_>>(), ["date"]);
}

#[tokio::test]
async fn what_has_no_body_has_none_and_what_has_one_says_its_length() {
    let sender = http2(Handler::new(async |request: Request| {
        let mut response = text("hello");
        *response.status_mut() = request.uri().path()[1..].parse().unwrap();
        response
    }))
    .await;
    for (method, path, length, body) in [
        ("GET", "/200", Some("5"), "hello"),
        ("HEAD", "/200", None, ""),
        ("GET", "/204", None, ""),
        ("GET", "/304", None, ""),
        ("GET", "/404", Some("5"), "hello"),
    ] {
        let mut request = get(path);
        *request.method_mut() = method.parse().unwrap();
        let (head, got, _) = ask(&sender, request).await.unwrap();
        assert_eq!(head.status.as_str(), &path[1..]);
        let found = head
            .headers
            .get("content-length")
            .map(|length| length.to_str().unwrap());
        assert_eq!((found, got.as_ref()), (length, body.as_bytes()), "{method} {path}");
        assert!(head.headers.contains_key("date"));
    }
    let reset = ask(&sender, get("/101")).await.unwrap_err();
    assert_eq!(reset.reason(), Some(Reason::INTERNAL_ERROR));
}

#[tokio::test]
async fn a_stop_lets_streams_end() {
    let drain = Drain::default();
    let go = Arc::new(Notify::new());
    let (begun, waits) = (Arc::new(Notify::new()), go.clone());
    let begins = begun.clone();
    let handler = Handler::new(move |_| {
        let (begins, waits) = (begins.clone(), waits.clone());
        async move {
            begins.notify_one();
            waits.notified().await;
            text("hello")
        }
    });
    let stream = connect(handler, limits(), drain.clone());
    let (sender, connection) = client::handshake::<_>(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let (response, _) = sender
        .clone()
        .ready()
        .await
        .unwrap()
        .send_request(get("/"), true)
        .unwrap();
    begun.notified().await;
    drain.start();
    while sender.clone().ready().await.is_ok() {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    assert_eq!(read(response).await.unwrap().1, "hello");
    drop(sender);
    connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_connection_that_waits_is_small() {
    let door = Door::new("test", Handler::new(async |_| text("")), limits(), Drain::default());
    let place = Arc::new(Semaphore::new(1)).acquire_owned().await.unwrap();
    let (_client, server) = duplex(1);
    let bytes = size_of_val(&serve(&door, server, PEER, place));
    assert!(bytes < 8 << 10, "{bytes}");
}
