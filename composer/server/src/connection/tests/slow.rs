//! Clients that take what they asked for slowly, or not at all.

use super::*;

/// A body of so many frames of a kilobyte, and what tells that its last one has been asked for.
fn told_at_its_end(frames: usize) -> (Body, Arc<Notify>) {
    let ended = Arc::new(Notify::new());
    let told = ended.clone();
    let frames = (0..frames).map(|_| Frame::data(Bytes::from_static(&[b'x'; 1 << 10])));
    let trailers = std::iter::once_with(move || {
        told.notify_one();
        Frame::trailers(HeaderMap::from_iter([(
            http::header::ETAG,
            HeaderValue::from_static("\"1\""),
        )]))
    });
    let frames = futures_util::stream::iter(frames.chain(trailers).map(Ok::<_, Infallible>));
    (Body::new(StreamBody::new(frames)), ended)
}

fn once(body: Body) -> Handler {
    let body = std::sync::Mutex::new(Some(body));
    Handler::new(move |_| {
        let body = body.lock().unwrap().take().unwrap();
        async move { Response::new(body) }
    })
}

#[tokio::test(start_paused = true)]
async fn what_made_a_response_is_done_with_before_a_slow_client_is() {
    let (body, ended) = told_at_its_end(100);
    let sender = http2(once(body)).await;
    let mut asked = sender.clone().ready().await.unwrap();
    let (response, _) = asked.send_request(get("/"), true).unwrap();
    let response = response.await.unwrap();
    let in_time = tokio::time::timeout(limits().write_stall / 2, ended.notified()).await;
    assert!(in_time.is_ok(), "the client has taken nothing, and its window is full");
    let mut body = response.into_body();
    let mut got = 0;
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        got += data.len();
    }
    assert_eq!(got, 100 << 10);
    assert!(body.trailers().await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_taken_in_drops_is_reset() {
    const DROP: usize = 100;
    let stream = connect(
        Handler::new(async |_| Response::new(Body::from(vec![b'x'; 1 << 20]))),
        limits(),
        Drain::default(),
    );
    let mut client = client::Builder::new();
    client.initial_window_size(2 * u32::try_from(DROP).unwrap());
    let (sender, connection) = client.handshake::<_, Bytes>(stream).await.unwrap();
    tokio::spawn(connection);
    let begun = Instant::now();
    let mut asked = sender.clone().ready().await.unwrap();
    let (response, _) = asked.send_request(get("/"), true).unwrap();
    let mut body = response.await.unwrap().into_body();
    let reset = loop {
        match body.data().await.unwrap() {
            Ok(data) => {
                sleep(limits().write_stall / 2).await;
                let _ = body.flow_control().release_capacity(data.len());
            }
            Err(reset) => break reset,
        }
        assert!(begun.elapsed() < 5 * limits().write_stall, "it is served on");
    };
    assert_eq!(reset.reason(), Some(Reason::CANCEL));
}

#[tokio::test]
async fn a_response_is_made_no_faster_than_it_is_taken() {
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let sender = http2(Handler::new(move |request: Request| {
        let made = counted.clone();
        async move {
            if request.uri().path() == "/nothing" {
                return StatusCode::NO_CONTENT.into_response();
            }
            let frames = futures_util::stream::repeat_with(move || {
                made.fetch_add(1 << 10, Relaxed);
                Ok::<_, Infallible>(Bytes::from_static(&[b'x'; 1 << 10]))
            });
            Response::new(Body::from_stream(frames))
        }
    }))
    .await;
    let mut asked = sender.clone().ready().await.unwrap();
    let (response, _) = asked.send_request(get("/"), true).unwrap();
    let mut body = response.await.unwrap().into_body();
    let mut got = 0;
    while got < WINDOW {
        got += body.data().await.unwrap().unwrap().len();
    }
    for _ in 0..100 {
        assert_eq!(ask(&sender, get("/nothing")).await.unwrap().0.status, 204);
    }
    // What is under way, what waits for its turn, and a frame.
    let most = WINDOW + sending::SEND_BYTES + (1 << 10);
    assert!((WINDOW..=most).contains(&made.load(Relaxed)), "{made:?}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_is_left() {
    let limits = limits();
    let handler = Handler::new(|_| std::future::pending::<Response>());
    let mut stream = connect(handler, limits.clone(), Drain::default());
    let begun = Instant::now();
    // A preface, settings, and a request: HEADERS of stream 1 with `:method GET`, `:scheme http`, `:path /`, no authority.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
    stream
        .write_all(&[0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84])
        .await
        .unwrap();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).await.unwrap();
    assert_eq!(begun.elapsed().as_secs(), (limits.idle + limits.head).as_secs());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_takes_is_reset() {
    let sender = http2(Handler::new(async |_| Response::new(Body::from(vec![b'x'; 1 << 20])))).await;
    let begun = Instant::now();
    let (response, _) = sender
        .clone()
        .ready()
        .await
        .unwrap()
        .send_request(get("/"), true)
        .unwrap();
    let mut body = response.await.unwrap().into_body();
    let reset = loop {
        match body.data().await.unwrap() {
            Ok(_) => {}
            Err(reset) => break reset,
        }
    };
    assert_eq!(reset.reason(), Some(Reason::CANCEL));
    assert_eq!(begun.elapsed().as_secs(), limits().write_stall.as_secs());
}
