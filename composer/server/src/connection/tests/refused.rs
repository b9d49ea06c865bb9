//! Requests that are turned away before hyper sees them.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::handler::Gate;

const REFUSAL: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\nno";

/// Turns all away but `/file`, while it is shut.
#[derive(Default)]
struct Shut {
    is_shut: AtomicBool,
    refused: AtomicUsize,
}

impl Gate for Shut {
    fn turns_away(&self) -> bool {
        self.is_shut.load(Relaxed)
    }

    fn refusal(&self, path: &str) -> Option<Bytes> {
        let is_refused = path != "/file";
        self.refused.fetch_add(is_refused.into(), Relaxed);
        is_refused.then(|| Bytes::from_static(REFUSAL.as_bytes()))
    }
}

/// One kept connection, on which one request was answered.
struct Visit {
    gate: Arc<Shut>,
    client: DuplexStream,
}

impl Visit {
    async fn begin() -> Self {
        Self::begin_by(Handler::new(async |request: Request| {
            let bytes = request.into_body().collect().await.unwrap().to_bytes();
            format!("ok {}", bytes.len()).into_response()
        }))
        .await
    }

    async fn begin_by(handler: Handler) -> Self {
        let gate = Arc::new(Shut::default());
        let client = connect(handler.behind(gate.clone()), limits(), Drain::default());
        let mut visit = Self { gate, client };
        visit.send(&get("/")).await;
        assert_eq!(visit.reads(2).await, "ok");
        visit.gate.is_shut.store(true, Relaxed);
        visit
    }

