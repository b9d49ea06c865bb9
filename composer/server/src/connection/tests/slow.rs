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