    async fn send(&mut self, bytes: &str) {
        self.client.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// The last `len` of what comes, up to the end of a body of three.
    async fn reads(&mut self, len: usize) -> String {
        let mut came = String::new();
        while !came.contains("\r\n\r\n") || came.ends_with("\r\n\r\n") || came.ends_with("\r\n\r\nok ") {
            let mut some = [0; 1024];
            let read = self.client.read(&mut some).await.unwrap();
            assert!(read > 0, "closed after {came:?}");
            came += std::str::from_utf8(&some[..read]).unwrap();
        }
        let body = came.split("\r\n\r\n").nth(1).unwrap();
        body[..len].to_owned()
    }

    /// Sends, waits for the one reply, and tells its body's beginning, and how many were turned away at the gate.
    async fn ask(&mut self, bytes: &str) -> (String, usize) {
        self.gate.refused.store(0, Relaxed);
        self.send(bytes).await;
        let body = self.reads(2).await;
        (body, self.gate.refused.load(Relaxed))
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

fn refused() -> (String, usize) {
    ("no".into(), 1)
}

fn handled() -> (String, usize) {
    ("ok".into(), 0)
}

#[tokio::test]
async fn a_plain_request_on_a_kept_connection_is_told_so_at_the_door() {
    let mut visit = Visit::begin().await;
    for _ in 0..3 {
        assert_eq!(visit.ask(&get("/page?a=b")).await, refused());
    }
    assert_eq!(visit.ask(&get("/file?v=1")).await, handled());
    let kept = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nCookie: a=b\r\n\r\n";
    assert_eq!(visit.ask(kept).await, refused());
    visit.gate.is_shut.store(false, Relaxed);
    assert_eq!(visit.ask(&get("/")).await, handled());
}

#[tokio::test]
async fn whatever_else_it_is_goes_to_hyper() {
    for odd in [
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nContent-Length: 3\r\n\r\nabc",
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\r\n",
        "GET / HTTP/1.0\r\nhost: a\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        let mut visit = Visit::begin().await;
        assert_eq!(visit.ask(odd).await, handled(), "{odd:?}");
    }
    let many = "x-a: b\r\n".repeat(70);
    let odd = format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n");
    assert_eq!(Visit::begin().await.ask(&odd).await, handled());
    let huge = format!("GET / HTTP/1.1\r\nhost: a\r\nx-a: {}\r\n\r\n", "b".repeat(30_000));
    assert_eq!(Visit::begin().await.ask(&huge).await, handled());
}

#[tokio::test]
async fn two_requests_at_once_go_to_hyper() {
    let mut visit = Visit::begin().await;
    visit.send(&get("/").repeat(2)).await;
    let mut came = String::new();
    while came.matches("\r\n\r\nok 0").count() < 2 {
        let mut some = [0; 1024];
        let read = visit.client.read(&mut some).await.unwrap();
        came += std::str::from_utf8(&some[..read]).unwrap();
    }
    assert_eq!(visit.gate.refused.load(Relaxed), 0);
    assert_eq!(visit.ask(&get("/")).await, refused());
}

#[tokio::test]
async fn a_head_in_parts_goes_to_hyper_and_the_next_is_told_so_again() {
    let mut visit = Visit::begin().await;
    let head = get("/");
    for at in 1..head.len() - 1 {
        visit.gate.refused.store(0, Relaxed);
        visit.send(&head[..at]).await;
        tokio::task::yield_now().await;
        assert_eq!(visit.ask(&head[at..]).await, handled(), "{at}");
        assert_eq!(visit.ask(&head).await, refused(), "{at}");
    }
}

#[tokio::test]
async fn a_body_is_no_request_whatever_it_looks_like() {
    let body = get("/");
    let mut visit = Visit::begin_by(Handler::new(async |_: Request| "ok.".into_response())).await;
    let head = format!("GET / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    assert_eq!(visit.ask(&head).await, handled(), "answered before its body has come");
    // It may be closed by now.
    let _ = visit.client.write_all(body.as_bytes()).await;
    let mut some = [0; 64];
    let read = tokio::time::timeout(Duration::from_millis(100), visit.client.read(&mut some));
    if let Ok(Ok(read)) = read.await {
        assert_eq!(read, 0, "a reply to a body");
    }
    assert_eq!(visit.gate.refused.load(Relaxed), 0);
}

#[tokio::test]
async fn after_an_upload_the_next_request_is_hypers_and_then_it_is_told_so_again() {
    let mut visit = Visit::begin().await;
    let upload = format!(
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n{}",
        4, "\r\n\r\n"
    );
    assert_eq!(visit.ask(&upload).await, handled());
    assert_eq!(visit.ask(&get("/")).await, handled());
    assert_eq!(visit.ask(&get("/")).await, refused());
}

#[tokio::test]
async fn replies_come_in_the_order_of_their_requests() {
    let go = Arc::new(Notify::new());
    let waits = Arc::clone(&go);
    let mut visit = Visit::begin_by(Handler::new(move |request: Request| {
        let waits = Arc::clone(&waits);
        async move {
            if request.uri().path() == "/file" {
                waits.notified().await;
            }
            "ok.".into_response()
        }
    }))
    .await;
    visit.send(&get("/file")).await;
    tokio::task::yield_now().await;
    visit.send(&get("/1")).await;
    tokio::task::yield_now().await;
    visit.send(&get("/2")).await;
    let none = tokio::time::timeout(Duration::from_millis(50), visit.client.read(&mut [0; 64])).await;
    assert!(none.is_err(), "nothing goes before the first");
    assert_eq!(visit.gate.refused.load(Relaxed), 0);
    go.notify_one();
    let mut came = String::new();
    while came.matches("ok.").count() < 3 {
        let mut some = [0; 1024];
        let read = visit.client.read(&mut some).await.unwrap();
        came += std::str::from_utf8(&some[..read]).unwrap();
    }
    assert!(!came.contains("503"), "{came}");
    assert_eq!(visit.ask(&get("/")).await, refused());
}

#[tokio::test]
async fn a_reply_that_is_not_all_written_is_not_cut_in_two() {
    let long = "x".repeat(300_000);
    let mut visit = Visit::begin_by(Handler::new(move |request: Request| {
        let body = if request.uri().path() == "/file" {
            long.clone()
        } else {
            "ok.".into()
        };
        async move { body.into_response() }
    }))
    .await;
    visit.send(&get("/file")).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    visit.send(&get("/next")).await;
    let mut came = vec![];
    while !came.ends_with(b"no") && !came.ends_with(b"ok.") {
        let mut some = [0; 16_384];
        let read = visit.client.read(&mut some).await.unwrap();
        assert!(read > 0);
        came.extend_from_slice(&some[..read]);
    }
    let text = String::from_utf8(came).unwrap();
    let next = text.rfind("HTTP/1.1").unwrap();
    let body = text[..next].split_once("\r\n\r\n").unwrap().1;
    assert!(body.len() == 300_000 && body.bytes().all(|byte| byte == b'x'));
}

#[tokio::test(start_paused = true)]
async fn who_reads_no_refusals_is_left() {
    let mut visit = Visit::begin().await;
    let asking = async {
        loop {
            if visit.client.write_all(get("/").as_bytes()).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let began = Instant::now();
    asking.await;
    assert_eq!(began.elapsed().as_secs(), limits().write_stall.as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_activity() {
    let mut visit = Visit::begin().await;
    for _ in 0..5 {
        sleep(Duration::from_secs(50)).await;
        assert_eq!(visit.ask(&get("/")).await, refused());
    }
    let left = Instant::now();
    assert_eq!(visit.client.read(&mut [0; 8]).await.unwrap(), 0);
    assert_eq!(left.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn http2_goes_to_the_handler() {
    let gate = Arc::new(Shut::default());
    gate.is_shut.store(true, Relaxed);
    let handler = Handler::new(async |_: Request| "ok.".into_response());
    let sender = http2(handler.behind(gate.clone())).await;
    let (head, ..) = ask(&sender, super::get("/")).await.unwrap();
    assert_eq!((head.status, gate.refused.load(Relaxed)), (StatusCode::OK, 0));
}
